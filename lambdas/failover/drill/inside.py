"""Entry of the function that asks databases and tasks in a drill: it lies in the VPC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from failover.drill.look import Step, look
from failover.drill.opening import admit
from failover.drill.point import point
from failover.drill.verification import verify

STEPS: Final[Mapping[str, Step]] = {"point": point, "open": admit, "verify": verify}


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes both
    """One look of one step."""
    return look(event, STEPS)
