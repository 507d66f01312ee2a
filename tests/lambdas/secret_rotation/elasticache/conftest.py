"""A real cluster of three shards with replicas, and a control plane that moto plays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws
from rotation.elasticache import ACCESS, CURRENT, REGION, USERNAME, ControlPlane, settings_of

from rehearsal.servers.certificates import Authority
from rehearsal.servers.redis_cluster import RedisCluster, User
from secret_rotation import elasticache_nodes, elasticache_users
from secret_rotation.elasticache import ElastiCache
from secret_rotation.settings import Secret
from shared import aws, trust
from shared.login import Login


@pytest.fixture(scope="session")
def redis_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signed the nodes' certificate."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def redis_cluster(redis_authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    """Three shards with a replica each."""
    cluster = RedisCluster(
        tmp_path_factory.mktemp("redis"),
        certificate=redis_authority.certificate("nodes", ["localhost", "127.0.0.1"]),
        authority=redis_authority.file,
        users=[User(USERNAME, ACCESS, [CURRENT])],
    )
    yield cluster
    cluster.stop()


@pytest.fixture
def believed(redis_authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Functions believe the nodes' certificate; and wait for nothing longer than a test has time."""
    monkeypatch.setenv("CA_BUNDLE", str(redis_authority.file))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, REGION)
    monkeypatch.setattr(elasticache_users, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(elasticache_nodes, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(elasticache_nodes, "SETTLE_SECONDS", 0.2)
    trust.public_and_bundle.cache_clear()
    yield redis_authority.file
    trust.public_and_bundle.cache_clear()


@pytest.fixture
def control_plane(
    redis_cluster: RedisCluster,
    believed: Path,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ControlPlane]:
    """The user is there with the password `CURRENT` alone, on every node."""
    with mock_aws():
        aws.forget_clients()
        control_plane = ControlPlane(redis_cluster, USERNAME, REGION)
        control_plane.install(monkeypatch, [CURRENT])
        yield control_plane
        control_plane.settle()
    aws.forget_clients()


@pytest.fixture
def secret() -> Secret:
    """The application's."""
    return Secret(arn="arn:aws:secretsmanager:us-west-2:123456789012:secret:cache", name="cache", kind="application")


@pytest.fixture
def engine(
    redis_cluster: RedisCluster,
    control_plane: ControlPlane,  # noqa: ARG001
    secret: Secret,
) -> ElastiCache:
    """The engine under test."""
    return ElastiCache(settings_of(redis_cluster, secret), secret)


@pytest.fixture
def current() -> Login:
    """What every node takes at the beginning."""
    return Login(USERNAME, CURRENT)
