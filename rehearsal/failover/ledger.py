"""What was acknowledged, what the databases hold, and what follows from that: exact, write by write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from rehearsal.clock import Clock
from rehearsal.failover.databases import Committed
from rehearsal.release.load.record import read

USERS: Final = "users"
OK: Final = 200
QUIET_SECONDS: Final = 15.0
"""Virtual: users who get no acknowledgement for longer than that are not served."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One write; `sent` and `at` are virtual epochs."""

    writer: str
    number: int
    sent: float
    at: float


def of_users(file: Path, clock: Clock) -> list[Acknowledged]:
    """From the file of the load."""
    return [
        Acknowledged(USERS, one.user, _virtual(clock, one.epoch), _virtual(clock, one.epoch + one.milliseconds / 1000))
        for one in read(file)
        if one.status == OK
    ]


def of_workers(files: Iterable[Path], clock: Clock) -> list[Acknowledged]:
    """From the files of workers; a last line that was cut off was no acknowledgement."""
    found = []
    for file in files:
        for line in file.read_text().split("\n")[:-1]:
            writer, number, sent, at = line.split("\t")
            found.append(Acknowledged(writer, int(number), _virtual(clock, float(sent)), _virtual(clock, float(at))))
    return found


def _virtual(clock: Clock, real: float) -> float:
    return clock.virtual_origin + (real - clock.real_origin) * clock.speed


def missing(acknowledged: Iterable[Acknowledged], held: Iterable[Committed]) -> list[Acknowledged]:
    """What was acknowledged and is not held, oldest first."""
    there = {(one.writer, one.number) for one in held}
    return sorted((one for one in acknowledged if (one.writer, one.number) not in there), key=lambda one: one.at)


@dataclass(frozen=True, slots=True)
class Tenure:
    """When a server took writes: its first and last commit, virtual epochs."""

    server: int
    first: float
    last: float


def tenures(held: Iterable[Committed]) -> list[Tenure]:
    """Of each server, by all that any of them holds; the earliest first."""
    moments: dict[int, list[float]] = {}
    for one in held:
        moments.setdefault(one.server, []).append(one.at)
    return sorted((Tenure(server, min(of), max(of)) for server, of in moments.items()), key=lambda one: one.first)


def overlap_seconds(found: Sequence[Tenure]) -> float:
    """The longest time for which two servers took writes; negative or 0 where none did."""
    return max(
        (earlier.last - later.first for index, later in enumerate(found) for earlier in found[:index]), default=0.0
    )


def outages(moments: Iterable[float], since: float, until: float) -> list[tuple[float, float]]:
    """Spans between acknowledgements in which users were not served, from a moment on."""
    ordered = sorted(moment for moment in moments if moment <= until)
    before = [moment for moment in ordered if moment <= since]
    points = [*(before[-1:] or [since]), *(moment for moment in ordered if moment > since), until]
    pairs = pairwise(points)
    return [(max(begin, since), end) for begin, end in pairs if end - max(begin, since) > QUIET_SECONDS]
