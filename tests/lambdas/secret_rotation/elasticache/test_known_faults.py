"""Known faults of rotation functions, put into the engine of Redis."""

from __future__ import annotations

import pytest
from rotation.elasticache import ControlPlane
from rotation.faults.fault import Fault, judge
from rotation.faults.of_redis import OF_REDIS, RedisScene

from rehearsal.servers.redis_cluster import RedisCluster
from secret_rotation.elasticache import ElastiCache
from shared.login import Login


@pytest.mark.parametrize("fault", OF_REDIS, ids=str)
def test_of_redis(
    fault: Fault[RedisScene],
    redis_cluster: RedisCluster,
    control_plane: ControlPlane,
    engine: ElastiCache,
    current: Login,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At a real cluster of three shards."""
    judge(fault, RedisScene(redis_cluster, control_plane, engine, current), monkeypatch)
