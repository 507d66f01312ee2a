"""How many logins are live at the server itself: tried, all that ever were, by a thread of its own.

A login's life has one piece: it begins when the server is told, and ends for good. So logins are tried from the newest to
the oldest: all that are found were live together at the moment when the newest was tried.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from shared.login import Login

PAUSE_SECONDS: Final = 0.25
RECENT: Final = 3
"""The newest logins of a secret, which every look tries; of the others one, in turn, and all of them in the last look."""
MOST_LIVE: Final = 2


@dataclass
class _Secret:
    """The logins that one secret ever had, the newest first."""

    logins: list[Login] = field(default_factory=list)
    turn: int = 0
    live: int = 0
    looked: float = 0.0
    two_since: float | None = None
    longest_two: float = 0.0


class Census:
    """Looks all the time, from `start` to `stop`."""

    def __init__(self, takes: Callable[[Login], bool]) -> None:
        self._takes = takes
        self._lock = threading.Lock()
        self._one_look = threading.Lock()
        self._ended = threading.Event()
        self._secrets: dict[str, _Secret] = {}
        self._thread = threading.Thread(target=self._run, name="census", daemon=True)
        self.tried = 0
        self.most = 0
        self.wrongs: list[str] = []

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def know(self, secret: str, login: Login) -> None:
        """A login was made: it may become live from now on."""
        with self._lock:
            known = self._secrets.setdefault(secret, _Secret())
            if login not in known.logins:
                known.logins.insert(0, login)

    def live(self, secret: str, *, everything: bool = False) -> list[Login]:
        """Those that the server takes, now; `everything`: of all that ever were, not of the newest and one other."""
        with self._one_look:
            with self._lock:
                known = self._secrets[secret]
                logins = list(known.logins)
            chosen = logins if everything else _chosen(known, logins)
            began = time.monotonic()
            found = [login for login in chosen if self._takes(login)]
            self._note(secret, known, len(found), began)
            self.tried += len(chosen)
        return found

    @property
    def longest_two(self) -> float:
        """Seconds, at the most, for which a secret had two live logins."""
        return max((each.longest_two for each in self._secrets.values()), default=0.0)

    @property
    def known(self) -> int:
        """How many logins there ever were."""
        with self._lock:
            return sum(len(each.logins) for each in self._secrets.values())

    def passwords(self) -> set[str]:
        """Of all logins that there ever were."""
        with self._lock:
            return {login.password for each in self._secrets.values() for login in each.logins}

    def _run(self) -> None:
        while not self._ended.wait(PAUSE_SECONDS):
            with self._lock:
                secrets = list(self._secrets)
            for secret in secrets:
                try:
                    self.live(secret)
                except Exception as failure:  # noqa: BLE001 - a look that failed must not go unnoticed
                    self.wrongs.append(f"a login could not be tried: {type(failure).__name__}")

    def _note(self, name: str, secret: _Secret, live: int, began: float) -> None:
        """From the look before that found fewer to this one that found fewer again: two for as long as that, at most."""
        if live > self.most:
            self.most = live
        if live > MOST_LIVE:
            self.wrongs.append(f"{live} logins of {name} were live at once")
        if live >= MOST_LIVE and secret.two_since is None:
            secret.two_since = secret.looked or began
        now = time.monotonic()
        if secret.two_since is not None:
            secret.longest_two = max(secret.longest_two, now - secret.two_since)
            if live < MOST_LIVE:
                secret.two_since = None
        secret.live, secret.looked = live, began


def _chosen(secret: _Secret, logins: list[Login]) -> list[Login]:
    """In their order, which a result is worth nothing without."""
    older = logins[RECENT:]
    if not older:
        return logins
    secret.turn = (secret.turn + 1) % len(older)
    return [*logins[:RECENT], older[secret.turn]]
