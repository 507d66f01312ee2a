"""CodeDeploy's life cycle: forward, and back for every reason there is."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.engines.played import NEW, OLD, Played
from tests.rehearsal.engines.service_templates import CODEDEPLOY_HOOK, calls, codedeploy, hooks, says

HOOKS = ["BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"]


def physical(played: Played, stack: str, logical_id: str) -> str:
    """Return a resource's physical ID."""
    resources = next(one for one in played.status() if one["name"] == stack)["resources"]
    found: str = next(one["physical_id"] for one in resources if one["logical_id"] == logical_id)
    return found


def deployments(played: Played, name: str) -> list[dict[str, Any]]:
    """Return an application's deployments, the first one first."""
    client = played.client("codedeploy")
    ids = client.list_deployments(applicationName=name, deploymentGroupName=f"{name}-web")["deployments"]
    return [client.get_deployment(deploymentId=one)["deploymentInfo"] for one in reversed(ids)]


def events(played: Played, deployment: str) -> dict[str, str]:
    """Return the status of each of a deployment's events."""
    client = played.client("codedeploy")
    target = client.list_deployment_targets(deploymentId=deployment)["targetIds"][0]
    found = client.get_deployment_target(deploymentId=deployment, targetId=target)["deploymentTarget"]["ecsTarget"]
    return {one["lifecycleEventName"]: one["status"] for one in found["lifecycleEvents"]}


def task_sets(played: Played, name: str) -> dict[str, str]:
    """Return the digests of the service's task sets, by status."""
    ecs = played.client("ecs")
    service = ecs.describe_services(cluster=name, services=["web"])["services"][0]
    found = {}
    for one in service["taskSets"]:
        definition = ecs.describe_task_definition(taskDefinition=one["taskDefinition"])["taskDefinition"]
        found[one["status"]] = definition["containerDefinitions"][0]["image"].partition("@")[2]
    return found


def test_forward(played: Played, name: str) -> None:
    """All hooks run once and in their order, traffic goes over by the canary, and the old version ends."""
    stages = hooks(played, name, HOOKS, code=CODEDEPLOY_HOOK, answer="Succeeded")
    assert played.deploy(name, codedeploy(name, OLD, stages=stages)) == "CREATE_COMPLETE", played.reasons(name)
    assert played.deploy(name, codedeploy(name, NEW, stages=stages)) == "UPDATE_COMPLETE", played.reasons(name)
    first, second = deployments(played, name)
    assert ("Succeeded", "Succeeded") == (first["status"], second["status"])
    assert {"Succeeded"} == set(events(played, second["deploymentId"]).values())
    seen = [[call["DeploymentId"] for call in calls(played, f"{name}-{stage}")] for stage in HOOKS]
    assert [[first["deploymentId"], second["deploymentId"]]] * 5 == seen
    # The first deployment went to green, the second came back to blue.
    blue, green = f"{name}-blue", f"{name}-green"
    shares = [one[blue] for one in played.plane.weights(physical(played, name, "Rule"))]
    assert [100, 90, 0, 10, 100] == shares
    assert [0, 100] == [one[blue] for one in played.plane.weights(physical(played, name, "TestRule"))][-2:]
    assert {"PRIMARY": NEW} == task_sets(played, name)
    assert [NEW] == [
        one["image_digest"]
        for one in played.plane.of_service("web")
        if {group.split("/")[1] for group in one["target_groups"]} & {blue, green}
    ]


def test_a_hook_that_says_failed(played: Played, name: str) -> None:
    """The deployment fails and is rolled back, the rollback is a deployment of its own, and the stack goes back too."""
    stages = hooks(played, name, ["AfterAllowTestTraffic"], code=CODEDEPLOY_HOOK, answer="Succeeded")
    played.deploy(name, codedeploy(name, OLD, stages=stages))
    says(played, f"{name}-AfterAllowTestTraffic", "Failed")
    # CloudFormation's own way back is another deployment, whose hook fails as well.
    status = played.deploy(name, codedeploy(name, NEW, stages=stages))
    assert status == "UPDATE_ROLLBACK_FAILED"
    found = deployments(played, name)
    assert ["Succeeded", "Failed", "Succeeded", "Failed", "Succeeded"] == [one["status"] for one in found]
    assert ["user", "user", "codeDeployRollback", "user", "codeDeployRollback"] == [one["creator"] for one in found]
    assert found[1]["rollbackInfo"]["rollbackDeploymentId"] == found[2]["deploymentId"]
    assert found[1]["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"
    assert {"PRIMARY": OLD} == task_sets(played, name)
    assert any("Deployment Failed: [HOOK_EXECUTION_FAILURE]" in reason for reason in played.reasons(name))


@pytest.mark.parametrize(
    ("green_again", "expected"), [(True, "UPDATE_ROLLBACK_COMPLETE"), (False, "UPDATE_ROLLBACK_FAILED")]
)
def test_an_alarm_during_the_canary(played: Played, name: str, *, green_again: bool, expected: str) -> None:
    """A red alarm stops the shift and gives all traffic back; one that stays red stops CloudFormation's way back too."""
    alarm = f"{name}-errors"
    played.alarm(alarm)
    routing = {"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryPercentage": 10, "CanaryInterval": 10}}
    played.deploy(name, codedeploy(name, OLD, alarms=(alarm,), routing={"Type": "AllAtOnce"}))
    played.deploy(name, codedeploy(name, NEW, alarms=(alarm,), routing=routing), wait=False)
    rule = physical(played, name, "Rule")
    blue = f"{name}-blue"
    played.wait(lambda: played.plane.weights(rule)[-1][blue] == 10)
    played.redden(alarm)
    played.wait(lambda: played.plane.weights(rule)[-1][blue] == 0)
    if green_again:
        played.client("cloudwatch").delete_alarms(AlarmNames=[alarm])
    assert expected == played.settled(name), played.reasons(name)
    events_of_stack = played.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    assert "UPDATE_ROLLBACK_IN_PROGRESS" in {one["ResourceStatus"] for one in events_of_stack}
    found = deployments(played, name)
    stopped = found[1]
    assert ("Stopped", "ALARM_ACTIVE") == (stopped["status"], stopped["errorInformation"]["code"])
    assert alarm in stopped["errorInformation"]["message"]
    progress = events(played, stopped["deploymentId"])
    assert ("Failed", "Skipped") == (progress["AllowTraffic"], progress["AfterAllowTraffic"])
    assert {"PRIMARY": OLD} == task_sets(played, name)


def test_a_person_stops_it(played: Played, name: str) -> None:
    """StopDeployment with a rollback gives the traffic back; a second stop is refused."""
    routing = {"Type": "TimeBasedLinear", "TimeBasedLinear": {"LinearPercentage": 50, "LinearInterval": 30}}
    played.deploy(name, codedeploy(name, OLD, routing={"Type": "AllAtOnce"}))
    played.deploy(name, codedeploy(name, NEW, routing=routing), wait=False)
    rule = physical(played, name, "Rule")
    played.wait(lambda: played.plane.weights(rule)[-1][f"{name}-blue"] == 50)
    client = played.client("codedeploy")
    under_way = deployments(played, name)[-1]["deploymentId"]
    client.stop_deployment(deploymentId=under_way, autoRollbackEnabled=True)
    played.wait(lambda: played.plane.weights(rule)[-1][f"{name}-blue"] == 0)
    found = client.get_deployment(deploymentId=under_way)["deploymentInfo"]
    assert ("Stopped", "MANUAL_STOP") == (found["status"], found["errorInformation"]["code"])
    with pytest.raises(ClientError, match="DeploymentAlreadyCompleted"):
        client.stop_deployment(deploymentId=under_way)
    played.settled(name)


def test_silence_is_a_failure(fast: Played, name: str) -> None:
    """A hook that never answers has an hour; the provider's patience ends before."""
    says(fast, f"{name}-BeforeInstall", "silence")
    silent = {"BeforeInstall": fast.function(f"{name}-BeforeInstall", CODEDEPLOY_HOOK)}
    fast.deploy(name, codedeploy(name, OLD, routing={"Type": "AllAtOnce"}))
    fast.deploy(name, codedeploy(name, NEW, stages=silent), wait=False)
    deployment = fast.wait(lambda: len(found := deployments(fast, name)) > 1 and found[1])
    client = fast.client("codedeploy")

    def failed() -> Any:
        info = client.get_deployment(deploymentId=deployment["deploymentId"])["deploymentInfo"]
        return info["status"] == "Failed" and info

    info = fast.wait(failed)
    assert (info["completeTime"] - info["startTime"]).total_seconds() >= 3600
    assert "Operation timed out" in " ".join(fast.reasons(name))


def test_one_verdict_per_hook(played: Played, name: str) -> None:
    """An event that is delivered twice is answered once: what came first counts."""
    stages = hooks(played, name, ["BeforeInstall"], code=CODEDEPLOY_HOOK, answer="Succeeded")
    played.ask({"mishap": {"function": f"{name}-BeforeInstall", "twice": True}})
    assert played.deploy(name, codedeploy(name, OLD, stages=stages)) == "CREATE_COMPLETE"
    first, second = calls(played, f"{name}-BeforeInstall")
    assert first == second


def test_the_template_refuses_what_codedeploy_must_do(played: Played, name: str) -> None:
    """Under CODE_DEPLOY the service's load balancers cannot be updated."""
    template = codedeploy(name, OLD, routing={"Type": "AllAtOnce"})
    played.deploy(name, template)
    template["Service"]["Properties"]["LoadBalancers"][0]["TargetGroupArn"] = {"Ref": "Green"}
    assert played.deploy(name, template) == "UPDATE_ROLLBACK_COMPLETE"
    assert any("CODE_DEPLOY deployment controller" in reason for reason in played.reasons(name))
