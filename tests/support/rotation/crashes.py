"""A rotation function that dies at one of its calls, with Secrets Manager in moto and a server that is real."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from crash_matrix import Row, died
from killing import Killed, watched
from moto import mock_aws
from rotation import versions_as_in_aws
from rotation.secrets_manager import Context, SecretsManager

from secret_rotation.handler import handler
from secret_rotation.settings import Settings
from shared import aws, clock
from shared.login import Login

REGION: Final = "us-west-2"
FUNCTION_SECONDS: Final = 61
"""What a dead retirement may have left holds until then."""


@dataclass
class Crashes:
    """The life of one secret after another."""

    begin_server: Callable[[], Login]
    """Make the server's logins as they were created; the secret's first."""
    settings: Callable[[str], Settings]
    """Of the function, for the ARN of the secret at hand."""
    live: Callable[[Sequence[Login]], set[Login]]
    """The valid ones of some logins, of which no further one is valid."""
    single: bool = False
    """Whether the current login stops working before the pending one is current."""
    place: Mapping[str, object] = field(default_factory=dict)
    """What the secret says beside the login."""
    secrets: SecretsManager = field(default_factory=lambda: SecretsManager(REGION))
    arn: str = ""
    moved: float = 0.0
    made: int = 0

    def begin(self) -> str:
        """Another secret and a new server's logins; the token of a rotation that is about to begin."""
        login = self.begin_server()
        self.made += 1
        value = {"username": login.username, "password": login.password, **self.place}
        self.arn = self.secrets.create(f"shop-prod/secret{self.made}", value)
        return self.secrets.begin(self.arn)

    def rotate(self, token: str | None = None) -> None:
        """The four steps."""
        self.secrets.rotate(self.arn, handler, token=token)

    def retire(self) -> None:
        """What the refresh asks for at the end."""
        assert {"status": "SUCCEEDED"} == handler({"Step": "retire", "SecretId": self.arn}, Context())

    def points(self, call: Callable[[], object]) -> list[str]:
        """What happens in `call`."""
        with watched() as calls:
            call()
        return calls.made

    def every_point(self, row: Callable[[str], Row], *, after: bool, resumed: bool) -> None:
        """Each call of a rotation and of a retirement, before or after it; then the same again, or a new attempt.

        `row`: of the documentation's table, by what dies.
        """
        rotation, retirement = self.both()
        told = row("a rotation")
        for kill_at in range(len(rotation)):
            died(told, kill_at)
            self.rotation_dies(kill_at, after=after, resumed=resumed)
        told = row("a retirement")
        for kill_at in range(len(retirement)):
            died(told, kill_at)
            self.retirement_dies(kill_at, after=after, retired=resumed)

    def both(self) -> tuple[list[str], list[str]]:
        """What happens in a rotation, and in a retirement."""
        token = self.begin()
        rotation = self.points(lambda: self.rotate(token))
        return rotation, self.points(self.retire)

    def rotation_dies(self, kill_at: int, *, after: bool, resumed: bool) -> None:
        """Whatever comes next, the same attempt or another, finds a secret that works and ends as if nothing had been."""
        token = self.begin()
        self._dies(lambda: self.rotate(token), kill_at, after=after)
        self.safe()
        self.rotate(token if resumed else None)
        self.over(logins=2)
        self.retire()
        self.over(logins=1)

    def retirement_dies(self, kill_at: int, *, after: bool, retired: bool) -> None:
        """It is asked for again, or another rotation comes first."""
        self.rotate(self.begin())
        self._dies(self.retire, kill_at, after=after)
        self.safe()
        self.moved += FUNCTION_SECONDS
        if retired:
            self.retire()
            self.over(logins=1)
        self.rotate()
        self.over(logins=2)
        self.retire()
        self.over(logins=1)

    def _dies(self, call: Callable[[], object], kill_at: int, *, after: bool) -> None:
        """Or ends before: how often a function looks whether AWS has finished depends on time."""
        with watched(kill_at, after=after) as calls:
            try:
                call()
            except Killed:
                return
        assert len(calls.made) <= kill_at

    def safe(self) -> None:
        """The current login works, or for a single user the pending one; no more than two do."""
        current, live = self._login("AWSCURRENT"), self.live(self._logins())
        assert len(live) <= 2
        version = self.secrets.labelled(self.arn, "AWSPENDING") if self.single else None
        assert live & {current, *(login for name, login in self._versions().items() if name == version)}

    def over(self, *, logins: int) -> None:
        """The current login works, at most `logins` do, and nothing is pending."""
        live = self.live(self._logins())
        assert self._login("AWSCURRENT") in live
        assert len(live) <= logins
        assert self.secrets.labelled(self.arn, "AWSPENDING") is None

    def _login(self, label: str) -> Login:
        return self._versions()[self.secrets.labelled(self.arn, label) or ""]

    def _logins(self) -> list[Login]:
        return list(self._versions().values())

    def _versions(self) -> dict[str, Login]:
        """Of every version that has a value."""
        versions = self.secrets.secret(self.arn).versions
        values = {name: self.secrets.value(self.arn, name) for name in versions if versions[name].get("secret_string")}
        return {name: Login(value["username"], value["password"]) for name, value in values.items()}


@contextmanager
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty one in moto."""
    names = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    versions_as_in_aws.install(monkeypatch)
    with mock_aws():
        aws.forget_clients()
        yield
    aws.forget_clients()


def attach(crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> Crashes:
    """Make the handler its function, and its clock the function's."""
    monkeypatch.setattr("secret_rotation.handler.settings", lambda: crashes.settings(crashes.arn))
    monkeypatch.setattr(clock, "epoch", lambda: time.time() + crashes.moved)
    return crashes


def sample(points: Sequence[str], *wanted: str) -> list[int]:
    """The first and the last point of each kind that is `wanted`."""
    found: dict[str, Any] = {}
    for number, name in enumerate(points):
        for kind in wanted:
            if name.startswith(kind):
                first, _ = found.get(kind, (number, number))
                found[kind] = (first, number)
    assert set(wanted) == set(found), points
    return sorted({number for pair in found.values() for number in pair})
