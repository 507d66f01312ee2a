"""RabbitMQ: two application users by turns, the second with the first one's rights; and the administrator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from secret_rotation import rabbitmq_rights as rights
from secret_rotation.settings import Secret, Settings
from shared.login import Login, Rejected, new_password
from shared.rabbitmq_management import BadRequest, Management, Unauthorized
from shared.told import Told

SUFFIX: Final = "_clone"
"""Of the second user's name."""
ADMINISTRATOR: Final = "administrator"
"""The tag of who may manage users (RabbitMQ documentation, management plugin, permissions)."""
NO_PASSWORD: Final = {"password_hash": ""}
"""With a blank hash nobody logs in by password (RabbitMQ's HTTP API reference, `/api/users/name`)."""


class RabbitMQ:
    """The logins of one secret at one broker: its application's, or its administrator's."""

    def __init__(self, settings: Settings, secret: Secret, administrators: Callable[[], Iterator[Login]]) -> None:
        self._settings = settings
        self._secret = secret
        self._administrators = administrators

    def attributes(self) -> Mapping[str, object]:
        """Where the broker is, for AMQP by TLS."""
        return {"engine": "rabbitmq", "host": self._settings.host, "port": self._settings.port}

    def following(self, current: Login) -> Login:
        """The administrator, or the other one of the two application users; with a new password."""
        name = current.username if self._single else _other(current.username)
        return Login(name, new_password())

    def establish(self, current: Login) -> None:
        """Create the application's user, with every right on the virtual host, if it does not exist or has no password.

        One that has another password gets this one, and keeps its rights. The administrator exists since the broker does.
        """
        if self._single:
            return
        with self._managed() as management:
            user = rights.user(management, current.username)
            if user is not None and user.has_password:
                if not self._accepts(current):
                    _put_password(management, current, user.tags)
                return
            # The password comes last: whoever can log in has all rights.
            if user is None:
                _put(management, current.username, NO_PASSWORD, rights.NO_TAGS)
            rights.allow(management, current.username, self._settings.virtual_host)
            _put_password(management, current, user.tags if user else rights.NO_TAGS)

    def use(self, current: Login, pending: Login) -> None:
        """Give `pending` to the administrator; or to the other user, beside `current` and with its rights."""
        if self._single:
            self._replace(current, pending)
        else:
            self._alternate(current, pending)

    def test(self, pending: Login) -> None:
        """Log in by AMQP at each virtual host that the user may use; the administrator manages, too."""
        from secret_rotation.rabbitmq_amqp import check  # noqa: PLC0415 - it imports the driver, which this step alone needs

        with self._managed(pending) if self._single else self._managed() as management:
            hosts = rights.virtual_hosts(management, pending.username)
            if self._single and management.login != pending:
                raise Told(f"RabbitMQ's management API refuses the new password of {pending.username}")
        if not self._single and self._settings.virtual_host not in hosts:
            raise Told(
                f"{pending.username} may not use the virtual host {self._settings.virtual_host} of RabbitMQ: give it "
                f"permissions there"
            )
        for host in hosts:
            check(self._settings.host, self._settings.port, host, pending)

    def retire(self, current: Login) -> None:
        """Take the other application user's password away; its rights stay."""
        if self._single:
            return
        other = _other(current.username)
        with self._managed() as management:
            user = rights.user(management, other)
            if user is not None and user.has_password:
                _put(management, other, NO_PASSWORD, user.tags)

    def _accepts(self, login: Login) -> bool:
        from secret_rotation.rabbitmq_amqp import Refused, check  # noqa: PLC0415 - as in `test`

        try:
            check(self._settings.host, self._settings.port, self._settings.virtual_host, login)
        except Refused:
            return False
        return True

    @property
    def _single(self) -> bool:
        return self._secret.kind == "administrator"

    def _replace(self, current: Login, pending: Login) -> None:
        with self._managed(current, pending) as management:
            user = rights.user(management, pending.username)
            if user is None:
                raise Told(f"RabbitMQ has no user {pending.username}, of whom the secret {self._secret.name} is")
            if management.login != pending:
                _put_password(management, pending, user.tags)

    def _alternate(self, current: Login, pending: Login) -> None:
        if pending.username != _other(current.username):
            raise Told(f"{pending.username} and {current.username} are no pair of users that alternate")
        with self._managed() as management:
            source = rights.user(management, current.username)
            if source is None:
                raise Told(
                    f"RabbitMQ has no user {current.username}, of whom the secret {self._secret.name} is: it was deleted, "
                    f"and nobody knows its rights. Create it with the secret's password and its permissions"
                )
            if rights.user(management, pending.username) is None:
                _put(management, pending.username, NO_PASSWORD, source.tags)
            rights.copy(management, current.username, pending.username)
            # The password comes last: whoever can log in has all rights.
            _put_password(management, pending, source.tags)

    def _managed(self, *first: Login) -> Management:
        """The management API as an administrator: the first login that it takes, of `first` and the administrator's."""
        for login in (*first, *self._administrators()):
            management = Management(self._settings.host, self._settings.management_port, login)
            try:
                tags = rights.tags_of(management.get("whoami") or {})
            except Unauthorized:
                management.close()
                continue
            if ADMINISTRATOR not in tags.split(","):
                raise Told(f"RabbitMQ's user {login.username} has lost the tag {ADMINISTRATOR}: give it back")
            return management
        secret = self._settings.administrator
        raise Told(
            f"RabbitMQ at {self._settings.host} refuses the administrator's password: it was changed by hand. Put the "
            f"one that works into the secret {secret.name if secret else ADMINISTRATOR}"
        )


def _other(username: str) -> str:
    base = username.removesuffix(SUFFIX)
    return base if username != base else base + SUFFIX


def _put_password(management: Management, login: Login, tags: str) -> None:
    try:
        _put(management, login.username, {"password": login.password}, tags)
    except BadRequest as refusal:
        raise Rejected(f"RabbitMQ does not take the password of {login.username}: {refusal}") from None


def _put(management: Management, username: str, password: Mapping[str, str], tags: str) -> None:
    """Create or change a user; its permissions and limits are kept apart and stay."""
    management.put("users", username, body={**password, "tags": tags})
