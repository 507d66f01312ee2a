"""Redis on ElastiCache: one user, who holds two passwords while consumers move from one to the other."""

from __future__ import annotations

from collections.abc import Mapping

from secret_rotation import elasticache_users
from secret_rotation.settings import Secret, Settings
from shared.login import Login, new_password
from shared.told import Told


class ElastiCache:
    """The application's user of one replication group."""

    def __init__(self, settings: Settings, secret: Secret) -> None:
        self._settings = settings
        self._secret = secret

    def attributes(self) -> Mapping[str, object]:
        """Where the cache is: its configuration endpoint, at which clients learn of all nodes."""
        return {"engine": "redis", "host": self._settings.host, "port": self._settings.port}

    def following(self, current: Login) -> Login:
        """The same user with another password."""
        return Login(current.username, new_password())

    def establish(self, current: Login) -> None:
        """Give the user its first password, if it has none: as a rule CloudFormation made it with this one."""
        if self._user(current).passwords == 0:
            elasticache_users.set_passwords(self._settings.user_id, [current.password])

    def use(self, current: Login, pending: Login) -> None:
        """Make both passwords valid, and no third one."""
        self._user(pending)
        elasticache_users.set_passwords(self._settings.user_id, [current.password, pending.password])

    def test(self, pending: Login) -> None:
        """Log in at every node of every shard."""
        from secret_rotation import elasticache_nodes  # noqa: PLC0415 - it imports the driver, which this step alone needs

        elasticache_nodes.check(self._settings.host, self._settings.port, pending)

    def retire(self, current: Login) -> None:
        """Leave `current` the only password."""
        if self._user(current).passwords != 1:
            elasticache_users.set_passwords(self._settings.user_id, [current.password])

    def _user(self, login: Login) -> elasticache_users.User:
        user = elasticache_users.settled(self._settings.user_id)
        if user.name != login.username:
            raise Told(
                f"the secret {self._secret.name} is of the user {login.username}, but the ElastiCache user "
                f"{self._settings.user_id} is called {user.name}: put the right name into the secret"
            )
        return user
