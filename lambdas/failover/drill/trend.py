"""What became of the drills before: the item `drills` of this site's table, newest last, and the item `drill#<id>` of each."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from failover.table import Table

ITEM: Final = "drills"
"""Attributes `since`, from when on drills were looked after, and `drills`, a list as JSON."""
KEPT: Final = 60
"""Five years of monthly ones."""
DAY_SECONDS: Final = 86_400.0


class Held(msgspec.Struct, frozen=True):
    """One drill of the trend. Its whole report is the item `drill#<id>`, and `drill/<id>.json` in the bucket of records."""

    id: str
    began_at: float
    state: Literal["held", "missed", "failed"]
    recovery_seconds: float | None
    """None of one that failed."""
    promotion_seconds: float | None
    lost_seconds: float | None


class Trend(msgspec.Struct, frozen=True):
    """All that is kept."""

    since: float
    """Epoch seconds."""
    drills: list[Held] = []

    def age_days(self, now: float) -> float:
        """Since the last one that went through; before the first, since anybody looked after them."""
        through = [each.began_at for each in self.drills if each.state != "failed"]
        return (now - max(through, default=self.since)) / DAY_SECONDS


def read(table: Table, now: float) -> Trend:
    """As it stands; begun if it does not."""
    item = table.read(ITEM)
    if item is not None:
        return msgspec.json.decode(str(item["drills"]), type=Trend)
    begun = Trend(now)
    table.put(ITEM, {"drills": msgspec.json.encode(begun).decode()}, instead_of=None)
    return begun


def add(table: Table, held: Held, now: float) -> bool:
    """With `held`, once. Whether it stands there."""
    read(table, now)
    item = table.read(ITEM) or {}
    known = msgspec.json.decode(str(item["drills"]), type=Trend)
    if any(each.id == held.id for each in known.drills):
        return True
    kept = [*known.drills, held][-KEPT:]
    told = msgspec.json.encode(Trend(known.since, kept)).decode()
    return table.put(ITEM, {"drills": told}, instead_of=item)
