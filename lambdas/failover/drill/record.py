"""What is known about the newest drill: the item `drill` of this site's table, by which whoever comes next finds what it left.

Attributes `execution` and `state` for people, and `drill`, the whole as JSON.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from failover.table import Item

ITEM: Final = "drill"
State = Literal["running", "held", "missed", "failed"]
"""`held`: every step went through, within the objectives. `missed`: they went through, and an objective was not met. `failed`:
one did not."""


class Drill(msgspec.Struct, frozen=True):
    """One drill. Times are epoch seconds."""

    id: str
    """Name of its execution."""
    execution: str
    """ARN."""
    by: str
    because: str
    began_at: float
    state: State = "running"
    began: dict[str, float] = {}
    """By step: when it was first looked at."""
    ended: dict[str, float] = {}
    """By step: when it was through."""
    said: dict[str, str] = {}
    measured: dict[str, float] = {}
    """Seconds, by the term of the recovery time."""
    lost_seconds: float | None = None
    """What a failover at that moment would have had to reckon with."""
    snapshot: str = ""
    snapshot_at: float | None = None
    promotion_asked_at: float | None = None
    tasks: dict[str, str] = {}
    """ARNs by service."""
    addresses: dict[str, str] = {}
    """Private addresses of the tasks, by service."""
    failed_step: str = ""
    failed_because: str = ""
    removed_at: float | None = None
    """Since when nothing of it is left."""
    ended_at: float | None = None

    @property
    def at_work(self) -> bool:
        """Whether it has come to no end, as far as it could write that down itself."""
        return self.state == "running"

    @property
    def item(self) -> Item:
        """As it stands in the table."""
        return {"execution": self.execution, "state": self.state, "drill": msgspec.json.encode(self).decode()}


def drill(item: Item) -> Drill:
    """From the item."""
    return msgspec.json.decode(str(item["drill"]), type=Drill)
