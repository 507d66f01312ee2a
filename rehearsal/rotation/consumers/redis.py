"""Consumers of a Redis cluster: counters in every shard, which nobody else may have counted on."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any, Final

from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.credentials import CredentialProvider
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.retry import Retry

from rehearsal.rotation.consumers.tally import Tally, caused_by
from rehearsal.rotation.consumers.work import Secret

TAGS: Final = ("{a}", "{b}", "{c}")
"""Of keys: each lies in another third of the slots (15495, 3300, 7365)."""


class _Credentials(CredentialProvider):
    """The login, and how often it was asked for: once for every connection to a node."""

    def __init__(self, secret: Secret, tally: Tally) -> None:
        self._login, self._tally = (secret["username"], secret["password"]), tally

    def get_credentials(self) -> tuple[str, str]:
        """Count a login."""
        self._tally.further_login()
        return self._login


class RedisTask:
    """Counts up in one shard after the other, and looks."""

    def __init__(self, works: RedisWorks, service: str, secret: Secret) -> None:
        self._works, self._service, self._secret = works, service, secret
        self._client: Any = None
        self._turn = 0

    def open(self) -> None:
        """Learn of the cluster, once: that takes a fifth of a second of computing.

        The next command at each node logs in there, since `close` has cut the connections.
        """
        if self._client is None:
            self._client = self._works.tally.login(lambda: self._works.connect(self._secret), logins=0)

    def operate(self) -> None:
        """Count up in the next shard."""
        self._turn += 1
        key = f"{TAGS[self._turn % len(TAGS)]}:{self._service}"
        counted = int(self._client.incr(key))
        self._works.counted(key)
        if int(self._client.get(key)) < counted:
            raise LookupError(key)

    def close(self) -> None:
        """Leave the cluster."""
        for node in self._client.get_nodes() if self._client is not None else ():
            if node.redis_connection is not None:
                node.redis_connection.connection_pool.disconnect()


class RedisWorks:
    """The counters, and what they have to say."""

    def __init__(self, authority: str) -> None:
        self._authority = authority
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()
        self.tally = Tally(self.is_refusal)

    def prepare(self, secret: Secret) -> None:
        """Nothing is needed."""

    def task(self, service: str, number: int, secret: Secret) -> RedisTask:  # noqa: ARG002 - all count the same counters
        """Another task of a service."""
        return RedisTask(self, service, secret)

    def is_refusal(self, error: BaseException) -> bool:
        """WRONGPASS, NOAUTH or NOPERM."""
        return caused_by(error, AuthenticationError, NoPermissionError)

    def audit(self, secret: Secret) -> list[str]:
        """Every counter has to say what was counted."""
        client = self.connect(secret)
        wrong = []
        for key, counted in sorted(self._counted.items()):
            found = int(client.get(key) or 0)
            if found != counted:
                wrong.append(f"{key} counted {counted} times and says {found}")
        client.close()
        return wrong

    def connect(self, secret: Secret) -> Any:  # noqa: ANN401 - untyped
        """A client that tries nothing twice."""
        return RedisCluster(
            host=secret["host"],
            port=int(secret["port"]),
            credential_provider=_Credentials(secret, self.tally),
            retry=Retry(NoBackoff(), 0),
            ssl=True,
            ssl_ca_certs=self._authority,
            socket_timeout=10.0,
        )

    def counted(self, key: str) -> None:
        """A counter was counted up."""
        with self._lock:
            self._counted[key] += 1
