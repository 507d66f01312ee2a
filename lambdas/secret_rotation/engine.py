"""What each kind of server can be asked for in a rotation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from shared.login import Login


class Engine(Protocol):
    """The logins of one secret at one server.

    Each method may be killed anywhere and called again, and ends in the same state. Each raises Told, with no secret in it,
    when it cannot; none ever makes the current login invalid, except that `use` of a single user has to.
    """

    def attributes(self) -> Mapping[str, object]:
        """What the secret says beside the login, such as host and port."""

    def following(self, current: Login) -> Login:
        """The login that comes after `current`: its user, with a new password. Asks no server."""

    def establish(self, current: Login) -> None:
        """Make `current` valid where it is not: at the secret's creation, and when a person asks. Touches nothing that works."""

    def use(self, current: Login, pending: Login) -> None:
        """Make `pending` valid. `current` stays so if another user or a second password carries `pending`.

        Raises Rejected: the server does not take the password.
        """

    def test(self, pending: Login) -> None:
        """Log in with `pending` wherever consumers will, by TLS, and use what they are given rights for."""

    def retire(self, current: Login) -> None:
        """Make every login of this secret but `current` invalid."""
