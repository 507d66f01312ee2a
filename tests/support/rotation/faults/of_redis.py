"""Faults of the Redis engine, at a real cluster."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import pytest
from redis.connection import Connection
from rotation.elasticache import ControlPlane
from rotation.faults.fault import ACTIVE, TLS, Fault
from rotation.faults.trust import HANDSHAKE, another_authority, eavesdropper, unverified

from rehearsal.servers.redis_cluster import RedisCluster
from secret_rotation import elasticache_nodes
from secret_rotation.elasticache import ElastiCache
from shared import trust
from shared.login import Login
from shared.told import Told


@dataclass(frozen=True)
class RedisScene:
    """A cluster, its control plane, and the engine of the user that it knows."""

    cluster: RedisCluster
    control_plane: ControlPlane
    engine: ElastiCache
    current: Login

    def takes(self, login: Login) -> bool:
        """Whether the engine's own test is passed."""
        try:
            self.engine.test(login)
        except Told:
            return False
        return True


def _a_node_that_lags_behind_is_found(scene: RedisScene) -> None:
    """The user is active, and the new password came to all nodes but one."""
    pending = scene.engine.following(scene.current)
    scene.engine.use(scene.current, pending)
    scene.control_plane.settle()
    assert scene.takes(pending)
    last = scene.cluster.nodes[-1]
    scene.cluster.command(last, "ACL", "SETUSER", pending.username, "resetpass", f">{scene.current.password}")
    assert "active" == scene.control_plane.user.status
    assert not scene.takes(pending)


def _nobody_hears_the_password(scene: RedisScene) -> None:
    with eavesdropper() as (port, heard), suppress(Told):
        elasticache_nodes.check("localhost", port, scene.current)
    assert heard[0].startswith(HANDSHAKE)


def _an_unknown_authority_is_not_believed(scene: RedisScene) -> None:
    assert scene.takes(scene.current)
    with another_authority():
        assert not scene.takes(scene.current)


def _wait_for_active(patches: pytest.MonkeyPatch) -> None:
    def test(self: ElastiCache, pending: Login) -> None:
        self._user(pending)  # waits until AWS says `active`

    patches.setattr(ElastiCache, "test", test)


def _ask_the_endpoint_alone(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(elasticache_nodes, "_nodes", lambda _connection, entrance: [entrance])


def _talk_plainly(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(elasticache_nodes._Verified, "_connect", Connection._connect)


def _believe_everybody(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(trust, "public_and_bundle", unverified)


OF_REDIS: Final[list[Fault[RedisScene]]] = [
    Fault(ACTIVE, "the step does not log in", _a_node_that_lags_behind_is_found, _wait_for_active),
    Fault(ACTIVE, "the step logs in at one node", _a_node_that_lags_behind_is_found, _ask_the_endpoint_alone),
    Fault(TLS, "Redis without TLS", _nobody_hears_the_password, _talk_plainly),
    Fault(TLS, "Redis with anybody's certificate", _an_unknown_authority_is_not_believed, _believe_everybody),
]
