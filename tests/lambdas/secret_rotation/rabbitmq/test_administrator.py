"""RabbitMQ's administrator: one user, whose password changes at once and whose tags stay."""

from __future__ import annotations

import killing
import pytest
from rotation.broker import CURRENT, Accepted, Made, rights_of

from rehearsal.failure import RehearsalError
from rehearsal.servers.rabbitmq import ADMINISTRATOR
from rehearsal.servers.rabbitmq import RabbitMQ as Broker
from shared.login import Login, Rejected
from shared.told import Told


@pytest.fixture
def administrator(broker: Broker) -> Login:
    """As the broker knows it at the beginning; it gets this password back."""
    return Login(ADMINISTRATOR, broker.password)


def _manages(broker: Broker, login: Login) -> bool:
    try:
        broker.manage("GET", "users", login=(login.username, login.password))
    except RehearsalError:
        return False
    return True


def _give_back(broker: Broker, pending: Login, administrator: Login) -> None:
    body = {"password": administrator.password, "tags": "administrator"}
    broker.manage("PUT", f"users/{ADMINISTRATOR}", body, login=(pending.username, pending.password))


def test_it_keeps_its_tags_and_rights(
    engine_of: Made, broker: Broker, administrator: Login, accepted: Accepted
) -> None:
    """Only the password is another, for the management API and for AMQP."""
    broker.manage("PUT", f"users/{ADMINISTRATOR}", {"password": administrator.password, "tags": "administrator,own"})
    before = rights_of(broker, ADMINISTRATOR)
    engine = engine_of("administrator")
    pending = engine.following(administrator)
    assert ADMINISTRATOR == pending.username
    engine.use(administrator, pending)
    try:
        engine.test(pending)
        engine.retire(pending)
        assert [False, True] == [_manages(broker, login) for login in (administrator, pending)]
        assert [False, True] == [accepted(login) for login in (administrator, pending)]
    finally:
        _give_back(broker, pending, administrator)
    assert {"administrator", "own"} == set(before["tags"])
    assert before["permissions"] == rights_of(broker, ADMINISTRATOR)["permissions"]


def test_what_is_done_is_not_done_again(engine_of: Made, broker: Broker, administrator: Login) -> None:
    """Called again after it was killed, `use` finds that the pending password works."""
    engine = engine_of("administrator")
    pending = engine.following(administrator)
    with killing.watched() as calls:
        engine.use(administrator, pending)
    try:
        with killing.watched() as again:
            engine.use(administrator, pending)
        assert 1 == sum(name.startswith("server.PUT") for name in calls.made)
        assert 0 == sum(name.startswith("server.PUT") for name in again.made)
    finally:
        _give_back(broker, pending, administrator)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(3))
def test_a_change_can_be_killed_anywhere(
    engine_of: Made, broker: Broker, administrator: Login, at: int, after: bool
) -> None:
    """Either the current or the pending password works, and the next call leaves the pending one."""
    engine = engine_of("administrator")
    pending = engine.following(administrator)
    try:
        with pytest.raises(killing.Killed), killing.watched(at, after=after):
            engine.use(administrator, pending)
        assert [True] == [True for login in (administrator, pending) if _manages(broker, login)]
        engine.use(administrator, pending)
        engine.test(pending)
    finally:
        _give_back(broker, pending, administrator)


def test_the_application_rotates_meanwhile(engine_of: Made, administrator: Login) -> None:
    """Between the change and its end, the pending password manages: it is tried after the current one."""
    wrong = Login(ADMINISTRATOR, "current-no-longer-works")
    engine = engine_of("application", wrong, administrator)
    pending = engine.following(CURRENT)
    engine.use(CURRENT, pending)
    engine.test(pending)


def test_a_password_changed_by_hand_is_told(engine_of: Made, accepted: Accepted) -> None:
    """Nothing is changed, for whoever's secret; and the secret that has to be mended is named."""
    wrong = Login(ADMINISTRATOR, "not-the-administrators")
    for kind, current in (("application", CURRENT), ("administrator", wrong)):
        engine = engine_of(kind, wrong)
        pending = engine.following(current)
        for step in ("use", "test"):
            with killing.watched() as calls, pytest.raises(Told, match=r"by hand.*queue-administrator") as told:
                engine.use(current, pending) if step == "use" else engine.test(pending)
            assert not [name for name in calls.made if not name.startswith("server.GET")]
            assert wrong.password not in str(told.value)
    assert accepted(CURRENT)


def test_the_test_step_needs_the_new_password(engine_of: Made, administrator: Login) -> None:
    """One that works only as the current one does is no proof."""
    pending = Login(ADMINISTRATOR, "never-made-valid-by-anybody")
    with pytest.raises(Told, match="refuses the new password"):
        engine_of("administrator", administrator).test(pending)


def test_a_refused_password_is_rejected(engine_of: Made, broker: Broker, administrator: Login) -> None:
    """By the broker's validator; the current one goes on."""
    with pytest.raises(Rejected):
        engine_of("administrator").use(administrator, Login(ADMINISTRATOR, "short"))
    assert _manages(broker, administrator)


def test_a_lost_tag_is_told(engine_of: Made, broker: Broker) -> None:
    """Whoever may not manage users cannot rotate them."""
    broker.create_user("weak", "weak-password-of-test", tags="monitoring")
    with pytest.raises(Told, match="weak has lost the tag administrator"):
        engine_of("application", Login("weak", "weak-password-of-test")).use(
            CURRENT, Login("application_clone", "x" * 32)
        )


def test_it_exists_since_the_broker_does(engine_of: Made, administrator: Login) -> None:
    """So there is nothing to establish."""
    with killing.watched() as calls:
        engine_of("administrator").establish(administrator)
    assert [] == calls.made
