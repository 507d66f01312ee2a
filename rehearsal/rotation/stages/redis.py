"""A Redis cluster of three shards with replicas, and its user, whom ElastiCache knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry

from rehearsal.rotation.stages.stage import Endpoint
from rehearsal.servers.certificates import Certificate
from rehearsal.servers.redis_cluster import HOST, RedisCluster, User
from shared.aws import client
from shared.login import Login, new_password

USER_ID: Final = "rehearsal-application"
USERNAME: Final = "application"
ACCESS: Final = (
    "on ~* &* -@all +@read +@write +@connection +@transaction +@pubsub +@scripting -@admin -@dangerous "
    "+info +cluster|info +cluster|keyslot +cluster|myid +cluster|nodes +cluster|shards +cluster|slots"
)
"""As the application's user has it in a data stack (constructs/understudy/cache.py)."""


class RedisStage:
    """Three masters, three replicas."""

    def __init__(self, folder: Path, authority: Path, certificate: Certificate) -> None:
        self._authority = str(authority)
        password = new_password()
        self._cluster = RedisCluster(
            folder / "redis",
            certificate=certificate,
            authority=authority,
            users=[User(USERNAME, ACCESS, [password])],
        )
        self.endpoint = Endpoint(self._cluster.host, self._cluster.port, {"user_id": USER_ID})
        self.administrator: Mapping[str, Any] | None = None
        self.application: Mapping[str, str] = {"username": USERNAME, "password": password}
        client("elasticache").create_user(
            UserId=USER_ID, UserName=USERNAME, Engine="redis", AccessString=ACCESS, Passwords=[password]
        )

    def takes(self, login: Login) -> bool:
        """At any node: a login that one node takes is live."""
        return any(self._takes(login, node.port) for node in self._cluster.nodes if not node.replica)

    def spread(self, username: str, passwords: Sequence[str]) -> None:
        """Tell every node, one after the other."""
        self._cluster.set_passwords(username, passwords)

    def stop(self) -> None:
        """End all nodes."""
        self._cluster.stop()

    def _takes(self, login: Login, port: int) -> bool:
        node = Redis(
            host=HOST,
            port=port,
            username=login.username,
            password=login.password,
            ssl=True,
            ssl_ca_certs=self._authority,
            socket_timeout=10.0,
            # By default even a refused login is tried ten times.
            retry=Retry(NoBackoff(), 0),
        )
        try:
            node.ping()
        except AuthenticationError:
            return False
        finally:
            node.close()
        return True
