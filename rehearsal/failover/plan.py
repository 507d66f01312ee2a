"""What is rehearsed: which fault, when, and how fast."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

FaultName = Literal[
    "dark",
    "returns",
    "split",
    "split-from-both",
    "split-from-stand-in",
    "split-from-cdn",
    "split-but-witness",
    "flapping",
    "slow-death",
    "behind",
    "lag",
    "hanging-promotion",
    "no-capacity",
    "killed",
    "two-alarms",
    "witness-dark",
    "both-dark",
    "stand-in-dark",
    "switchover",
]
FAULTS: Final[tuple[FaultName, ...]] = get_args(FaultName)

Step = Literal[
    "assess",
    "lock",
    "approve",
    "gate",
    "fence",
    "catch_up",
    "take",
    "promote",
    "promoted",
    "open",
    "scale",
    "files",
    "switch",
    "verify",
    "report",
]
STEPS: Final[tuple[Step, ...]] = get_args(Step)
"""Of the state machine, in their order (constructs/understudy/failover_workflow.py)."""

AT_A_STEP: Final[frozenset[FaultName]] = frozenset(
    {"returns", "hanging-promotion", "killed", "two-alarms", "witness-dark", "stand-in-dark", "dark", "split"}
)
"""Faults that can strike while a step is at work: `dark` and `split` in a switchover, the others in a failover."""
LAST_STEP: Final[Mapping[FaultName, Step]] = {"hanging-promotion": "promoted"}
"""Beyond which a failover with this fault never comes."""
SPEED: Final = 8.0
"""Fifteen minutes in two. Faster, and a function's start on a small machine is no longer short beside a heartbeat."""
LATEST_SECONDS: Final = 60.0
"""Virtual: by when a fault strikes that strikes at a random moment; longer than a lease, a heartbeat and a probe."""


def steps_of(fault: FaultName) -> tuple[Step, ...]:
    """Those at which it can strike."""
    last = STEPS.index(LAST_STEP.get(fault, STEPS[-1]))
    return STEPS[: last + 1] if fault in AT_A_STEP else ()


def state(step: Step) -> str:
    """The state of the machine at which a step begins."""
    return "".join(part.capitalize() for part in step.split("_"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One rehearsal. `at`: a step, or virtual seconds from the moment at which all is well."""

    fault: FaultName = "dark"
    at: Step | float = 0.0
    speed: float = SPEED
    rate: float = 20.0
    """Writes of users in a real second."""
    seed: int | None = None
    """By which it was drawn."""

    @property
    def title(self) -> str:
        """In a few words."""
        return f"{self.fault} {self.when}"

    @property
    def when(self) -> str:
        """In a few words."""
        return f"at the step {self.at}" if isinstance(self.at, str) else f"after {self.at:.0f} s"


def drawn(seed: int, speed: float = SPEED) -> Plan:
    """A fault at a moment, as the die of `seed` has it."""
    die = random.Random(seed)  # noqa: S311  # a die, not a secret
    fault = die.choice(FAULTS)
    at: Step | float = round(die.uniform(0, LATEST_SECONDS), 1)
    steps = steps_of(fault)
    if steps and die.random() < 0.7:
        at = die.choice(steps)
    return Plan(fault=fault, at=at, speed=speed, seed=seed)


def moment(text: str) -> Step | float:
    """What a person says on the command line. Raises ValueError."""
    if text in STEPS:
        return text
    return float(text)
