"""One secret, rotated step by step as Secrets Manager does it; each rotation is measured and looked at afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from rehearsal.rotation.amazon import Amazon
from rehearsal.rotation.census import Census
from rehearsal.rotation.secrets_manager import STEPS
from secret_rotation.settings import Secret
from shared import clock
from shared.login import Login
from shared.secret_versions import current_since

LOOK_SECONDS: Final = 0.02
SETTLED: Final = "SUCCEEDED"


class Wrong(Exception):  # noqa: N818 - reads as what it is
    """Says what is not as it must be."""


class Rotating:
    """A secret and its rotations so far."""

    def __init__(self, secret: Secret, amazon: Amazon, census: Census, handler: Callable[[Any, Any], Any]) -> None:
        self._secret, self._amazon, self._census, self._handler = secret, amazon, census, handler
        self.name = secret.kind
        self._early: str | None = None
        self.seconds: list[float] = []
        self.done = 0
        census.know(self.name, self.login())

    @property
    def value(self) -> dict[str, Any]:
        """What a task that starts now is given."""
        return self._amazon.secrets.value(self._secret.arn)

    def login(self, version: str = "AWSCURRENT") -> Login:
        """The login of a version."""
        value = self._amazon.secrets.value(self._secret.arn, version)
        return Login(value["username"], value["password"])

    def rotate(self) -> None:
        """All four steps. Raises Wrong."""
        secrets, arn = self._amazon.secrets, self._secret.arn
        before = self.login()
        # One that was refused before is tried again with its own token.
        token = secrets.begin(arn, self._early)
        self._early = None
        began = time.monotonic()
        for step in STEPS:
            try:
                secrets.step(arn, self._handler, step, token)
            except Exception as failure:
                raise Wrong(f"{step} of the {self.name}'s secret failed: {failure}") from failure
            if step == "createSecret":
                self._census.know(self.name, self.login(token))
        self.seconds.append(time.monotonic() - began)
        self._look(token, before)

    def begin_too_early(self) -> bool:
        """Begin another rotation before consumers have moved; whether it was refused and nothing changed."""
        secrets, arn = self._amazon.secrets, self._secret.arn
        before = self.login()
        self._early = secrets.begin(arn)
        try:
            secrets.step(arn, self._handler, STEPS[0], self._early)
        except Exception:  # noqa: BLE001 - refused, however
            version = secrets.secret(arn).versions[self._early]
            return "secret_string" not in version and self.login() == before
        return False

    def wait_until_current(self) -> None:
        """Until whoever starts is sure to be told the current version: the refresh waits for much longer."""
        since = current_since(self._secret.arn)
        while clock.epoch() <= since:
            time.sleep(LOOK_SECONDS)

    def may_not_retire_yet(self) -> None:
        """Ask for the end while consumers lag. Raises Wrong if it is granted."""
        answer = self._retire()
        if answer.get("status") == SETTLED:
            raise Wrong("older logins were made invalid although consumers still held them")

    def retire(self) -> None:
        """End the rotation: the current login alone is live. Raises Wrong."""
        answer = self._retire()
        if answer.get("status") != SETTLED:
            raise Wrong(f"the {self.name}'s older logins stay: {answer.get('because')}")
        live = self._census.live(self.name)
        if live != [self.login()]:
            raise Wrong(f"{len(live)} logins of the {self.name}'s secret are live after its older ones were retired")
        self.done += 1

    def _retire(self) -> dict[str, str]:
        try:
            return dict(self._amazon.retire(self._secret.arn, self._handler))
        except Exception as failure:
            raise Wrong(f"the {self.name}'s older logins could not be retired: {failure}") from failure

    def _look(self, token: str, before: Login) -> None:
        """The state that finishSecret has to leave."""
        labels = self._amazon.secrets.labels(self._secret.arn)
        pending = [version for version, its in labels.items() if "AWSPENDING" in its]
        for wrong, text in (
            ("AWSCURRENT" not in labels.get(token, set()), "the new version is not current"),
            (bool(pending), "a version still bears AWSPENDING"),
            (self.login() == before, "the login is the same as before"),
            (
                bool(self._secret.consumers) and not self._amazon.refresh_was_started(token),
                "the refresh of consumers was not started",
            ),
        ):
            if wrong:
                raise Wrong(f"after finishSecret of the {self.name}'s secret: {text}")
