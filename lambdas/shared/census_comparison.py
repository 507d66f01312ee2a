"""A restored copy held against the manifest from before its backup.

Between manifest and backup the application goes on. So more is normal, a little less is; and of the sampled content only
what was the same in the manifest before, and so seems settled, has to be the same in the copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from shared.census import Census, Part, newest

HOUR: Final = 3600.0
SECOND: Final = 1.0
"""Time stamps of a store may be cut off to seconds."""


class Limits(msgspec.Struct, frozen=True):
    """`backup.restore_tests` of the spec."""

    fewer_percent: float
    changed_percent: float
    newest_hours: float | None = None


def faults(
    manifest: Census, before: Census | None, found: Census, *, backed_up_at: float, limits: Limits, unit: str
) -> list[str]:
    """What is wrong with a copy, in sentences; nothing if it is whole.

    `manifest`: the newest from before the backup. `before`: the one before that. `backed_up_at`: when the backup was taken,
    epoch seconds. `unit`: what is counted.
    """
    said = []
    for name, expected in manifest.parts.items():
        part = found.parts.get(name)
        if part is None:
            said.append(f"{name} is missing; the manifest has {expected.count} {unit} of it")
            continue
        said += _fewer(name, expected, part, limits, unit)
        settled = before.parts.get(name) if before else None
        if settled is not None:
            said += _changed(name, expected, settled, part, limits, unit)
        said += _recent(name, expected, part, limits, unit)
    said += _age(manifest, found, backed_up_at, limits, unit)
    return said


def _fewer(name: str, expected: Part, part: Part, limits: Limits, unit: str) -> Iterator[str]:
    least = expected.count * (1 - limits.fewer_percent / 100)
    if part.count < least:
        about = "about " if part.estimated or expected.estimated else ""
        yield f"{name} has {about}{part.count} {unit}; the manifest has {expected.count}"


def _changed(name: str, expected: Part, before: Part, part: Part, limits: Limits, unit: str) -> Iterator[str]:
    settled = {key: digest for key, digest in expected.sample.items() if before.sample.get(key) == digest}
    missing = [key for key in settled if key not in part.sample]
    other = [key for key, digest in settled.items() if part.sample.get(key, digest) != digest]
    if len(missing) + len(other) > len(settled) * limits.changed_percent / 100:
        yield (
            f"{name}: of {len(settled)} sampled {unit} that had not changed since the manifest before, "
            f"{len(missing)} are missing and {len(other)} are not the same"
        )


def _recent(name: str, expected: Part, part: Part, limits: Limits, unit: str) -> Iterator[str]:
    missing = expected.recent.keys() - part.recent.keys()
    if len(missing) > len(expected.recent) * limits.fewer_percent / 100:
        yield f"{name}: of the {len(expected.recent)} newest {unit} in the manifest {len(missing)} are missing"


def _age(manifest: Census, found: Census, backed_up_at: float, limits: Limits, unit: str) -> Iterator[str]:
    known, there = newest(manifest), newest(found)
    if known is None:
        return
    if there is None:
        yield f"none of the {unit} bears a time any more; the newest of the manifest is of {_time(known)}"
        return
    if there < known - SECOND:
        yield f"it is stale: the newest of its {unit} is of {_time(there)}, that of the manifest of {_time(known)}"
    hours = (backed_up_at - there) / HOUR
    if limits.newest_hours is not None and hours > limits.newest_hours:
        yield f"the newest of its {unit} was {hours:.1f} hours old when the backup was taken; {limits.newest_hours:g} are allowed"


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
