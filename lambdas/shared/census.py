"""What a database, a bucket or a file system holds: counted, sampled, and never its content."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from shared.told import Told


class Unreadable(Told):
    """What was restored cannot be read; says which part and why."""


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A table, the objects of a bucket, or the files of a file system."""

    count: int
    """Rows, objects or files."""
    estimated: bool = False
    """Whether `count` is what the store supposes, because counting would take too long."""
    newest: float | None = None
    """Epoch seconds of the newest time stamp in it; None where nothing bears one."""
    sample: Mapping[str, str] = {}
    """SHA-256 of some rows, objects or files, by their key."""
    recent: Mapping[str, float] = {}
    """Of objects and files: the newest by their key, with the time at which they were written. A copy has times of its own."""


class Census(msgspec.Struct, frozen=True):
    """Everything, at one moment."""

    taken_at: float
    """Epoch seconds."""
    parts: Mapping[str, Part]


def newest(census: Census) -> float | None:
    """Of all parts."""
    return max((part.newest for part in census.parts.values() if part.newest is not None), default=None)
