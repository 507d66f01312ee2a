"""The item `signals` of this site's table: what it saw of the other one during the last minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from failover.signals import Observation
from failover.table import Table

ITEM: Final = "signals"
KEPT_SECONDS: Final = 900.0
"""Longer than any window (spec: at most ten failures, a minute apart)."""


def read(table: Table) -> Sequence[Observation]:
    """Oldest first."""
    item = table.read(ITEM)
    return () if item is None else msgspec.json.decode(str(item["observations"]), type=list[Observation])


def add(table: Table, observation: Observation) -> Sequence[Observation]:
    """With `observation`, and without what is too old. Of two that write at the same time, one is lost."""
    item = table.read(ITEM)
    known = [] if item is None else msgspec.json.decode(str(item["observations"]), type=list[Observation])
    kept = [each for each in known if observation.at - KEPT_SECONDS < each.at < observation.at]
    told = msgspec.json.encode([*kept, observation]).decode()
    table.put(ITEM, {"observations": told}, instead_of=item)
    return [*kept, observation]
