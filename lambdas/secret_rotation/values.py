"""What rotation does with values of a secret, whatever they are good for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from secret_rotation.engine import Engine
from shared.login import Login, login

Value = Mapping[str, Any]
"""A version's JSON. Keys that rotation does not know are kept as they are."""


class Values(Protocol):
    """What the values of one secret mean. Each method may be killed anywhere and called again."""

    def following(self, current: Value) -> Value:
        """The value that comes after `current`."""

    def fits(self, current: Value, pending: Value) -> bool:
        """Whether `pending` may come after `current`, which may have changed since `pending` was made."""

    def completed(self, current: Value) -> Value:
        """`current` with what was not known when the secret was created."""

    def establish(self, current: Value) -> None:
        """Make `current` valid where it never was."""

    def use(self, current: Value, pending: Value) -> None:
        """Make `pending` valid beside `current`. Raises Rejected if it never will be."""

    def test(self, pending: Value) -> None:
        """Raise Told unless `pending` is valid wherever it will be used."""

    def retire(self, current: Value) -> None:
        """Make every value but `current` invalid."""


@dataclass(frozen=True, slots=True)
class LoginValues:
    """A user and its password at a server, and where that is."""

    engine: Engine

    def following(self, current: Value) -> Value:
        """The login that the engine wants next, at the same place."""
        return self._with(current, self.engine.following(login(current)))

    def fits(self, current: Value, pending: Value) -> bool:
        """Only the password may be another than the one that would be made today."""
        password = pending.get("password")
        if not isinstance(password, str) or not password:
            return False
        following = self.engine.following(login(current))
        return pending == self._with(current, Login(following.username, password))

    def completed(self, current: Value) -> Value:
        """With the place."""
        return {**current, **self.engine.attributes()}

    def establish(self, current: Value) -> None:
        """At the server."""
        self.engine.establish(login(current))

    def use(self, current: Value, pending: Value) -> None:
        """At the server."""
        self.engine.use(login(current), login(pending))

    def test(self, pending: Value) -> None:
        """By logging in."""
        self.engine.test(login(pending))

    def retire(self, current: Value) -> None:
        """At the server."""
        self.engine.retire(login(current))

    def _with(self, current: Value, following: Login) -> Value:
        return {**self.completed(current), "username": following.username, "password": following.password}
