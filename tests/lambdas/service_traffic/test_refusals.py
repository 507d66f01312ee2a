"""What an update of a service must not do is refused before anything of it is done."""

from __future__ import annotations

from typing import Any

import pytest
from moto.cloudformation.models import cloudformation_backends
from moto.codedeploy.models import codedeploy_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from release_apis import ReleaseApis
from traffic.place import PREFIX, REGION, CloudFormation, Place, weights

from shared import aws

SERVICE_DEPLOYMENT = f"arn:aws:ecs:{REGION}:{DEFAULT_ACCOUNT_ID}:service-deployment/{PREFIX}/web/abc"


@pytest.fixture
def release_apis(environment: None, monkeypatch: pytest.MonkeyPatch) -> ReleaseApis:  # noqa: ARG001
    """What moto lacks."""
    return ReleaseApis().install(monkeypatch)


def start_codedeploy() -> str:
    """A deployment of `web`; its id."""
    codedeploy = aws.client("codedeploy")
    codedeploy.create_application(applicationName=PREFIX, computePlatform="ECS")
    codedeploy.create_deployment_group(
        applicationName=PREFIX, deploymentGroupName=f"{PREFIX}-web", serviceRoleArn="arn:aws:iam::123456789012:role/x"
    )
    return codedeploy.create_deployment(applicationName=PREFIX, deploymentGroupName=f"{PREFIX}-web", revision={})[
        "deploymentId"
    ]


def end_codedeploy(deployment_id: str, status: str) -> None:
    """Have it ended."""
    codedeploy_backends[DEFAULT_ACCOUNT_ID][REGION].deployments[deployment_id].status = status


def start_service(place: Place) -> str:
    """The ECS service `web`, among others; its ARN."""
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName=PREFIX)
    ecs.register_task_definition(family="web", containerDefinitions=[{"name": "web", "image": "web", "memory": 64}])
    for index in range(11):
        ecs.create_service(cluster=PREFIX, serviceName=f"other{index}", taskDefinition="web", desiredCount=1)
    groups = [{"targetGroupArn": place.blue, "containerName": "web", "containerPort": 8080}]
    return ecs.create_service(
        cluster=PREFIX,
        serviceName="web",
        taskDefinition="web",
        desiredCount=1,
        loadBalancers=groups,  # type: ignore[arg-type]
    )["service"]["serviceArn"]


def set_stack_status(stack_id: str, status: str) -> None:
    """Have the stack be in `status`."""
    cloudformation_backends[DEFAULT_ACCOUNT_ID][REGION].get_stack(stack_id).status = status


@pytest.fixture
def old(cloudformation: CloudFormation, place: Place) -> dict[str, Any]:
    """A service that stands."""
    old = cloudformation.properties([place.rule("/*", 300)])
    assert "SUCCESS" == cloudformation.send("Create", old)["Status"]
    return old


@pytest.mark.parametrize("status", ["Created", "Queued", "InProgress", "Baking", "Ready"])
def test_an_update_in_the_middle_of_a_shift(
    cloudformation: CloudFormation, place: Place, old: dict[str, Any], status: str
) -> None:
    """Says which service, which deployment, and both ways on; the rules stay."""
    deployment = start_codedeploy()
    end_codedeploy(deployment, status)
    new = cloudformation.properties([place.rule("/*", 310)], Fingerprint="1")
    answer = cloudformation.send("Update", new, old)
    assert "FAILED" == answer["Status"]
    assert answer["Reason"].startswith(f"A release of web is under way (deployment {deployment})")
    assert "Wait until it is done and deploy again, or stop it" in answer["Reason"]
    assert f"stop-deployment --deployment-id {deployment} --auto-rollback-enabled" in answer["Reason"]
    assert {300} == set(place.standing())


@pytest.mark.parametrize("status", ["Succeeded", "Failed", "Stopped"])
def test_an_update_after_a_shift(
    cloudformation: CloudFormation, place: Place, old: dict[str, Any], status: str
) -> None:
    """Goes on."""
    end_codedeploy(start_codedeploy(), status)
    answer = cloudformation.send("Update", cloudformation.properties([place.rule("/*", 310)]), old)
    assert "SUCCESS" == answer["Status"], answer["Reason"]


@pytest.mark.parametrize(
    ("status", "strategy", "expected"),
    [
        ("PENDING", "canary", "FAILED"),
        ("IN_PROGRESS", "linear", "FAILED"),
        ("STOP_REQUESTED", "blue_green", "FAILED"),
        ("ROLLBACK_REQUESTED", "canary", "FAILED"),
        ("ROLLBACK_IN_PROGRESS", "canary", "FAILED"),
        ("SUCCESSFUL", "canary", "SUCCESS"),
        ("ROLLBACK_SUCCESSFUL", "canary", "SUCCESS"),
        ("ROLLBACK_FAILED", "canary", "SUCCESS"),
        ("STOPPED", "canary", "SUCCESS"),
        ("IN_PROGRESS", "rolling", "SUCCESS"),
    ],
)
def test_an_update_while_ecs_itself_deploys(
    cloudformation: CloudFormation, place: Place, release_apis: ReleaseApis, status: str, strategy: str, expected: str
) -> None:
    """Refused if requests are being shifted; replacing task by task moves no weight."""
    engine = {"Engine": "ecs", "Strategy": strategy, "CodeDeployGroup": ""}
    old = cloudformation.properties([place.rule("/*", 300)], **engine)
    cloudformation.send("Create", old)
    service = start_service(place)
    release_apis.service_deployments[SERVICE_DEPLOYMENT] = {"serviceArn": service, "status": status}
    answer = cloudformation.send("Update", cloudformation.properties([place.rule("/*", 310)], **engine), old)
    assert expected == answer["Status"], answer["Reason"]
    assert (SERVICE_DEPLOYMENT in answer["Reason"]) == (expected == "FAILED")


def test_an_update_before_the_service_and_its_deployments_exist(
    cloudformation: CloudFormation, place: Place, release_apis: ReleaseApis, old: dict[str, Any]
) -> None:
    """Goes on: there is no shift to undo. Under both engines."""
    new = cloudformation.properties([place.rule("/*", 310)])
    assert "SUCCESS" == cloudformation.send("Update", new, old)["Status"]
    engine = {"Engine": "ecs", "CodeDeployGroup": ""}
    new = cloudformation.properties([place.rule("/*", 320)], **engine)
    assert "SUCCESS" == cloudformation.send("Update", new, old)["Status"]
    assert [] == list(release_apis.service_deployments)


def test_what_cannot_change_is_refused_all_at_once(
    cloudformation: CloudFormation, place: Place, old: dict[str, Any]
) -> None:
    """Each with both values, why, and what to do instead."""
    new = cloudformation.properties(
        [place.rule("/*", 310)], Fixed={"port": "9090", "protocol": "https", "release.engine": "codedeploy", "new": "1"}
    )
    answer = cloudformation.send("Update", new, old)
    assert "FAILED" == answer["Status"]
    assert (
        "web cannot be changed like this while it runs: "
        "port: 8080 -> 9090 (CloudFormation would replace the target groups, and the new ones are empty). "
        "Add a second service beside it. "
        "protocol: http -> https (CloudFormation would replace the target groups, and the new ones are empty). "
        "Add a second service beside it."
    ) == answer["Reason"]
    assert {300} == set(place.standing())


def test_target_groups_that_would_be_replaced_are_refused(
    cloudformation: CloudFormation, place: Place, old: dict[str, Any]
) -> None:
    """Whatever replaces them: the new ones are empty."""
    rule = {**place.rule("/*", 300), "BlueArn": place.other}
    answer = cloudformation.send("Update", cloudformation.properties([rule]), old)
    assert "FAILED" == answer["Status"]
    assert "target groups: those it has -> new ones" in answer["Reason"]


@pytest.mark.parametrize(
    "status", ["UPDATE_ROLLBACK_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"]
)
def test_nothing_is_refused_while_the_stack_goes_back(
    cloudformation: CloudFormation, place: Place, old: dict[str, Any], status: str
) -> None:
    """A refusal would leave it in UPDATE_ROLLBACK_FAILED. Weights stay even so."""
    start_codedeploy()
    place.shift(90, 10)
    set_stack_status(place.stack_id, status)
    new = cloudformation.properties([place.rule("/*", 310)], Fixed={"port": "9090"})
    answer = cloudformation.send("Update", new, old)
    assert "SUCCESS" == answer["Status"], answer["Reason"]
    assert {place.blue: 90, place.green: 10} == weights(place.standing()[310])


def test_a_lost_rule_comes_back_where_codedeploy_serves(
    cloudformation: CloudFormation, place: Place, old: dict[str, Any]
) -> None:
    """No rule tells which group is live, but ECS does: its PRIMARY task set stands in green."""
    aws.client("elbv2").delete_rule(RuleArn=place.standing()[300]["RuleArn"])
    service = start_service(place)
    groups = [{"targetGroupArn": place.green, "containerName": "web", "containerPort": 8080}]
    task_set = aws.client("ecs").create_task_set(
        cluster=PREFIX,
        service=service,
        taskDefinition="web",
        launchType="FARGATE",
        loadBalancers=groups,  # type: ignore[arg-type]
    )["taskSet"]["taskSetArn"]
    aws.client("ecs").update_service_primary_task_set(cluster=PREFIX, service=service, primaryTaskSet=task_set)
    answer = cloudformation.send("Update", cloudformation.properties([place.rule("/*", 300)], Fingerprint="1"), old)
    assert "SUCCESS" == answer["Status"], answer["Reason"]
    assert {place.blue: 0, place.green: 100} == weights(place.standing()[300])
