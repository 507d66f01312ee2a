"""A user of ElastiCache's holds two passwords while consumers move, and one before and after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rotation.elasticache import USER_ID, ControlPlane
from rotation.redis_logins import taken

from rehearsal.servers.redis_cluster import RedisCluster
from secret_rotation import elasticache_users
from secret_rotation.elasticache import ElastiCache
from shared.login import Login, Rejected
from shared.told import Told

Taken = Callable[..., set[str]]


@pytest.fixture
def accepted(redis_cluster: RedisCluster, believed: Path) -> Taken:
    """Which of some logins' passwords every node takes."""

    def ask(*logins: Login) -> set[str]:
        return taken(redis_cluster, believed, logins[0].username, [login.password for login in logins])

    return ask


def test_the_next_login_is_the_same_users(engine: ElastiCache, current: Login) -> None:
    """With another password, of the length that AWS takes."""
    following = engine.following(current)
    assert current.username == following.username
    assert current.password != following.password
    assert 16 <= len(following.password) <= 128


def test_the_secret_says_where_the_cache_is(engine: ElastiCache, redis_cluster: RedisCluster) -> None:
    """By the configuration endpoint."""
    assert {"engine": "redis", "host": "localhost", "port": redis_cluster.port} == engine.attributes()


def test_both_passwords_work_until_the_old_one_is_retired(
    engine: ElastiCache, current: Login, accepted: Taken, control_plane: ControlPlane
) -> None:
    """On every node, and nothing is asked of AWS that is done."""
    pending = engine.following(current)
    engine.use(current, pending)
    assert {current.password, pending.password} == accepted(current, pending)
    engine.test(pending)
    engine.retire(pending)
    assert {pending.password} == accepted(current, pending)
    engine.retire(pending)
    assert [[current.password, pending.password], [pending.password]] == control_plane.changes


def test_a_password_that_was_never_retired_makes_room(engine: ElastiCache, current: Login, accepted: Taken) -> None:
    """There are never three."""
    second = engine.following(current)
    engine.use(current, second)
    third = engine.following(second)
    engine.use(second, third)
    assert {second.password, third.password} == accepted(current, second, third)


def test_a_new_user_is_left_as_cloudformation_made_it(
    engine: ElastiCache, current: Login, control_plane: ControlPlane
) -> None:
    """It has its password."""
    engine.establish(current)
    assert [] == control_plane.changes


def test_a_user_without_a_password_gets_one(
    engine: ElastiCache, current: Login, control_plane: ControlPlane, accepted: Taken
) -> None:
    """Such as one that somebody made by hand."""
    control_plane.user.passwords = []
    engine.establish(current)
    assert [[current.password]] == control_plane.changes
    assert {current.password} == accepted(current)


def test_a_change_under_way_is_waited_for(
    engine: ElastiCache, current: Login, control_plane: ControlPlane, accepted: Taken
) -> None:
    """Somebody else's, or that of a call which was killed."""
    control_plane.seconds = 0.3
    control_plane.change([current.password, "somebody-else's-password"])
    pending = engine.following(current)
    engine.use(current, pending)
    assert {current.password, pending.password} == accepted(current, pending)


def test_a_change_between_look_and_request_is_waited_for(
    engine: ElastiCache, current: Login, control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS then answers InvalidUserState."""
    look = elasticache_users.settled
    raced: list[str] = []

    def raced_look(user_id: str) -> elasticache_users.User:
        user = look(user_id)
        if not raced:
            raced.append(user_id)
            control_plane.change([current.password])
        return user

    monkeypatch.setattr(elasticache_users, "settled", raced_look)
    pending = engine.following(current)
    engine.use(current, pending)
    assert [[current.password, pending.password]] == control_plane.changes


def test_a_change_that_never_ends_is_told(
    engine: ElastiCache, current: Login, control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a bounded time, with nothing changed."""
    monkeypatch.setattr(elasticache_users, "SETTLE_SECONDS", 0.05)
    control_plane.user.status = "modifying"
    with pytest.raises(Told, match=f"{USER_ID} is still being changed"):
        engine.use(current, engine.following(current))
    control_plane.user.status = "active"
    assert [] == control_plane.changes


def test_a_user_that_is_being_deleted_is_told(engine: ElastiCache, current: Login, control_plane: ControlPlane) -> None:
    """Its status says so."""
    control_plane.user.status = "deleting"
    with pytest.raises(Told, match="its status is deleting"):
        engine.use(current, engine.following(current))
    with pytest.raises(Told, match=f"no ElastiCache user {USER_ID}"):
        engine.use(current, engine.following(current))


def test_a_user_of_another_name_is_told(engine: ElastiCache, current: Login, control_plane: ControlPlane) -> None:
    """Somebody changed the secret's user name by hand."""
    other = Login("someone", current.password)
    with pytest.raises(Told, match="is called application"):
        engine.use(other, engine.following(other))
    with pytest.raises(Told, match="is called application"):
        engine.retire(other)
    assert [] == control_plane.changes


def test_a_password_that_aws_refuses_is_rejected(
    engine: ElastiCache, current: Login, control_plane: ControlPlane, accepted: Taken
) -> None:
    """So that another one is made; what AWS says is told without it."""
    control_plane.rejects = lambda password: password != current.password
    pending = engine.following(current)
    with pytest.raises(Rejected, match="does not take the password") as rejected:
        engine.use(current, pending)
    assert pending.password not in str(rejected.value)
    assert current.password not in str(rejected.value)
    assert rejected.value.__cause__ is None
    assert {current.password} == accepted(current, pending)


def test_an_answer_that_never_comes_is_told(
    engine: ElastiCache, current: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No exception of botocore's gets out, as it may quote what was sent."""
    from botocore.exceptions import EndpointConnectionError, ParamValidationError

    class Client:
        failure: Exception = EndpointConnectionError(endpoint_url="https://elasticache")

        def describe_users(self, **_: object) -> dict[str, object]:
            return {"Users": [{"UserName": "application", "Status": "active"}]}

        def modify_user(self, **_: object) -> None:
            raise self.failure

    client = Client()
    monkeypatch.setattr(elasticache_users, "client", lambda _: client)
    pending = engine.following(current)
    with pytest.raises(Told, match="EndpointConnectionError"):
        engine.use(current, pending)
    client.failure = ParamValidationError(report=f"Passwords: {pending.password}")
    with pytest.raises(Told, match="ParamValidationError") as told:
        engine.use(current, pending)
    assert pending.password not in str(told.value)
