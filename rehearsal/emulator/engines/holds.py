"""Executions that are held as they enter a state, so that a rehearsal can break something at just that moment."""

import threading

from rehearsal.emulator.engines import journal

_WANTED: dict[tuple[str, str], threading.Event] = {}
_LOCK = threading.Lock()


def hold(machine: str, state: str) -> None:
    """Hold the next execution of a state machine, by name, that enters the state."""
    with _LOCK:
        _WANTED[machine, state] = threading.Event()


def release() -> None:
    """Let everybody go on, and hold nobody."""
    with _LOCK:
        for event in _WANTED.values():
            event.set()
        _WANTED.clear()


def pass_by(machine: str, state: str, region: str) -> None:
    """Return at once, or when the rehearsal says so."""
    with _LOCK:
        event = _WANTED.get((machine, state))
    if event is not None:
        journal.note("held", region, state, machine=machine)
        event.wait()
