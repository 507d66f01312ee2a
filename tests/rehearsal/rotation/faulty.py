"""A short rehearsal with a rotation function that has a fault."""

from __future__ import annotations

from pathlib import Path

from rehearsal.rotation.outcome import Outcome
from rehearsal.rotation.plan import EngineName, Plan
from rehearsal.rotation.rehearsing import rehearse


def outcome_with(fault: str, engine: EngineName, *, rotations: int = 2, keep: Path | None = None) -> Outcome:
    """What comes of it; `fault`: the name of a function in faults.py."""
    plan = Plan(engine=engine, rotations=rotations, handler=f"tests.rehearsal.rotation.faults:{fault}")
    return rehearse(plan, progress=lambda _: None, keep=keep)
