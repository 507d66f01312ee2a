"""Without a data plane nothing takes time: releases are there at once, hooks are not run; a rehearsal can begin later."""

import uuid
from typing import Any

import pytest

from rehearsal.clock import VARIABLE, Clock
from rehearsal.embedded_aws import EmbeddedAws
from tests.rehearsal.engines.played import NEW, OLD, TestPlane
from tests.rehearsal.engines.service_templates import codedeploy, native
from tests.rehearsal.under_test import REGION, Emulator, Stack

NOBODY = "arn:aws:lambda:us-west-2:123456789012:function:nobody"


def weights(emulator: Emulator, rule: str) -> dict[str, int]:
    """Return the weights of a rule, by the names of its target groups."""
    found = emulator.client("elbv2").describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]
    return {one["TargetGroupArn"].split("/")[1]: one["Weight"] for one in found["ForwardConfig"]["TargetGroups"]}


def digests(emulator: Emulator, cluster: str) -> set[str]:
    """Return the digests of the tasks that run in a cluster."""
    ecs = emulator.client("ecs")
    tasks = ecs.describe_tasks(cluster=cluster, tasks=ecs.list_tasks(cluster=cluster, serviceName="web")["taskArns"])
    return {container["imageDigest"] for task in tasks["tasks"] for container in task["containers"]}


def test_codedeploy_at_once(emulator: Emulator, stack: Stack) -> None:
    """A deployment moves to the other target group, asks no hook, and deletes as it should."""
    stack.deploy(codedeploy(stack.name, OLD, stages={"BeforeInstall": NOBODY}))
    before = weights(emulator, stack.id("Rule"))
    stack.deploy(codedeploy(stack.name, NEW, stages={"BeforeInstall": NOBODY}))
    after = weights(emulator, stack.id("Rule"))
    blue = f"{stack.name}-blue"
    assert (0, 100) == (before[blue], after[blue])
    assert {NEW} == digests(emulator, stack.name)
    assert all(resource["emulated"] for resource in stack.resources().values())
    stack.delete()


@pytest.mark.parametrize("strategy", ["ROLLING", "BLUE_GREEN"])
def test_ecs_at_once(emulator: Emulator, stack: Stack, strategy: str) -> None:
    """A service has its new tasks when the update is done."""
    configuration: dict[str, Any] = {} if strategy == "ROLLING" else {"Strategy": strategy, "BakeTimeInMinutes": 5}
    for digest in (OLD, NEW):
        stack.deploy(native(stack.name, digest, configuration=configuration, stages={"PRE_SCALE_UP": NOBODY}))
        assert {digest} == digests(emulator, stack.name)
    service = emulator.client("ecs").describe_services(cluster=stack.name, services=["web"])["services"][0]
    assert (2, ["COMPLETED"]) == (service["runningCount"], [one["rolloutState"] for one in service["deployments"]])
    stack.delete()


def test_what_a_failed_update_replaced_comes_back(emulator: Emulator, stack: Stack) -> None:
    """On the way back a task definition is the one of before, not a new revision of it."""
    template = codedeploy(stack.name, OLD)
    stack.deploy(template)
    task = stack.id("Task")
    changed = codedeploy(stack.name, NEW)
    changed["Deployment"]["Properties"]["deploymentConfigName"] = "nothing-of-this-name"
    stack.deploy(changed, expect="UPDATE_ROLLBACK_COMPLETE")
    assert task == stack.id("Task")
    active = emulator.client("ecs").list_task_definitions(familyPrefix=stack.name, status="ACTIVE")[
        "taskDefinitionArns"
    ]
    assert [task] == active
    assert {OLD} == digests(emulator, stack.name)


def test_a_rehearsal_begins_later(unplayed: Emulator) -> None:
    """A data plane that is attached to a filled emulator gets its tasks and routes."""
    stack = Stack(unplayed, f"t{uuid.uuid4().hex[:8]}", REGION)
    stack.deploy(codedeploy(stack.name, OLD))
    plane = TestPlane()
    described = {"url": plane.url, "clock": Clock.started_now(60).variable[VARIABLE]}
    EmbeddedAws(unplayed.port, unplayed.token)._ask({"data_plane": described})
    assert [OLD] == [one["image_digest"] for one in plane.of_service("web")]
    assert plane.tables
    plane.stop()
