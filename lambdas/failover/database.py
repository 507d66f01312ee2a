"""Entry of the function that asks this site's database: it lies in the VPC, and changes nothing there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from failover.look import Step, look
from failover.steps.gate import catch_up, gate
from failover.steps.open import opened
from failover.steps.promote import promoted

STEPS: Final[Mapping[str, Step]] = {"gate": gate, "catch_up": catch_up, "promoted": promoted, "open": opened}


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes both
    """One look of one step."""
    return look(event, STEPS)
