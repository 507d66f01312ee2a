"""What says whether the active site is lost: four signals, each of which may be wrong alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import msgspec

Says = Literal["lost", "alive", "nothing"]
"""`nothing`: whoever asked could not tell, or nobody asked."""


class Observation(msgspec.Struct, frozen=True):
    """What the waiting site saw of the active one at one moment. Times are epoch seconds."""

    at: float
    probe: Literal["ready", "failing", "unknown"] = "unknown"
    """Of the active site's application, by the CDN's path that leads there whatever is active (failover.probe)."""
    heartbeat: float | None = None
    """`written_at` of the newest one that this site's replica has replayed; None where the replica could not be asked."""
    streaming: bool | None = None
    """Whether the replica is connected to the active site's database; None where it could not be asked."""
    lease_here: float | None = None
    """Until when the active site may write by this site's table; None where the table could not be read."""
    lease_witness: float | None = None
    """The same at the witness; None without one, or where it could not be read."""


@dataclass(frozen=True, slots=True)
class Watching:
    """How the waiting site looks (spec, `recovery`)."""

    probe_seconds: float
    probe_failures: int
    heartbeat_seconds: float
    lease_seconds: float
    witness: bool

    @property
    def window_seconds(self) -> float:
        """What a signal has to say the same throughout, before it counts as lost."""
        return self.probe_seconds * self.probe_failures

    @property
    def stale_seconds(self) -> float:
        """The newest observation must not be older: two may be late, or one missing."""
        return 3 * self.probe_seconds


@dataclass(frozen=True, slots=True)
class Signal:
    """One of them, and in words why."""

    name: Literal["probe", "guard", "replication", "health"]
    says: Says
    why: str


def read(observations: Sequence[Observation], now: float, watching: Watching) -> list[Signal]:
    """What they say at the epoch second `now`, by the observations of this site, oldest first."""
    if not observations or now - observations[-1].at > watching.stale_seconds:
        since = "at all" if not observations else f"for {now - observations[-1].at:.0f} s"
        blind = f"this site has not looked {since}"
        return [Signal(name, "nothing", blind) for name in ("probe", "guard", "replication")]
    window = _window(observations, watching)
    return [_probe(window, watching), _guard(window, now, watching), _replication(window, watching)]


def written(observations: Sequence[Observation], lease_seconds: float) -> float | None:
    """The last moment at which the active site is known to have been at work: its newest heartbeat here, or the beginning of
    its last renewal anywhere, or its last answer to a probe. None where nothing of it was ever seen.
    """
    signs = [
        sign
        for each in observations
        for sign in (
            each.heartbeat,
            *(until - lease_seconds for until in (each.lease_here, each.lease_witness) if until is not None),
            each.at if each.probe == "ready" else None,
        )
        if sign is not None
    ]
    return max(signs, default=None)


def _window(observations: Sequence[Observation], watching: Watching) -> list[Observation]:
    """The newest ones that the window reaches back to, one more included, so that they span all of it."""
    newest = observations[-1].at
    inside = [each for each in observations if newest - each.at < watching.window_seconds]
    before = len(observations) - len(inside)
    return [*observations[max(before - 1, 0) : before], *inside]


def _spans(window: Sequence[Observation], watching: Watching) -> bool:
    """Whether they are enough to say that something was so throughout, with no gap in which it may have been otherwise."""
    long_enough = window[-1].at - window[0].at >= watching.window_seconds - watching.probe_seconds
    gaps = [later.at - earlier.at for earlier, later in pairwise(window)]
    return long_enough and len(window) >= watching.probe_failures and max(gaps) <= watching.stale_seconds


def _probe(window: Sequence[Observation], watching: Watching) -> Signal:
    last = window[-1]
    if last.probe == "ready":
        return Signal("probe", "alive", "the application there answers")
    failures = [each for each in window if each.probe == "failing"]
    if len(failures) == len(window) and _spans(window, watching):
        return Signal("probe", "lost", f"the application there has failed {len(failures)} probes in a row")
    if last.probe == "unknown":
        return Signal(
            "probe", "nothing", "nothing was heard of the application there: the CDN was not reached, or refused"
        )
    return Signal("probe", "nothing", "the application there has failed, but not for long enough")


def _guard(window: Sequence[Observation], now: float, watching: Watching) -> Signal:
    """Heartbeat and lease, which one function there keeps up: together one signal."""
    last = window[-1]
    before, after = (written([_no_probe(each)], watching.lease_seconds) for each in (window[-2:][0], last))
    if before is not None and after is not None and after > before:
        return Signal("guard", "alive", f"its guard was at work {now - after:.0f} s ago")
    leases = [last.lease_here, last.lease_witness] if watching.witness else [last.lease_here]
    if None in leases:
        where = "this site's table" if last.lease_here is None else "the witness"
        return Signal("guard", "nothing", f"the lease could not be read in {where}")
    until = max(lease for lease in leases if lease is not None)
    if until >= now:
        return Signal("guard", "nothing", f"its lease runs for another {until - now:.0f} s")
    if not _spans(window, watching):
        return Signal("guard", "nothing", "its lease has run out, but nobody has looked for long enough")
    return Signal("guard", "lost", f"its lease ran out {now - until:.0f} s ago, and no heartbeat came since")


def _replication(window: Sequence[Observation], watching: Watching) -> Signal:
    last = window[-1]
    if last.streaming is None:
        return Signal("replication", "nothing", "this site's replica could not be asked")
    if last.streaming:
        return Signal("replication", "alive", "the replica is connected to the database there")
    if all(each.streaming is False for each in window) and _spans(window, watching):
        return Signal("replication", "lost", "the replica has had no connection to the database there")
    return Signal("replication", "nothing", "the replica's connection has ended, but not for long enough")


def _no_probe(observation: Observation) -> Observation:
    return msgspec.structs.replace(observation, probe="unknown")
