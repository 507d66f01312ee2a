"""Secrets Manager's part in a rotation, against moto in this process.

`RotateSecret` of the API Reference: the new version bears AWSPENDING and has no value; the function is called four times.
A call that fails ends the attempt and leaves AWSPENDING, and whoever tries again with the same token resumes it. An
attempt with a new token moves AWSPENDING to its own version.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.secretsmanager.models import FakeSecret, secretsmanager_backends

from rehearsal.rotation.versions_as_in_aws import LOCK, place
from shared import clock

STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")

Handler = Callable[[Mapping[str, Any], Any], object]


@dataclass(frozen=True)
class Context:
    """What Lambda passes beside the event."""

    milliseconds: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        """Before the time-out."""
        return self.milliseconds


@dataclass(frozen=True)
class SecretsManager:
    """One region's, inside `mock_aws`; after `versions_as_in_aws.install(monkeypatch)`."""

    region: str = "us-west-2"

    def create(self, name: str, value: Mapping[str, object], *, rotated: bool = True) -> str:
        """Make a secret that has `value`; its ARN."""
        backend = secretsmanager_backends[DEFAULT_ACCOUNT_ID][self.region]
        with LOCK:
            backend.create_secret(
                name, json.dumps(value), None, None, None, None, str(uuid4()), [], force_overwrite=False
            )
            secret = self.secret(name)
            secret.rotation_requested = secret.rotation_enabled = rotated
            secret.created_date = secret.last_changed_date = clock.epoch()  # type: ignore[assignment] # finer than moto's
            for version in secret.versions.values():
                version["createdate"] = clock.epoch()
        return secret.arn

    def secret(self, arn: str) -> FakeSecret:
        """What moto keeps."""
        secret = secretsmanager_backends[DEFAULT_ACCOUNT_ID][self.region].secrets[arn]
        if not isinstance(secret, FakeSecret):
            raise TypeError(f"{arn} is a replica")
        return secret

    def begin(self, arn: str, token: str | None = None) -> str:
        """What happens before the first call: the version `token`, a new one if None, bears AWSPENDING. The token."""
        token = token or str(uuid4())
        with LOCK:
            secret = self.secret(arn)
            created = {"version_id": token, "version_stages": [], "createdate": clock.epoch()}
            secret.versions.setdefault(token, created)
            if "AWSPENDING" not in secret.versions[token]["version_stages"]:
                place(secret, "AWSPENDING", token)
        return token

    def rotate(self, arn: str, handler: Handler, *, token: str | None = None) -> str:
        """Begin a rotation, or resume that of `token`, and call `handler` four times. The token.

        What `handler` raises comes through; AWSPENDING then stands where the function left it.
        """
        token = self.begin(arn, token)
        for step in STEPS:
            self.step(arn, handler, step, token)
        return token

    def resume(self, arn: str, handler: Handler) -> str:
        """Try again what failed, as Secrets Manager does while AWSPENDING stands; begin a rotation if it does not."""
        return self.rotate(arn, handler, token=self.labelled(arn, "AWSPENDING"))

    def step(self, arn: str, handler: Handler, step: str, token: str) -> object:
        """One call."""
        event = {"Step": step, "SecretId": arn, "ClientRequestToken": token}
        return handler(json.loads(json.dumps(event)), Context())

    def put(self, arn: str, value: Mapping[str, object]) -> str:
        """Change the secret by hand; the version."""
        token = str(uuid4())
        with LOCK:
            backend = secretsmanager_backends[DEFAULT_ACCOUNT_ID][self.region]
            backend.put_secret_value(arn, json.dumps(value), "", token, ["AWSCURRENT"])
        return token

    def labels(self, arn: str) -> dict[str, set[str]]:
        """Labels of every version that has some."""
        with LOCK:
            return {name: set(one) for name, one in self.secret(arn).to_dict()["VersionIdsToStages"].items()}

    def labelled(self, arn: str, label: str) -> str | None:
        """The version with `label`."""
        return next((token for token, labels in self.labels(arn).items() if label in labels), None)

    def value(self, arn: str, label: str = "AWSCURRENT") -> dict[str, Any]:
        """Of the version with `label`, or of the version of that name. Raises KeyError without one."""
        with LOCK:
            version = self.secret(arn).versions[self.labelled(arn, label) or label]
            value: dict[str, Any] = json.loads(version["secret_string"])
            return value
