"""Which passwords nodes of a cluster take, asked for by nobody's code but redis-py's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry

from rehearsal.servers.redis_cluster import Node, RedisCluster


def taken(cluster: RedisCluster, authority: Path, username: str, passwords: Sequence[str]) -> set[str]:
    """Those of `passwords` that every node takes. Raises AssertionError if some take one that others refuse."""
    by_node = [
        {password for password in passwords if _takes(cluster, node, authority, username, password)}
        for node in cluster.nodes
    ]
    assert [by_node[0]] * len(by_node) == by_node
    return by_node[0]


def _takes(cluster: RedisCluster, node: Node, authority: Path, username: str, password: str) -> bool:
    client = Redis(
        host=cluster.host,
        port=node.port,
        username=username,
        password=password,
        ssl=True,
        ssl_ca_certs=str(authority),
        retry=Retry(NoBackoff(), 0),  # it would try a refused login again, and again
    )
    try:
        return bool(client.ping())
    except AuthenticationError:
        return False
    finally:
        client.close()
