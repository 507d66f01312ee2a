"""A secret in Secrets Manager, the server that knows it, tasks that hold it, and a clock that tests move."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from rotation import versions_as_in_aws
from rotation.memory import HOST, MemoryEngine, Server
from rotation.secrets_manager import Context, SecretsManager

from secret_rotation import consumers, engines
from secret_rotation.administrators import Administrators
from secret_rotation.handler import handler
from secret_rotation.settings import Kind, Secret, Settings
from shared import aws, clock
from shared.consumers import Laggard
from shared.login import Login
from shared.secret_versions import Versions

REGION = "us-west-2"
PREFIX = "shop-prod"
FUNCTION_SECONDS = 600
"""Its time-out."""
REFRESH_ARN = f"arn:aws:states:{REGION}:{DEFAULT_ACCOUNT_ID}:stateMachine:{PREFIX}-secret-refresh"

Users = Literal["alternating", "single", "two passwords"]


@dataclass
class World:
    """What a rotation meets."""

    secrets: SecretsManager = field(default_factory=SecretsManager)
    server: Server = field(default_factory=Server)
    users: Users = "alternating"
    host: str = HOST
    arn: str = ""
    """The application's secret."""
    administrator_arn: str = ""
    kind: Kind = "application"
    tasks: list[float] = field(default_factory=list)
    """When each running task was created."""
    moved: float = 0.0
    """How far the clock was moved, in seconds."""
    instead: dict[str, Callable[..., Any]] = field(default_factory=dict)
    """Called in the place of the engine's, by name."""
    made: int = 0
    """Secrets."""

    def begin(self, users: Users = "alternating") -> World:
        """A new secret, as it is once its login works, and the server that knows it."""
        self.users, self.kind, self.server = users, "application", Server()
        self.administrator_arn, self.tasks = "", []
        value = {"username": "application", "password": "as-created", "dbname": "shop"}
        self.arn = self._create({**value, **MemoryEngine(self.server, host=self.host).attributes()})
        self.server.passwords["application"] = ["as-created"]
        return self

    def begin_generated(self, **value: str) -> World:
        """A secret that no server knows."""
        self.kind, self.tasks, self.administrator_arn = "generated", [], ""
        self.arn = self._create(value or {"value": "first", "next": "second", "previous": "zeroth"})
        return self

    def begin_administrator(self) -> World:
        """After `begin`: the server's administrator, without whom nobody changes anything there from now on."""
        value = {"username": "administrator", "password": "as-created", "host": self.host, "masterarn": "kept"}
        self.administrator_arn = self._create({**value, **MemoryEngine(self.server, host=self.host).attributes()})
        self.server.passwords["administrator"] = ["as-created"]
        return self

    def _create(self, value: Mapping[str, object]) -> str:
        self.made += 1
        return self.secrets.create(f"{PREFIX}/secret{self.made}", value)

    def settings(self) -> Settings:
        """Of the function."""
        secrets = [Secret(self.arn, "database", self.kind, ["web"] if self.kind != "administrator" else [])]
        if self.administrator_arn:
            secrets.append(Secret(self.administrator_arn, "administrator", "administrator"))
        engine: Any = "generated" if self.kind == "generated" else "postgresql"
        return Settings(engine, PREFIX, PREFIX, REFRESH_ARN, secrets, host=self.host)

    def engine_for(self, _settings: Settings, secret: Secret, administrators: Administrators) -> MemoryEngine:
        """In the place of the real ones."""
        asked = administrators if self.administrator_arn else None
        engine = self.memory_engine("single" if secret.kind == "administrator" else self.users, asked)
        for name, call in self.instead.items():
            setattr(engine, name, call)
        return engine

    def memory_engine(self, users: Users | None = None, administrators: Administrators | None = None) -> MemoryEngine:
        """As it is without what is in `instead`."""
        return MemoryEngine(self.server, users or self.users, self.host, administrators)

    def versions(self, arn: str | None = None) -> Versions:
        """As the function sees them now."""
        return Versions.read(arn or self.arn)

    def laggards(self, cluster: str, prefix: str, services: Sequence[str], since: float) -> list[Laggard]:
        """Of `tasks`."""
        assert (PREFIX, PREFIX, ["web"]) == (cluster, prefix, list(services))
        return [Laggard("web", f"task{created}", created) for created in self.tasks if created <= since]

    def rotate(self, token: str | None = None, *, arn: str | None = None) -> str:
        """A whole rotation, or the rest of one."""
        return self.secrets.rotate(arn or self.arn, handler, token=token)

    def step(self, step: str, token: str, *, arn: str | None = None) -> object:
        """One call by Secrets Manager."""
        return self.secrets.step(arn or self.arn, handler, step, token)

    def resume(self, arn: str | None = None) -> str:
        """What Secrets Manager does after a failure."""
        return self.secrets.resume(arn or self.arn, handler)

    def retire(self, arn: str | None = None) -> Mapping[str, Any]:
        """What the refresh calls when every task has moved."""
        answer = handler({"Step": "retire", "SecretId": arn or self.arn}, Context(FUNCTION_SECONDS * 1000))
        assert answer is not None
        return answer

    def replace_tasks(self) -> None:
        """A refresh: every task is a new one."""
        self.moved += 10
        self.tasks = [clock.epoch() for _ in self.tasks]
        self.moved += 10

    def current(self, arn: str | None = None) -> Login:
        """The login that services are given."""
        value = self.secrets.value(arn or self.arn)
        return Login(value["username"], value["password"])

    def check(self, arn: str | None = None, *, logins: int = 2) -> None:
        """A rotation is over: the current login works, no label stays behind, at most `logins` of the server are valid."""
        arn = arn or self.arn
        assert self.server.takes(self.current(arn))
        assert self.secrets.labelled(arn, "AWSPENDING") is None
        ours = [
            label for labels in self.secrets.labels(arn).values() for label in labels if not label.startswith("AWS")
        ]
        assert 1 == len(ours), ours
        assert ours[0] in self.secrets.labels(arn)[self.secrets.labelled(arn, "AWSCURRENT") or ""]
        assert ours[0].startswith("CURRENT_SINCE_")
        assert 1 <= self.server.live <= logins


@contextmanager
def account(monkeypatch: pytest.MonkeyPatch, world: World) -> Iterator[World]:
    """An empty one in moto, with `world` in the place of servers, tasks and time."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "PREFIX": PREFIX,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    versions_as_in_aws.install(monkeypatch)
    monkeypatch.setattr(engines, "engine_for", world.engine_for)
    monkeypatch.setattr(consumers, "laggards", world.laggards)
    monkeypatch.setattr("secret_rotation.handler.settings", world.settings)
    monkeypatch.setattr(clock, "epoch", lambda: time.time() + world.moved)

    def pause(seconds: float) -> None:
        world.moved += seconds

    monkeypatch.setattr(clock, "pause", pause)
    with mock_aws():
        aws.forget_clients()
        yield world
    aws.forget_clients()
