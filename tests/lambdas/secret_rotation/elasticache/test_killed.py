"""A rotation of the cache's password that dies anywhere, against a real cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from crash_matrix import MakeRow
from rotation.crashes import REGION, Crashes, account, attach, sample
from rotation.elasticache import CURRENT, USERNAME, ControlPlane, settings_of

from rehearsal.servers.redis_cluster import RedisCluster
from secret_rotation import elasticache_users
from secret_rotation.settings import Secret
from shared.login import Login

WRITES = ("elasticache.ModifyUser", "secretsmanager.PutSecretValue", "secretsmanager.UpdateSecretVersionStage")


@pytest.fixture
def crashes(
    redis_cluster: RedisCluster,
    believed: Path,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Crashes]:
    """Each secret begins with one password on every node."""
    monkeypatch.setattr(elasticache_users, "LOOK_SECONDS", 0.1)  # so long that the second look finds the change done
    control_plane = ControlPlane(redis_cluster, USERNAME, REGION, seconds=0.0)

    def begin() -> Login:
        control_plane.settle()
        control_plane.user.passwords, control_plane.user.status = [CURRENT], "active"
        redis_cluster.set_passwords(USERNAME, [CURRENT])
        return Login(USERNAME, CURRENT)

    def live(logins: Sequence[Login]) -> set[Login]:
        """As every node says, which keeps SHA-256 of passwords (Redis documentation, ACL)."""
        control_plane.settle()
        kept = [
            set(redis_cluster.command(node, "ACL", "GETUSER", USERNAME)["passwords"]) for node in redis_cluster.nodes
        ]
        assert [kept[0]] * len(kept) == kept
        found = {login for login in logins if sha256(login.password.encode()).hexdigest() in kept[0]}
        assert len(kept[0]) == len(found)
        return found

    with account(monkeypatch):
        control_plane.install(monkeypatch, [CURRENT])
        made = Crashes(
            begin,
            lambda arn: settings_of(redis_cluster, Secret(arn, "cache", "application")),
            live,
            place={"engine": "redis", "host": redis_cluster.host, "port": redis_cluster.port},
        )
        yield attach(made, monkeypatch)
        control_plane.settle()


def test_killed_at_some_points(crashes: Crashes) -> None:
    """The first and the last of each kind of change."""
    rotation, retirement = crashes.both()
    for number, kill_at in enumerate(sample(rotation, *WRITES)):
        crashes.rotation_dies(kill_at, after=True, resumed=number % 2 == 0)
    crashes.rotation_dies(rotation.index(WRITES[0]), after=False, resumed=False)
    crashes.retirement_dies(retirement.index(WRITES[0]), after=True, retired=True)


@pytest.mark.full
@pytest.mark.parametrize("resumed", [True, False])
@pytest.mark.parametrize("after", [True, False])
def test_killed_at_every_point(crashes: Crashes, crash_row: MakeRow, *, after: bool, resumed: bool) -> None:
    """Each call to AWS, before it and after it; then the same attempt again, or a new one."""
    crashes.every_point(partial(crash_row, "Redis", "application"), after=after, resumed=resumed)
