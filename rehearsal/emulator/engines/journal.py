"""What has happened in the emulator that a rehearsal wants to tell of, or to wait for: entries, numbered from 0."""

import threading
from typing import Any

from rehearsal.emulator.engines.setting import SETTING

_ENTRIES: list[dict[str, Any]] = []
_LOCK = threading.Lock()


def note(kind: str, region: str, text: str, **details: Any) -> None:  # noqa: ANN401  # JSON
    """Add an entry; nothing happens in an emulator that is not played."""
    if SETTING.played:
        entry = {"epoch": SETTING.clock.epoch(), "kind": kind, "region": region, "text": text, **details}
        with _LOCK:
            _ENTRIES.append(entry)


def since(number: int) -> list[dict[str, Any]]:
    """Return the entries from this number on."""
    with _LOCK:
        return list(_ENTRIES[number:])
