"""What has become of a failover: the item `failover` of this site's table, by which another execution goes on where one ended.

Attributes, beside those of the dataclass: for each step `began_<step>`, when it was first looked at, and `ended_<step>`, when
it was through, in epoch seconds; `clock_<step>`, from when its time counts, which begins anew with each attempt;
`said_<step>`, in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, get_args

from failover.models import Mode
from failover.table import Item
from shared.items import Value

ITEM: Final = "failover"
State = Literal["running", "undone", "done", "asking", "stopped"]
"""`undone`: given up before anything was changed for good. `asking`: a person has to answer. `stopped`: given up after the point
of no return; it can only be continued."""
FINAL: Final[tuple[State, ...]] = ("undone", "done")
PER_STEP: Final = ("began_", "ended_", "clock_", "said_")


@dataclass(frozen=True, slots=True)
class Record:
    """One failover, from its first execution to its end. Times are epoch seconds."""

    id: str
    """Name of its first execution; of the records and messages about it."""
    mode: Mode
    execution: str
    """ARN of the one that is, or was, at work on it."""
    state: State
    because: str
    by: str
    from_region: str
    to_region: str
    detected_at: float
    """When its first execution began."""
    no_return_at: float | None = None
    """From when on it can only go forward: before the promotion is asked for."""
    epoch: int | None = None
    """Of the lease that this site took."""
    replayed_to: float | None = None
    written_until: float | None = None
    """See failover.loss."""
    failed_at: float | None = None
    """Last moment at which the lost site is known to have been at work."""
    failed_step: str | None = None
    failed_because: str | None = None
    questions: int = 0
    """Asked so far."""
    approved_by: str | None = None
    watched_from: float | None = None
    """What was seen before does not count: this site itself had its hand in it."""
    fenced_at: float | None = None
    """Since when nobody writes in the other site; of a switchover."""
    fenced_position: str | None = None
    """Where its write-ahead log ended then."""
    files_as_of: float | None = None
    """What was written to files until then is here."""
    notes: str | None = None
    """What is not as it should be, though the failover went through."""
    steps: Mapping[str, Value] = field(default_factory=dict)
    """Attributes by step."""
    serial: int = 0

    @property
    def past_no_return(self) -> bool:
        """Whether there is no way back."""
        return self.no_return_at is not None

    @property
    def unfinished(self) -> bool:
        """Whether somebody has to go on with it, or to undo it."""
        return self.state not in FINAL

    def ended(self, step: str) -> float | None:
        """When `step` was through."""
        return _number(self.steps.get(f"ended_{step}"))

    def began(self, step: str) -> float | None:
        """When it was first looked at."""
        return _number(self.steps.get(f"began_{step}"))

    def clock(self, step: str) -> float | None:
        """From when on its time counts."""
        return _number(self.steps.get(f"clock_{step}"))

    def looked(self, step: str, now: float) -> Record:
        """With `step` begun."""
        began = {f"began_{step}": self.began(step) or now, f"clock_{step}": self.clock(step) or now}
        return replace(self, steps={**self.steps, **began})

    def through(self, step: str, now: float, said: str) -> Record:
        """With `step` at its end."""
        return replace(self, steps={**self.steps, f"ended_{step}": now, f"said_{step}": said})

    def anew(self, execution: str) -> Record:
        """For another attempt: what was through stays so, and every other step has all of its time."""
        kept = {name: value for name, value in self.steps.items() if not name.startswith("clock_")}
        return replace(self, execution=execution, state="running", steps=kept, failed_step=None, failed_because=None)

    def item(self) -> Item:
        """As it stands in the table."""
        named = {name: getattr(self, name) for name in FIELDS}
        return {**{name: value for name, value in named.items() if value is not None}, **self.steps}


FIELDS: Final = tuple(name for name in Record.__dataclass_fields__ if name != "steps")


def record(item: Item) -> Record:
    """From the item."""
    known: dict[str, Any] = {name: item[name] for name in FIELDS if name in item}
    steps = {name: value for name, value in item.items() if name.startswith(PER_STEP)}
    found = Record(**known, steps=steps)
    if found.state not in get_args(State):
        raise ValueError(f"the record of the failover is {found.state!r}")
    return found


def _number(value: Value) -> float | None:
    return None if value is None else float(value)
