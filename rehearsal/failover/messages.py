"""What people are told of a failover, by the subjects of the messages (lambdas/failover/messages.py, steps/report.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

WAITING: Final = "failover waits for you"
"""An execution is at work, and somebody has to decide."""
GIVEN_UP: Final = "not failed over"
"""An execution has ended with nothing changed; the alarm may begin another one."""
ASKING: Final = (WAITING, GIVEN_UP, "failover stopped")
"""Somebody has to decide, of an execution that waits or of one that has ended."""
DONE: Final = ("has taken over from",)
"""Nobody has to any more."""


def of_a_failover(subjects: Sequence[str]) -> list[str]:
    """Those that are of a failover, and not of an alarm or anything else."""
    return [text for text in subjects if any(words in text for words in (*ASKING, *DONE))]


def waits(subjects: Sequence[str]) -> bool:
    """Whether the last thing that people heard of the failover is that it waits for them."""
    return WAITING in "".join(of_a_failover(subjects)[-1:])


def asks(subjects: Sequence[str]) -> bool:
    """Whether the last thing that people heard of the failover is that they have to decide."""
    heard = of_a_failover(subjects)
    return bool(heard) and any(words in heard[-1] for words in ASKING)
