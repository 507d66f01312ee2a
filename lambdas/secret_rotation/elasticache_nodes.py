"""Logs in at every node of a cluster, as consumers do: by verified TLS, each shard and each replica for itself."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from redis import exceptions
from redis.connection import Connection

from shared import clock, network_failures, trust
from shared.login import Login
from shared.told import Told

ANSWER_SECONDS: Final = 5.0
"""For a connection, and for each answer."""
SETTLE_SECONDS: Final = 20.0
"""How long nodes may refuse a login after AWS called the user active, or be away during a failover."""
LOOK_SECONDS: Final = 1.0
NAMED: Final = 3
"""As many nodes' troubles are told; the rest are like them."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node as the cluster announces it, and the name that its certificate has to bear."""

    host: str
    port: int
    name: str


def check(host: str, port: int, login: Login) -> None:
    """Log in at every node of the cluster behind `host`; each takes the login and a command, or Told is raised.

    What may pass is tried again for a while: a certificate that does not fit may not.
    """
    deadline = clock.monotonic() + SETTLE_SECONDS
    entrance = Node(host, port, host)
    while True:
        troubles = _troubles(entrance, login)
        if not troubles:
            return
        if clock.monotonic() >= deadline:
            more = f"; and {len(troubles) - NAMED} more nodes" if len(troubles) > NAMED else ""
            raise Told("; ".join(troubles[:NAMED]) + more)
        clock.pause(LOOK_SECONDS)


def _troubles(entrance: Node, login: Login) -> list[str]:
    try:
        with _logged_in(entrance, login) as connection:
            nodes = _nodes(connection, entrance)
    except (exceptions.RedisError, OSError) as failure:
        return [_sentence(entrance, failure)]
    return [trouble for node in nodes if (trouble := _trouble(node, login))]


def _trouble(node: Node, login: Login) -> str | None:
    """What is wrong with the login at one node."""
    try:
        with _logged_in(node, login) as connection:
            _ask(connection, "PING")
    except (exceptions.RedisError, OSError) as failure:
        return _sentence(node, failure)
    return None


@contextmanager
def _logged_in(node: Node, login: Login) -> Iterator[Any]:
    limit = max(1.0, clock.real_seconds(ANSWER_SECONDS))
    connection: Any = _Verified(  # type: ignore[no-untyped-call] # redis-py types only part of itself
        host=node.host,
        port=node.port,
        username=login.username,
        password=login.password,
        socket_connect_timeout=limit,
        socket_timeout=limit,
        decode_responses=True,
        protocol=2,
    )
    connection.expected_name = node.name
    try:
        connection.connect()
        yield connection
    finally:
        connection.disconnect()


class _Verified(Connection):
    """Redis by TLS, with the house's own idea of whom to trust; redis-py's could be switched off."""

    expected_name = ""

    def _connect(self) -> ssl.SSLSocket:
        plain: socket.socket = super()._connect()  # type: ignore[no-untyped-call]
        try:
            context: ssl.SSLContext = trust.public_and_bundle()
            return context.wrap_socket(plain, server_hostname=self.expected_name)
        except ssl.SSLCertVerificationError as failure:
            plain.close()
            raise Told(f"Redis at {self.host}:{self.port}: {network_failures.why(failure)}") from None
        except BaseException:
            plain.close()
            raise


def _ask(connection: Any, *words: str) -> Any:  # noqa: ANN401 - untyped methods; whatever Redis answers
    connection.send_command(*words)
    return connection.read_response()


def _nodes(connection: Any, entrance: Node) -> list[Node]:  # noqa: ANN401
    """Every node of every shard. Redis 6 does not know CLUSTER SHARDS."""
    try:
        shards = [_fields(shard) for shard in _ask(connection, "CLUSTER", "SHARDS")]
    except exceptions.ResponseError:
        found = {
            _node(None if part[0] is None else str(part[0]), int(part[1]), entrance)
            for slots in _ask(connection, "CLUSTER", "SLOTS")
            for part in slots[2:]
        }
        return sorted(found, key=_order)
    described = [_fields(each) for shard in shards for each in shard["nodes"]]
    return [
        _node(
            each.get("hostname") or each.get("endpoint") or each.get("ip"),
            each.get("tls-port") or each["port"],
            entrance,
        )
        for each in described
    ]


def _node(host: str | None, port: int, entrance: Node) -> Node:
    """A node that announces no name is where we are; one that announces an address bears the cluster's name.

    ElastiCache's certificates are wildcards, which name the endpoint as well as each node.
    """
    if not host or host == "?":
        return Node(entrance.host, port, entrance.name)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Node(host, port, host)
    return Node(host, port, entrance.name)


def _order(node: Node) -> tuple[str, int]:
    return node.host, node.port


def _fields(answer: Mapping[str, Any] | Sequence[Any]) -> Mapping[str, Any]:
    """A map as Redis's second protocol writes it: names and values by turns."""
    return answer if isinstance(answer, Mapping) else dict(zip(answer[::2], answer[1::2], strict=True))


def _sentence(node: Node, failure: Exception) -> str:
    return f"Redis at {node.host}:{node.port} {_why(failure)}"


def _why(failure: Exception) -> str:
    match failure:
        case exceptions.AuthenticationError():
            return "refuses the user's password"
        case exceptions.NoPermissionError():
            return "forbids the user what every client needs"
        case exceptions.BusyLoadingError():
            return "is still loading its data"
        case exceptions.TimeoutError() | TimeoutError():
            return "does not answer in time"
        case exceptions.ConnectionError() | OSError():
            return "cannot be reached, or closes the connection"
        case _:
            return f"answers with an error: {str(failure).partition(' ')[0]}"
