"""What rotation functions meet: for each secret its login, rotations good and given up, and the end of old logins.

Servers inside the VPC are in memory, because nothing that happens there is AWS's to allow; ElastiCache, whose users AWS
itself keeps, is asked for as always.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Literal
from unittest.mock import patch

import pytest
from permissions.recorded_aws import Refused
from permissions.scenarios.elasticache_users import ElastiCacheUsers
from permissions.scenarios.running_tasks import RunningTasks
from permissions.scenarios.stored_secrets import CURRENT, PENDING, StoredSecret, StoredSecrets
from permissions.scene import Scene, listening
from rotation.memory import MemoryEngine, Server

TYPE: Final = "Custom::Login"
STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")
WATCH: Final = "secret_rotation.watch.handler"


def play(scene: Scene) -> None:
    """The watch, or the four steps for each secret of the function."""
    if scene.function.entry == WATCH:
        _watch(scene)
        return
    settings = json.loads(scene.variables["ROTATION"])
    secrets = StoredSecrets(scene.function.deployed)
    tasks = RunningTasks(scene)
    scene.aws.answers = {
        **secrets.answers(),
        **tasks.answers(),
        **ElastiCacheUsers(scene.function.deployed).answers(),
        "stepfunctions.StartExecution": {"executionArn": "arn", "startDate": 0},
    }
    logins = {properties["SecretId"]: properties for properties in scene.custom_resources(TYPE)}
    assert logins.keys() == {secret["arn"] for secret in settings["secrets"]}, "a login is made valid by nobody"
    with _servers(settings, secrets), listening() as url:
        for told in settings["secrets"]:
            secret = _Rotated(scene, secrets.by_arn[told["arn"]], tasks, told["consumers"])
            secret.attached(logins[secret.stored.arn], url)
            secret.refused_while_tasks_lag()
            secret.rotated()
            secret.refresh_not_there(settings["refresh_arn"])
            secret.given_up()
            secret.retired()


def _watch(scene: Scene) -> None:
    scene.aws.answers = {**StoredSecrets(scene.function.deployed).answers(), "cloudwatch.PutMetricData": {}}
    scene.invoke({})


class _Rotated:
    """One secret and its story."""

    def __init__(self, scene: Scene, stored: StoredSecret, tasks: RunningTasks, consumers: list[str]) -> None:
        self.stored = stored
        self._scene = scene
        self._tasks = tasks
        self._consumers = consumers
        self._attempts = 0

    def attached(self, properties: Mapping[str, Any], url: str) -> None:
        """CloudFormation makes the login, changes it, and removes it."""
        before = self.stored.current
        for kind in ("Create", "Update", "Delete"):
            self._scene.invoke(
                {
                    "RequestType": kind,
                    "ResponseURL": url,
                    "StackId": "stack",
                    "RequestId": "request",
                    "LogicalResourceId": "Login",
                    "PhysicalResourceId": self.stored.arn,
                    "ResourceType": TYPE,
                    "ResourceProperties": properties,
                }
            )
        # The function answers CloudFormation whatever happens: that it went well shows in the value.
        assert before.items() < self.stored.current.items(), f"{self.stored.arn} was not completed"

    def refused_while_tasks_lag(self) -> None:
        """A task may still hold the login that a rotation would overwrite."""
        if not self._consumers:
            return
        with self._lagging():
            self._refused(self._begun(), "createSecret")

    def rotated(self) -> None:
        """All four steps; then the last once more, as after a death."""
        token = self._begun()
        for step in (*STEPS, STEPS[-1]):
            self._step(step, token)
        assert token == self.stored.holder(CURRENT), f"{self.stored.arn} was not rotated"
        assert self.stored.holder(PENDING) is None

    def refresh_not_there(self, arn: str) -> None:
        """Services have never been deployed, or have been told already. Once they are deployed, that is who is told."""
        machines = self._scene.function.deployed.resources("AWS::StepFunctions::StateMachine")
        assert arn in {machine.arn for machine in machines}, f"no template has {arn}, which is to be told"
        answers = self._scene.aws.answers
        begun = answers["stepfunctions.StartExecution"]
        for code in ("StateMachineDoesNotExist", "ExecutionAlreadyExists"):
            answers["stepfunctions.StartExecution"] = Refused(code)
            self.rotated()
        answers["stepfunctions.StartExecution"] = begun

    def given_up(self) -> None:
        """Somebody changes the secret by hand meanwhile, and the pending value fits no more."""
        token = self._begun()
        self._step("createSecret", token)
        by_hand = {**self.stored.current, "note": f"changed in attempt {self._attempts}"}
        self.stored.put(f"by-hand-{self._attempts}".ljust(32, "-"), json.dumps(by_hand), [CURRENT])
        self._refused(token, "setSecret")
        assert "GIVEN_UP" in self.stored.labels[token]
        self._refused(token, "createSecret")

    def retired(self) -> None:
        """Not while tasks lag; afterwards."""
        if self._consumers:
            with self._lagging():
                assert "WAITING" == self._retire()["status"]
        answer = self._retire()
        assert "SUCCEEDED" == answer["status"], answer

    @contextmanager
    def _lagging(self) -> Iterator[None]:
        self._tasks.old.update(self._consumers)
        yield
        self._tasks.old.clear()

    def _begun(self) -> str:
        """What Secrets Manager does before its first call."""
        self._attempts += 1
        token = f"attempt-{self._attempts}".ljust(32, "-")
        self.stored.place(PENDING, token)
        return token

    def _step(self, step: str, token: str) -> None:
        self._scene.invoke({"Step": step, "SecretId": self.stored.arn, "ClientRequestToken": token})

    def _refused(self, token: str, step: str) -> None:
        from shared.told import Told

        with pytest.raises(Told):
            self._step(step, token)

    def _retire(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._scene.invoke({"Step": "retire", "SecretId": self.stored.arn})
        return answer


@contextmanager
def _servers(settings: Mapping[str, Any], secrets: StoredSecrets) -> Iterator[None]:
    """In the place of PostgreSQL and RabbitMQ, who know their administrator from the beginning, and of Redis's nodes."""
    if settings["engine"] == "redis":
        with patch("secret_rotation.elasticache_nodes.check"):
            yield
        return
    server = Server()
    for told in settings["secrets"]:
        if told["kind"] == "administrator":
            first = secrets.by_arn[told["arn"]].current
            server.passwords[first["username"]] = [first["password"]]

    def engine_for(_: object, secret: Any, administrators: Any) -> MemoryEngine:
        alternating = secret.kind == "application" and settings["users"] == "alternating"
        users: Literal["alternating", "single"] = "alternating" if alternating else "single"
        return MemoryEngine(server, users, settings["host"], administrators)

    with patch("secret_rotation.engines.engine_for", engine_for):
        yield
