"""What the watch meets: for each service, a release that lasts too long, and one that is taken back with its migration."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from permissions.scenarios.release import ReleasedService, ecs_release, task_sets
from permissions.scene import Scene

LONG_AGO: Final = timedelta(days=1)
"""Over every limit."""
UNNOTED: Final = ("taken back unnoted",)
"""A release whose hook died before it had noted which task migrates."""
LOOKS: Final = 6
"""Enough for a migration to be ended, its way back to be started and to end, and the message."""


def play(scene: Scene) -> None:
    """Every service that the environment releases, by the engine that it has."""
    assert scene.plans, "nothing is released here, and yet it is watched"
    for name, plan in scene.plans.items():
        service = ReleasedService(scene, scene.write_plan(name, metric_delay_seconds=0))
        if plan["engine"] == "codedeploy":
            _by_codedeploy(scene, service)
        else:
            _by_ecs(scene, service)


class _Tasks:
    """One-off tasks: the migration's own, which still runs, and its way back, which ends well."""

    def __init__(self, service: ReleasedService) -> None:
        self._service = service
        self._migration = self._arn("migration")
        self._running = True

    def answers(self) -> dict[str, Any]:
        return {
            "ecs.ListTasks": {"taskArns": []},
            "ecs.RunTask": {"tasks": [self._task(self._arn("back"), running=True)], "failures": []},
            "ecs.DescribeTasks": self._describe,
            "ecs.StopTask": self._stop,
        }

    def remember(self, scene: Scene, release: str, *, noted: bool) -> None:
        """Write the migration into the ledger, as the hook does; its task too if the hook came to that."""
        from shared.ledger import MIGRATION, Entry, Ledger

        if self._service.plan.get("migration"):
            begun: Entry = {"started_at": 0.0, "token": "migrate-1"}
            if noted:
                begun = {**begun, "task_arn": self._migration}
            Ledger(scene.variables["LEDGER_TABLE"]).put_once(release, MIGRATION, begun)
            # The hook's call, and not the watch's.
            scene.aws.calls.pop()

    def _arn(self, name: str) -> str:
        return self._service.scene.arn("ecs", f"task/{self._service.plan['cluster']}/{name}")

    def _task(self, arn: str, *, running: bool) -> dict[str, Any]:
        container = {"name": self._service.plan["container"]} | ({} if running else {"exitCode": 0})
        return {"taskArn": arn, "lastStatus": "RUNNING" if running else "STOPPED", "containers": [container]}

    def _describe(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        (arn,) = asked["tasks"]
        return {"tasks": [self._task(arn, running=arn == self._migration and self._running)], "failures": []}

    def _stop(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self._running = False
        return {"task": self._task(asked["task"], running=False)}


def _by_codedeploy(scene: Scene, service: ReleasedService) -> None:
    now = datetime.now(UTC)
    for story in ("late", "taken back", *UNNOTED):
        failed = story != "late"
        deployment, rollback = (f"d-{service.plan['service']}-{story}-{part}" for part in ("new", "old"))
        group = f"{service.prefix}-{service.plan['service']}"
        for each in (deployment, rollback):
            scene.aws.deployment_groups[each] = f"{service.prefix}/{group}"
        content = {"Resources": [{"TargetService": {"Properties": {"TaskDefinition": service.task_definition(2)}}}]}
        info: dict[str, Any] = {
            "applicationName": service.prefix,
            "deploymentGroupName": group,
            "createTime": now - LONG_AGO,
            "startTime": now - LONG_AGO,
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(content)}},
            "status": "InProgress",
        }
        if failed:
            info |= {
                "status": "Failed",
                "completeTime": now - LONG_AGO / 2,
                "rollbackInfo": {"rollbackDeploymentId": rollback},
            }
        back = {**info, "status": "Succeeded"}
        events = [{"lifecycleEventName": "AllowTraffic", "startTime": now - LONG_AGO * 0.75}]
        tasks = _Tasks(service)
        tasks_beside = task_sets(service, deployment)[: 1 if failed else 2]
        scene.aws.answers = {
            **service.answers(),
            **tasks.answers(),
            "codedeploy.GetDeployment": _deployments({deployment: info, rollback: back}),
            "codedeploy.GetDeploymentTarget": {"deploymentTarget": {"ecsTarget": {"lifecycleEvents": events}}},
            "codedeploy.StopDeployment": {"status": "Pending"},
            "ecs.DescribeServices": service.described(taskSets=tasks_beside),
            "sns.Publish": {"MessageId": "1"},
        }
        watched = {"engine": "codedeploy", "deployment_id": deployment}
        tasks.remember(scene, deployment, noted=story not in UNNOTED)
        _watch(scene, deployment, watched, until="Publish" if failed else "StopDeployment")


def _deployments(infos: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    return lambda asked: {"deploymentInfo": infos[asked["deploymentId"]]}


def _by_ecs(scene: Scene, service: ReleasedService) -> None:
    for story in ("taken back", *UNNOTED):
        _taken_back_by_ecs(scene, service, story)


def _taken_back_by_ecs(scene: Scene, service: ReleasedService, story: str) -> None:
    now = datetime.now(UTC)
    deployment = service.arn("service-deployment", f"/{story.replace(' ', '-')}")
    release = ecs_release(service, deployment)
    release["ecs.DescribeServiceDeployments"]["serviceDeployments"][0] |= {
        "status": "ROLLBACK_SUCCESSFUL",
        "createdAt": now - LONG_AGO,
        "finishedAt": now - LONG_AGO / 2,
    }
    primary = {"status": "PRIMARY", "taskDefinition": service.task_definition(1), "desiredCount": 1, "runningCount": 1}
    tasks = _Tasks(service)
    scene.aws.answers = {
        **service.answers(),
        **tasks.answers(),
        **release,
        "ecs.ListServiceDeployments": {
            "serviceDeployments": [{"serviceDeploymentArn": deployment, "status": "IN_PROGRESS"}]
        },
        "ecs.DescribeServices": service.described(
            deployments=[primary], currentServiceRevisions=[{"arn": service.arn("service-revision", "/1")}]
        ),
        "sns.Publish": {"MessageId": "1"},
    }
    _remember_gate(scene, service, deployment)
    watched = {
        "engine": "ecs",
        "service_arn": service.arn("service"),
        "deployment_id": f"ecs-svc/{service.name}-{story}",
    }
    tasks.remember(scene, deployment, noted=story not in UNNOTED)
    _watch(scene, deployment, watched, until="Publish")


def _remember_gate(scene: Scene, service: ReleasedService, deployment: str) -> None:
    """Write down that the hook before production traffic let the release pass: then users have met the new version."""
    from shared import clock
    from shared.ledger import Entry, Ledger, hook_entry

    if service.plan.get("green_arn"):
        entry: Entry = {"started_at": clock.epoch() - LONG_AGO.total_seconds() * 0.75, "verdict": "SUCCEEDED"}
        Ledger(scene.variables["LEDGER_TABLE"]).put_once(deployment, hook_entry("before_traffic", "1"), entry)
        scene.aws.calls.pop()


def _watch(scene: Scene, release: str, watched: Mapping[str, str], *, until: str) -> None:
    before = len(scene.aws.calls)
    answers = [scene.invoke({"watch": watched}) for _ in range(LOOKS)]
    asked = {call.operation for call in scene.aws.calls[before:]}
    assert until in asked, f"{release}: {[answer['reason'] for answer in answers]}"
