"""A server in memory, and the engine that asks it: each effect on it is a point at which the function can be killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import killing

from shared.login import Login, Rejected, new_password
from shared.told import Told

HOST = "server.internal"
OTHER = "_clone"


@contextmanager
def effect(name: str) -> Iterator[None]:
    """Something that changes a server or asks it, which `killing.watched` counts as it counts calls to AWS."""
    watching = [calls for calls in killing._WATCHING[-1:] if not calls.others]
    for calls in watching:
        calls._before(f"server.{name}")
    yield
    for calls in watching:
        calls._afterwards()


@dataclass
class Server:
    """Users and the passwords that each may use."""

    passwords: dict[str, list[str]] = field(default_factory=dict)
    down: bool = False
    rejects: Callable[[str], bool] = lambda _: False
    """Passwords that it takes under no circumstances."""
    tried: list[Login] = field(default_factory=list)
    """Logins that were tried."""

    def takes(self, login: Login) -> bool:
        """Whether the login is valid."""
        self.tried.append(login)
        return not self.down and login.password in self.passwords.get(login.username, [])

    @property
    def live(self) -> int:
        """How many logins are valid."""
        return sum(len(passwords) for passwords in self.passwords.values())

    def write(self, username: str, passwords: list[str]) -> None:
        """Give a user these passwords and no other."""
        if self.down:
            raise Told("The server does not answer")
        if any(self.rejects(password) for password in passwords):
            raise Rejected("The server does not take the password")
        with effect("write"):
            self.passwords[username] = passwords


@dataclass
class MemoryEngine:
    """Of one secret at `server`."""

    server: Server
    users: Literal["alternating", "single", "two passwords"] = "alternating"
    host: str = HOST
    administrators: Callable[[], Iterator[Login]] | None = None
    """Without them, whoever asks may do everything."""

    def attributes(self) -> Mapping[str, object]:
        """Its place."""
        return {"engine": "memory", "host": self.host, "port": 1}

    def following(self, current: Login) -> Login:
        """The other user, or the same with a new password."""
        username = current.username
        if self.users == "alternating":
            username = username.removesuffix(OTHER) if username.endswith(OTHER) else username + OTHER
        return Login(username, new_password())

    def establish(self, current: Login) -> None:
        """Only if the login does not work."""
        self._log_in_as_administrator()
        if current.password not in self.server.passwords.get(current.username, []):
            self.server.write(current.username, [current.password])

    def use(self, current: Login, pending: Login) -> None:
        """Replaces what `pending`'s user had, or stands beside the current password."""
        self._log_in_as_administrator()
        two = self.users == "two passwords"
        self.server.write(pending.username, [current.password, pending.password] if two else [pending.password])

    def test(self, pending: Login) -> None:
        """Raises Told if it is refused."""
        with effect("test"):
            if not self.server.takes(pending):
                raise Told(f"The server refuses {pending.username}")

    def retire(self, current: Login) -> None:
        """The current password alone stays."""
        self._log_in_as_administrator()
        self.server.write(current.username, [current.password])
        if self.users == "alternating":
            self.server.write(self.following(current).username, [])

    def _log_in_as_administrator(self) -> None:
        if self.administrators is not None and not any(self.server.takes(login) for login in self.administrators()):
            raise Told("The server refuses every login of its administrator")
