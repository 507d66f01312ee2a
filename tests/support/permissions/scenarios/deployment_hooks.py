"""What the ten hooks meet: for each service that their engine shifts, a release on its way, good and stuck."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from permissions.recorded_aws import Refused
from permissions.scenarios.release import ReleasedService, ecs_release, task_sets
from permissions.scene import Scene

QUIET: Mapping[str, Any] = {
    # No request of its own and no dependency: neither is AWS's to allow.
    "dependencies": [],
    "smoke_tests": [],
    "load": None,
    "desired_tasks": 1,
    # Old and new side by side for long enough that whole minutes have arrived.
    "window_seconds": 3600,
    "metric_delay_seconds": 0,
}


def play(scene: Scene) -> None:
    """Every service that the function's engine shifts requests of."""
    engine = scene.function.entry.split(".")[1]
    shifting = [name for name, plan in scene.plans.items() if plan["engine"] == engine and plan.get("green_arn")]
    assert shifting, f"{scene.function.title} stands in the template, and no service has a use for it"
    for service in shifting:
        if engine == "codedeploy":
            _by_codedeploy(scene, service)
        else:
            _by_ecs(scene, service)


def _changes(scene: Scene, service: str, *, stuck: bool) -> dict[str, Any]:
    """The plan's changes. Stuck: a migration whose time is over before it begins, so that its task is stopped."""
    migration = scene.plans[service].get("migration")
    if migration and stuck:
        return {**QUIET, "migration": {**migration, "timeout_seconds": 0}}
    return dict(QUIET)


def _by_codedeploy(scene: Scene, name: str) -> None:
    for stuck in (False, True):
        service = ReleasedService(scene, scene.write_plan(name, **_changes(scene, name, stuck=stuck)))
        deployment = f"d-{name.upper()}{int(stuck)}"
        group = f"{service.prefix}-{name}"
        scene.aws.deployment_groups[deployment] = f"{service.prefix}/{group}"
        properties = {"TaskDefinition": service.task_definition(2)}
        spec = {"Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}]}
        scene.aws.answers = {
            **service.answers(),
            "codedeploy.GetDeployment": {
                "deploymentInfo": {
                    "applicationName": service.prefix,
                    "deploymentGroupName": group,
                    "deploymentId": deployment,
                    "status": "InProgress",
                    "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(spec)}},
                }
            },
            "ecs.DescribeServices": service.described(taskSets=task_sets(service, deployment)),
        }
        event = {"DeploymentId": deployment, "LifecycleEventHookExecutionId": f"{deployment}-hook"}
        scene.invoke(event)
        step = {
            "function_arn": scene.function.resource.arn,
            "deployment_id": deployment,
            "hook_execution_id": f"{deployment}-hook",
        }
        for _ in range(3):
            answer = scene.invoke({"step": step})
        _expect(scene, answer, stuck=stuck and _migrates(scene, service))
        scene.aws.answers["stepfunctions.StartExecution"] = Refused("ServiceUnavailable")
        scene.invoke({**event, "LifecycleEventHookExecutionId": f"{deployment}-other"})


def _by_ecs(scene: Scene, name: str) -> None:
    from deployment_hooks.ecs import STAGES

    at = next(theirs for theirs, ours in STAGES.items() if ours == scene.stage)
    for stuck in (False, True):
        service = ReleasedService(scene, scene.write_plan(name, **_changes(scene, name, stuck=stuck)))
        deployment = service.arn("service-deployment", f"/release{int(stuck)}")
        scene.aws.answers = {
            **service.answers(),
            "ecs.DescribeServices": service.described(),
            **ecs_release(service, deployment),
        }
        event = {
            "executionId": f"{name}-{int(stuck)}",
            "lifecycleStage": at,
            "resourceArn": deployment,
            "executionDetails": {},
            "hookDetails": json.dumps({"service": name}),
        }
        for _ in range(3):
            answer = scene.invoke(event)
        _expect(scene, answer, stuck=stuck and _migrates(scene, service))


def _migrates(scene: Scene, service: ReleasedService) -> bool:
    """Only the active site does: the waiting one's database is a replica of what it has changed."""
    return bool(service.plan.get("migration")) and scene.function.region == service.plan["active_region"]


def _expect(scene: Scene, answer: Mapping[str, Any], *, stuck: bool) -> None:
    """A scenario that ended otherwise than it was meant to would prove less than it says."""
    status = answer.get("status") or answer["hookStatus"]
    before_install = scene.stage == "before_install"
    expected = "SUCCEEDED"
    if before_install and stuck:
        expected = "FAILED"
    elif before_install and status == "IN_PROGRESS":
        expected = "IN_PROGRESS"  # the migration runs
    assert status == expected, f"{scene.function.title}: {answer}"
