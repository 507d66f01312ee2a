"""What is wrong with a version, request by request. Real users meet it; a smoke test has no user and does not."""

from __future__ import annotations

import random
from typing import Final

ERROR_SHARE: Final = 0.08
EXTRA_SECONDS: Final = 2.0
"""Virtual, like every latency here: the hooks measure by the rehearsal's clock, and the metrics are of it."""

SICK_AFTER: Final = 150
"""Requests of users that a task of the version `unhealthy-later` answers before its readiness check fails."""

LEAK_SECONDS: Final = 0.02
"""Virtual: by how much each request makes the next ones of the version `leaks` slower."""

FULL_AFTER: Final = 350
"""Requests of users after which a task of the version `leaks` answers 500: it has no memory left."""


class Faults:
    """Counts the users' requests of one task, and says what becomes of each."""

    def __init__(self, behaviour: str) -> None:
        self._behaviour = behaviour
        self._count = 0

    def extra_seconds(self) -> float:
        """How much longer this request of a user takes, virtual seconds."""
        self._count += 1
        if self._behaviour == "slow":
            return EXTRA_SECONDS
        if self._behaviour == "leaks":
            return min(self._count, FULL_AFTER) * LEAK_SECONDS
        return 0.0

    def fails(self) -> bool:
        """Whether this request of a user ends in 500."""
        if self._behaviour == "errors":
            return random.random() < ERROR_SHARE  # noqa: S311  # a die, not a secret
        return self._behaviour == "leaks" and self._count > FULL_AFTER

    @property
    def ready(self) -> bool:
        """Whether it says of itself that it may have requests."""
        return not (self._behaviour == "unhealthy-later" and self._count > SICK_AFTER)
