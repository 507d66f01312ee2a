"""The test step logs in, really, at every node of every shard."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rehearsal.servers.certificates import Authority
from rehearsal.servers.redis_cluster import RedisCluster
from secret_rotation import elasticache_nodes
from secret_rotation.elasticache import ElastiCache
from secret_rotation.elasticache_nodes import check
from shared import trust
from shared.login import Login
from shared.told import Told

OTHER = "another-password-of-test"


def test_every_node_is_asked(redis_cluster: RedisCluster, engine: ElastiCache, current: Login) -> None:
    """Masters and replicas, once each; and the first one also where they are."""
    for node in redis_cluster.nodes:
        redis_cluster.command(node, "CONFIG", "RESETSTAT")
    engine.test(current)
    asked = [redis_cluster.command(node, "INFO", "commandstats") for node in redis_cluster.nodes]
    counted = [re.findall(r"cmdstat_auth:calls=(\d+).*,failed_calls=(\d+)", each) for each in asked]
    assert [[("2", "0")]] + [[("1", "0")]] * 5 == counted


@pytest.mark.parametrize("number", range(6))
def test_one_node_that_refuses_fails_it(
    redis_cluster: RedisCluster, engine: ElastiCache, current: Login, number: int
) -> None:
    """Whichever it is: its name is told, the password is not."""
    node = redis_cluster.nodes[number]
    redis_cluster.set_passwords(current.username, [OTHER], nodes=[node])
    with pytest.raises(Told, match=rf"localhost:{node.port} refuses the user's password") as told:
        engine.test(current)
    assert current.password not in str(told.value)
    assert told.value.__cause__ is None


def test_an_old_password_on_all_nodes_fails_it(engine: ElastiCache, current: Login) -> None:
    """Waiting for `active` would not have noticed."""
    with pytest.raises(Told, match="refuses the user's password"):
        engine.test(Login(current.username, OTHER))


def test_a_node_that_learns_late_is_waited_for(
    redis_cluster: RedisCluster, engine: ElastiCache, current: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS may call the user active before the last node knows its password."""
    monkeypatch.setattr(elasticache_nodes, "SETTLE_SECONDS", 20.0)
    late = redis_cluster.nodes[5]
    redis_cluster.set_passwords(current.username, [OTHER], nodes=[late])
    timer = threading.Timer(0.3, redis_cluster.set_passwords, (current.username, [current.password]))
    timer.start()
    engine.test(current)
    timer.join()


@pytest.mark.parametrize("number", [1, 5])
def test_a_node_that_is_down_fails_it(
    redis_cluster: RedisCluster, engine: ElastiCache, current: Login, number: int
) -> None:
    """As in the middle of a failover; once it is back, the same test succeeds."""
    node = redis_cluster.nodes[number]
    redis_cluster.stop_node(node)
    try:
        with pytest.raises(Told, match=rf"localhost:{node.port} cannot be reached"):
            engine.test(current)
    finally:
        redis_cluster.start_node(node)
    engine.test(current)


def test_a_user_who_may_do_nothing_fails_it(redis_cluster: RedisCluster, engine: ElastiCache, current: Login) -> None:
    """The password is taken and each command refused."""
    node = redis_cluster.nodes[2]
    redis_cluster.command(node, "ACL", "SETUSER", current.username, "-@all")
    try:
        with pytest.raises(Told, match="forbids the user what every client needs"):
            engine.test(current)
    finally:
        redis_cluster.command(node, "ACL", "SETUSER", current.username, "+@all")


def test_a_certificate_of_an_unknown_authority_fails_it(
    engine: ElastiCache, current: Login, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once: waiting mends no certificate."""
    monkeypatch.setenv("CA_BUNDLE", str(Authority(tmp_path).file))
    monkeypatch.setattr(elasticache_nodes, "SETTLE_SECONDS", 600.0)
    trust.public_and_bundle.cache_clear()
    with pytest.raises(Told, match="its certificate is not to be trusted"):
        engine.test(current)


@contextmanager
def _named(monkeypatch: pytest.MonkeyPatch, name: str) -> Iterator[None]:
    """`name` leads to this machine."""
    resolve = socket.getaddrinfo

    def here(host: Any, *rest: Any, **options: Any) -> Any:
        return resolve("localhost" if host == name else host, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", here)
        yield


@pytest.mark.usefixtures("control_plane")
def test_a_certificate_of_another_name_fails_it(
    redis_cluster: RedisCluster, current: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A valid one of somebody else's server."""
    with (
        _named(monkeypatch, "cache.internal"),
        pytest.raises(Told, match=r"certificate is not valid for 'cache\.internal'"),
    ):
        check("cache.internal", redis_cluster.port, current)


def _asked(monkeypatch: pytest.MonkeyPatch) -> list[elasticache_nodes.Node]:
    """The nodes that will be logged in at."""
    asked: list[elasticache_nodes.Node] = []
    trouble = elasticache_nodes._trouble

    def counted(node: elasticache_nodes.Node, login: Login) -> str | None:
        asked.append(node)
        return trouble(node, login)

    monkeypatch.setattr(elasticache_nodes, "_trouble", counted)
    return asked


@pytest.mark.usefixtures("control_plane")
def test_nodes_are_found_before_redis_7(
    redis_cluster: RedisCluster, current: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which knows CLUSTER SLOTS alone; here the access string forbids the other one."""
    redis_cluster.wait_until_whole()
    for node in redis_cluster.nodes:
        redis_cluster.command(node, "ACL", "SETUSER", current.username, "-cluster|shards")
    asked = _asked(monkeypatch)
    try:
        check(redis_cluster.host, redis_cluster.port, current)
    finally:
        for node in redis_cluster.nodes:
            redis_cluster.command(node, "ACL", "SETUSER", current.username, "+cluster|shards")
    assert sorted(node.port for node in redis_cluster.nodes) == sorted(node.port for node in asked)


@pytest.mark.usefixtures("control_plane")
def test_nodes_that_announce_addresses_bear_the_endpoints_name(
    redis_cluster: RedisCluster, current: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are verified against it, as ElastiCache's certificates name endpoint and nodes by one wildcard."""
    for node in redis_cluster.nodes:
        redis_cluster.command(node, "CONFIG", "SET", "cluster-announce-hostname", "")
        redis_cluster.command(node, "CONFIG", "SET", "cluster-preferred-endpoint-type", "ip")
    asked = _asked(monkeypatch)
    try:
        check(redis_cluster.host, redis_cluster.port, current)
    finally:
        for node in redis_cluster.nodes:
            redis_cluster.command(node, "CONFIG", "SET", "cluster-announce-hostname", "localhost")
            redis_cluster.command(node, "CONFIG", "SET", "cluster-preferred-endpoint-type", "hostname")
    assert {"localhost"} == {node.name for node in asked}
    assert {"127.0.0.1"} <= {node.host for node in asked}


@pytest.mark.usefixtures("control_plane")
def test_no_plain_server_is_ever_spoken_to(current: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server without TLS hears neither user nor password."""
    monkeypatch.setattr(elasticache_nodes, "SETTLE_SECONDS", 0.0)
    heard = []

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.settimeout(2)
        heard.append(connection.recv(4096))
        connection.sendall(b"-ERR\r\n")
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        with pytest.raises(Told, match="cannot be reached"):
            check("localhost", listener.getsockname()[1], current)
        thread.join()
    assert heard
    assert current.password.encode() not in heard[0]
