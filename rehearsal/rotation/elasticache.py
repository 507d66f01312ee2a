"""ElastiCache's users: a change is accepted at once, and reaches the cluster's nodes a while later, one after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.elasticache.responses import ElastiCacheResponse

MOST_PASSWORDS: Final = 2
DELAY_SECONDS: Final = 0.1
"""Real: until the first node hears of it. In AWS it takes some ten seconds to two minutes."""


class Users:
    """Answers ModifyUser within `mock_aws`, by telling `spread` the user's name and its passwords."""

    def __init__(self, spread: Callable[[str, Sequence[str]], None]) -> None:
        self._spread = spread
        self._under_way: list[threading.Thread] = []
        self.failures: list[str] = []
        # moto finds an operation by its name among the methods of the class. A bound method would not be given the response.
        setattr(ElastiCacheResponse, "modify_user", lambda response: self._modify(response))  # noqa: B010, PLW0108

    def settle(self) -> None:
        """Wait until the nodes have heard of everything."""
        while self._under_way:
            self._under_way.pop().join()

    def _modify(self, response: ElastiCacheResponse) -> ActionResult:
        user: Any = response.elasticache_backend.describe_users(response._get_param("UserId"))[0]  # noqa: SLF001
        passwords = list(response._get_params().get("Passwords") or [])  # noqa: SLF001
        if user.status != "active":
            raise _refused("InvalidUserState", f"User {user.id} is {user.status}")
        if not 1 <= len(passwords) <= MOST_PASSWORDS or len(set(passwords)) != len(passwords):
            raise _refused("InvalidParameterValue", "A user has one or two passwords")
        user.passwords, user.status = passwords, "modifying"
        thread = threading.Thread(target=self._apply, args=(user, passwords), name="modify-user", daemon=True)
        self._under_way.append(thread)
        thread.start()
        return ActionResult(user)

    def _apply(self, user: Any, passwords: Sequence[str]) -> None:  # noqa: ANN401 - moto's
        time.sleep(DELAY_SECONDS)
        try:
            self._spread(user.name, passwords)
        except Exception as failure:  # noqa: BLE001 - a thread's end must not go unnoticed
            self.failures.append(f"the nodes could not be told: {type(failure).__name__}")
        user.status = "active"


def _refused(code: str, message: str) -> ServiceException:
    return ServiceException(code, message)
