"""A rotation of RabbitMQ's users that dies anywhere, against a real broker."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import sha256

import pytest
from crash_matrix import MakeRow
from rotation.broker import CURRENT, count_requests, give_user, settings_of
from rotation.crashes import REGION, Crashes, account, attach, sample
from rotation.secrets_manager import SecretsManager

from rehearsal.servers.rabbitmq import ADMINISTRATOR
from rehearsal.servers.rabbitmq import RabbitMQ as Broker
from secret_rotation.settings import Secret
from shared.login import Login

CLONE = "application_clone"
WRITES = (
    "server.PUT users/",
    "server.PUT permissions/",
    "server.PUT topic-permissions/",
    "server.PUT user-limits/",
    "secretsmanager.UpdateSecretVersionStage",
)


@pytest.fixture
def superuser(broker: Broker) -> Iterator[Login]:
    """Another administrator, by whom the tests look, and set the broker right."""
    original = broker.password
    superuser = Login("superuser", "password-of-superuser")
    broker.create_user(superuser.username, superuser.password, tags="administrator")
    broker.administrator, broker.password = superuser.username, superuser.password
    yield superuser
    broker.manage("PUT", f"users/{ADMINISTRATOR}", {"password": original, "tags": "administrator"})
    broker.administrator, broker.password = ADMINISTRATOR, original


def _live(broker: Broker, logins: Sequence[Login], names: Sequence[str]) -> set[Login]:
    """As the broker keeps them: four random bytes, then SHA-256 (RabbitMQ documentation, passwords)."""
    kept = {each["name"]: base64.b64decode(each["password_hash"]) for each in broker.manage("GET", "users")}
    valid = {name: kept[name] for name in names if kept.get(name)}

    def takes(login: Login) -> bool:
        stored = valid.get(login.username, b"")
        return stored != b"" and sha256(stored[:4] + login.password.encode()).digest() == stored[4:]

    found = {login for login in logins if takes(login)}
    assert len(valid) == len(found)
    return found


@pytest.fixture
def application(broker: Broker, superuser: Login, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crashes]:
    """Each secret begins with one user, who has rights on three virtual hosts."""
    count_requests(monkeypatch)
    with account(monkeypatch):
        value = {"host": broker.host, "username": superuser.username, "password": superuser.password}
        administrator = SecretsManager(REGION).create("shop-prod/administrator", value)

        def begin() -> Login:
            for user in broker.manage("GET", "users"):
                if user["name"] == CLONE:
                    broker.manage("DELETE", f"users/{CLONE}")
            give_user(broker, CURRENT)
            return CURRENT

        managing = Secret(administrator, "queue-administrator", "administrator")
        made = Crashes(
            begin,
            lambda arn: settings_of(broker, secrets=[Secret(arn, "queue", "application"), managing]),
            lambda logins: _live(broker, logins, ["application", CLONE]),
            place={"engine": "rabbitmq", "host": broker.host, "port": broker.port},
        )
        yield attach(made, monkeypatch)


@pytest.fixture
def administrator(
    broker: Broker,
    superuser: Login,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Crashes]:
    """Each secret begins with the broker's first user."""
    count_requests(monkeypatch)

    def begin() -> Login:
        login = Login(ADMINISTRATOR, "administrator-as-created")
        broker.manage("PUT", f"users/{ADMINISTRATOR}", {"password": login.password, "tags": "administrator"})
        return login

    with account(monkeypatch):
        made = Crashes(
            begin,
            lambda arn: settings_of(broker, secrets=[Secret(arn, "queue-administrator", "administrator")]),
            lambda logins: _live(broker, logins, [ADMINISTRATOR]),
            single=True,
            place={"engine": "rabbitmq", "host": broker.host, "port": broker.port},
        )
        yield attach(made, monkeypatch)


def test_killed_at_some_points(application: Crashes) -> None:
    """The first and the last of each kind of change."""
    rotation, retirement = application.both()
    for number, kill_at in enumerate(sample(rotation, *WRITES)):
        application.rotation_dies(kill_at, after=True, resumed=number % 2 == 0)
    kill_at = next(number for number, name in enumerate(retirement) if name.startswith(WRITES[0]))
    application.retirement_dies(kill_at, after=True, retired=False)


def test_the_administrator_killed_at_some_points(administrator: Crashes) -> None:
    """Before its password is changed, after it, and at the end."""
    rotation, _ = administrator.both()
    for number, kill_at in enumerate(sample(rotation, WRITES[0], WRITES[-1])):
        administrator.rotation_dies(kill_at, after=True, resumed=number % 2 == 0)


@pytest.mark.full
@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("resumed", [True, False])
@pytest.mark.parametrize("whose", ["application", "administrator"])
def test_killed_at_every_point(
    request: pytest.FixtureRequest, crash_row: MakeRow, whose: str, *, after: bool, resumed: bool
) -> None:
    """Each call to AWS and each request, before it and after it; then the same attempt again, or a new one."""
    crashes: Crashes = request.getfixturevalue(whose)
    crashes.every_point(partial(crash_row, "RabbitMQ", whose), after=after, resumed=resumed)
