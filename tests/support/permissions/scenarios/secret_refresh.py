"""What the refresh meets: for each service a deployment that fails, and for each secret an old login to make invalid."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Final

from permissions.recorded_aws import Answer, Refused
from permissions.scenarios.running_tasks import RunningTasks
from permissions.scenarios.stored_secrets import CURRENT, FIRST, StoredSecrets
from permissions.scene import Scene

ROTATED: Final = timedelta(hours=2)
"""Ago: nothing is gathered any more, and nobody is waited for."""


def play(scene: Scene) -> None:
    """Every service that the environment refreshes, by its engine; then everybody has moved."""
    name = f"/{scene.variables['PREFIX']}/secret-refresh"
    uses = json.loads(scene.parameter(name))
    scene.write_parameter(name, json.dumps(uses))
    secrets, tasks = StoredSecrets(scene.function.deployed), RunningTasks(scene)
    for secret in uses["secrets"]:
        since = (datetime.now(UTC) - ROTATED).timestamp()
        secrets.by_arn[secret["arn"]].place(f"CURRENT_SINCE_{since:.0f}", FIRST)
        assert CURRENT in secrets.by_arn[secret["arn"]].labels[FIRST]
    functions = _Functions(uses)
    scene.aws.answers = {
        **secrets.answers(),
        **tasks.answers(),
        "cloudwatch.DescribeAlarms": _quiet,
        "lambda.Invoke": functions,
        "sns.Publish": {"MessageId": "1"},
    }
    using = [service for service in uses["services"] if service["secrets"]]
    assert using, "there are secrets that rotate, and no service starts with one"
    for service in using:
        tasks.old = {service["name"]}
        _refused_then_failed(scene, service, tasks)
    tasks.old, functions.ready = set(), True
    answer = _look(scene, "clock", scheduled=True)
    assert "SUCCEEDED" == answer["status"], answer
    own = {secret["arn"] for secret in uses["secrets"] if "function" in secret}
    assert own == functions.retired, "an old login stays valid"


class _Functions:
    """Rotation functions: at first they put it off, and once they are `ready` they do what they are asked for."""

    def __init__(self, uses: Mapping[str, Any]) -> None:
        self.ready = False
        self.retired: set[str] = set()
        self._by_secret = {secret["arn"]: secret.get("function") for secret in uses["secrets"]}

    def __call__(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        event = json.loads(asked["Payload"])
        assert asked["FunctionName"] == self._by_secret[event["SecretId"]]
        answer = {"status": "WAITING", "because": "a rotation began"}
        if self.ready:
            self.retired.add(event["SecretId"])
            answer = {"status": "SUCCEEDED"}
        return {"StatusCode": 200, "Payload": BytesIO(json.dumps(answer).encode())}


def _quiet(asked: Mapping[str, Any]) -> dict[str, Any]:
    alarms = [{"AlarmName": name, "StateValue": "OK"} for name in asked["AlarmNames"]]
    return {"MetricAlarms": alarms, "CompositeAlarms": []}


def _refused_then_failed(scene: Scene, service: Mapping[str, Any], tasks: RunningTasks) -> None:
    """A deployment that ends badly, of which people are told; the second one, by hand, the engine does not even begin."""
    name = service["name"]
    scene.write_plan(name, freezes=[])
    engine = (_CodeDeploy if service["engine"] == "codedeploy" else _Ecs)(scene, name, tasks.definition(name))
    begins = {"codedeploy": "CreateDeployment", "ecs": "UpdateService"}[service["engine"]]
    for phase in ("none", "under way", "failed"):
        engine.phase = phase
        scene.aws.answers |= engine.answers()
        before = len(scene.aws.calls)
        answer = _look(scene, f"rotated-{name}")
        asked = {call.operation for call in scene.aws.calls[before:]}
        assert (phase == "none") == (begins in asked), answer
    assert "Publish" in asked, answer
    scene.aws.answers |= {f"{service['engine']}.{begins}": Refused("InvalidParameterException")}
    answer = _look(scene, f"by-hand-{name}")
    assert name in answer["reason"], answer


def _look(scene: Scene, execution: str, *, scheduled: bool = False) -> dict[str, Any]:
    answer: dict[str, Any] = scene.invoke({"request": {"refresh": execution, "scheduled": scheduled}})
    # The handler answers whatever happens, so that somebody looks again.
    assert "this look failed" not in answer["reason"], answer
    return answer


class _Ecs:
    """A service that ECS deploys, and one forced deployment of it: `none` yet, `under way` or `failed`."""

    def __init__(self, scene: Scene, name: str, definition: str) -> None:
        self.phase = "none"
        self._definition = definition
        self._deployment = scene.arn("ecs", f"service-deployment/{scene.variables['PREFIX']}/{name}/refresh")

    def answers(self) -> dict[str, Answer | Refused]:
        service = {"taskDefinition": self._definition}
        return {
            "ecs.DescribeServices": {"services": [service], "failures": []},
            "ecs.DescribeServiceDeployments": {"serviceDeployments": [self._described()], "failures": []},
            "ecs.ListServiceDeployments": self._list,
            "ecs.UpdateService": {"service": service},
        }

    def _described(self) -> dict[str, Any]:
        now = datetime.now(UTC)
        status = "IN_PROGRESS" if self.phase == "under way" else "ROLLBACK_SUCCESSFUL"
        return {"serviceDeploymentArn": self._deployment, "status": status, "createdAt": now, "finishedAt": now}

    def _list(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        found = self._described()
        hidden = self.phase == "none" or ("status" in asked and found["status"] not in asked["status"])
        return {"serviceDeployments": [] if hidden else [found]}


class _CodeDeploy:
    """A service that CodeDeploy deploys, the deployment that brought what is live, and one of the refresh."""

    def __init__(self, scene: Scene, name: str, definition: str) -> None:
        self.phase = "none"
        self._definition = definition
        self._live, self._new = f"d-{name.upper()}0", f"d-{name.upper()}1"
        self._content = json.dumps(
            {"Resources": [{"TargetService": {"Properties": {"TaskDefinition": self._definition}}}]}
        )
        prefix = scene.variables["PREFIX"]
        for deployment in (self._live, self._new):
            scene.aws.deployment_groups[deployment] = f"{prefix}/{prefix}-{name}"

    def answers(self) -> dict[str, Answer | Refused]:
        task_set = {"status": "PRIMARY", "externalId": self._live, "taskDefinition": self._definition}
        return {
            "codedeploy.CreateDeployment": {"deploymentId": self._new},
            "codedeploy.GetDeployment": self._get,
            "codedeploy.ListDeployments": self._list,
            "ecs.DescribeServices": {"services": [{"taskSets": [task_set]}], "failures": []},
        }

    def _get(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": self._content}}
        info: dict[str, Any] = {"deploymentId": asked["deploymentId"], "status": "Succeeded", "revision": revision}
        if asked["deploymentId"] == self._new:
            status = "InProgress" if self.phase == "under way" else "Failed"
            info |= {"status": status, "completeTime": datetime.now(UTC)}
        return {"deploymentInfo": info}

    def _list(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        hidden = self.phase == "none" or ("includeOnlyStatuses" in asked and self.phase != "under way")
        return {"deployments": [] if hidden else [self._new]}
