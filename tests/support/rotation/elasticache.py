"""ElastiCache's control plane for one user, over moto: what is asked for comes to the nodes of a real cluster a little later.

As the API Reference has it (ModifyUser): one or two passwords of 16 to 128 characters, a user that is `modifying`
meanwhile and takes no second change.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import boto3
import pytest
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.elasticache.models import elasticache_backends
from moto.elasticache.responses import ElastiCacheResponse

from rehearsal.servers.redis_cluster import RedisCluster
from secret_rotation.settings import Secret, Settings

ACCOUNT: Final = "123456789012"
REGION: Final = "us-west-2"
USERNAME: Final = "application"
CURRENT: Final = "current-password-of-test"
ACCESS: Final = (
    "on ~* &* -@all +@read +@write +@connection +@transaction +@pubsub +@scripting -@admin -@dangerous "
    "+info +cluster|info +cluster|keyslot +cluster|myid +cluster|nodes +cluster|shards +cluster|slots"
)
"""What constructs/understudy/cache.py gives the application's user."""
USER_ID: Final = "shop-prod-app"
LENGTHS: Final = range(16, 129)


def refusal(code: str, message: str) -> ServiceException:
    """An answer of ElastiCache's that is an error."""
    # moto tells the service of an error by the module that its class says it comes from.
    kind = type(code, (ServiceException,), {"code": code, "__module__": "moto.elasticache.exceptions"})
    made: ServiceException = kind(message)
    return made


@dataclass
class ControlPlane:
    """One region's, inside `mock_aws`."""

    cluster: RedisCluster
    username: str
    region: str
    seconds: float = 0.02
    """From a request to the last node that has it."""
    rejects: Callable[[str], bool] = lambda _: False
    """Passwords that AWS takes under no circumstances."""
    changes: list[list[str]] = field(default_factory=list)
    """The passwords of every request that was taken."""
    _at_work: list[threading.Thread] = field(default_factory=list)

    def install(self, monkeypatch: pytest.MonkeyPatch, passwords: Sequence[str]) -> None:
        """Answer ModifyUser until the test ends; the user is there with `passwords`, on every node."""

        def modify_user(response: ElastiCacheResponse) -> ActionResult:
            return ActionResult(self._modify(response._get_params()))

        monkeypatch.setattr(ElastiCacheResponse, "modify_user", modify_user, raising=False)
        boto3.client("elasticache", self.region).create_user(
            UserId=USER_ID, UserName=self.username, Engine="redis", AccessString="on", Passwords=list(passwords)
        )
        self.cluster.set_passwords(self.username, passwords)

    @property
    def user(self) -> Any:
        """What moto keeps of the user."""
        return elasticache_backends[ACCOUNT][self.region].users[USER_ID]

    def settle(self) -> None:
        """Wait until every node has what was asked for."""
        for thread in self._at_work:
            thread.join()
        self._at_work.clear()

    def change(self, passwords: list[str]) -> None:
        """What AWS does once it has taken a request."""
        self.user.status = "modifying"
        self.user.passwords, self.user.authentication_type, self.user.no_password_required = (
            passwords,
            "password",
            False,
        )
        thread = threading.Timer(self.seconds, self._apply, (self.user, passwords))
        self._at_work.append(thread)
        thread.start()

    def _modify(self, asked: dict[str, Any]) -> Any:
        user = elasticache_backends[ACCOUNT][self.region].describe_users(asked["UserId"])[0]
        if user.status != "active":
            raise refusal("InvalidUserState", f"User {user.id} is not in the active state.")
        passwords = asked["Passwords"]
        if not 1 <= len(passwords) <= 2 or any(len(each) not in LENGTHS or self.rejects(each) for each in passwords):
            raise refusal("InvalidParameterValue", f"Invalid password, not so: {passwords}")
        self.changes.append(passwords)
        self.change(passwords)
        return user

    def _apply(self, user: Any, passwords: list[str]) -> None:
        self.cluster.set_passwords(self.username, passwords)
        user.status = "active"


def settings_of(cluster: RedisCluster, *secrets: Secret) -> Settings:
    """What the function's template says."""
    return Settings(
        engine="redis",
        prefix="shop-prod",
        cluster="shop-prod",
        refresh_arn="",
        secrets=list(secrets),
        host=cluster.host,
        port=cluster.port,
        user_id=USER_ID,
    )
