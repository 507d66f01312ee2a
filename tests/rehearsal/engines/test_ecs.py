"""ECS's own engine: every strategy forward, and back for every reason there is."""

from typing import Any

import pytest

from tests.rehearsal.engines.played import NEW, OLD, Played
from tests.rehearsal.engines.service_templates import ECS_HOOK, calls, hooks, native, says
from tests.rehearsal.engines.test_codedeploy import physical

HOOKS = [
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
]
SUCCEEDED = [{"hookStatus": "SUCCEEDED"}]
CANARY = {"CanaryPercent": 20, "CanaryBakeTimeInMinutes": 1}
LINEAR = {"StepPercent": 50, "StepBakeTimeInMinutes": 1}


def latest(played: Played, name: str) -> dict[str, Any]:
    """Return the service's latest deployment."""
    ecs = played.client("ecs")
    brief = ecs.list_service_deployments(cluster=name, service=service_arn(played, name))["serviceDeployments"][0]
    described = ecs.describe_service_deployments(serviceDeploymentArns=[brief["serviceDeploymentArn"]])
    found: dict[str, Any] = described["serviceDeployments"][0]
    return found


def service_arn(played: Played, name: str) -> str:
    """Return the service's ARN."""
    arn: str = played.client("ecs").describe_services(cluster=name, services=["web"])["services"][0]["serviceArn"]
    return arn


def running(played: Played, name: str) -> set[str]:
    """Return the digests of the tasks that are wanted."""
    ecs = played.client("ecs")
    arns = ecs.list_tasks(cluster=name, serviceName="web")["taskArns"]
    tasks = ecs.describe_tasks(cluster=name, tasks=arns)["tasks"]
    return {container["imageDigest"] for task in tasks for container in task["containers"]}


@pytest.mark.parametrize(
    ("configuration", "shares"),
    [
        ({"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 1}, [0, 100]),
        ({"Strategy": "CANARY", "BakeTimeInMinutes": 1, "CanaryConfiguration": CANARY}, [0, 20, 100]),
        ({"Strategy": "LINEAR", "BakeTimeInMinutes": 1, "LinearConfiguration": LINEAR}, [0, 50, 100]),
    ],
    ids=["blue_green", "canary", "linear"],
)
def test_forward(played: Played, name: str, configuration: dict[str, Any], shares: list[int]) -> None:
    """Hooks run at their stages, before each step of the shift too, and the traffic goes over as configured."""
    played.deploy(name, native(name, OLD, configuration=configuration))
    stages = hooks(played, name, HOOKS, code=ECS_HOOK, answer=SUCCEEDED)
    assert played.deploy(name, native(name, NEW, configuration=configuration, stages=stages)) == "UPDATE_COMPLETE"
    green = f"{name}-green"
    assert shares == [one[green] for one in played.plane.weights(physical(played, name, "Rule"))][-len(shares) :]
    times = [len(calls(played, f"{name}-{stage}")) for stage in HOOKS]
    assert [1, 1, 1, len(shares) - 1, 1] == times
    deployment = latest(played, name)
    assert ("SUCCESSFUL", "CLEAN_UP") == (deployment["status"], deployment["lifecycleStage"])
    assert {NEW} == running(played, name)
    event = calls(played, f"{name}-POST_TEST_TRAFFIC_SHIFT")[0]
    target = event["executionDetails"]["targetServiceRevisionArn"]
    assert {"service": "web"} == event["hookDetails"]
    assert deployment["serviceDeploymentArn"] == event["resourceArn"]
    assert 100 == event["executionDetails"]["testTrafficWeights"][target]
    revision = played.client("ecs").describe_service_revisions(serviceRevisionArns=[target])["serviceRevisions"][0]
    assert NEW == revision["containerImages"][0]["imageDigest"]


def test_the_next_release_comes_back(played: Played, name: str) -> None:
    """The second release uses the target group that the first one left."""
    configuration = {"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 0}
    for digest in (OLD, NEW, OLD):
        played.deploy(name, native(name, digest, configuration=configuration))
    blue = f"{name}-blue"
    assert [100, 0, 100] == [one[blue] for one in played.plane.weights(physical(played, name, "Rule"))]
    assert {OLD} == running(played, name)


def test_rolling(played: Played, name: str) -> None:
    """New tasks are there before the old ones go, in the same target group."""
    played.deploy(name, native(name, OLD, configuration={}))
    assert played.deploy(name, native(name, NEW, configuration={})) == "UPDATE_COMPLETE"
    assert {NEW} == running(played, name)
    group = physical(played, name, "Blue")
    health = played.client("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert ["healthy"] * 2 == [one["TargetHealth"]["State"] for one in health]


def test_a_hook_in_progress_is_asked_again(played: Played, name: str) -> None:
    """A hook may ask to be called back."""
    configuration = {"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 0}
    played.deploy(name, native(name, OLD, configuration=configuration))
    answer = [{"hookStatus": "IN_PROGRESS", "callBackDelay": 5}] * 2 + SUCCEEDED
    stages = hooks(played, name, ["PRE_SCALE_UP"], code=ECS_HOOK, answer=answer)
    assert played.deploy(name, native(name, NEW, configuration=configuration, stages=stages)) == "UPDATE_COMPLETE"
    events = calls(played, f"{name}-PRE_SCALE_UP")
    assert (3, 1) == (len(events), len({event["executionId"] for event in events}))


@pytest.mark.parametrize("stage", HOOKS)
def test_a_hook_that_says_failed(played: Played, name: str, stage: str) -> None:
    """ECS goes back by itself, then the stack does, without another deployment."""
    configuration = {
        "Strategy": "CANARY",
        "BakeTimeInMinutes": 0,
        "CanaryConfiguration": {**CANARY, "CanaryBakeTimeInMinutes": 0},
    }
    played.deploy(name, native(name, OLD, configuration=configuration))
    stages = hooks(played, name, [stage], code=ECS_HOOK, answer=[{"hookStatus": "FAILED"}])
    status = played.deploy(name, native(name, NEW, configuration=configuration, stages=stages))
    assert status == "UPDATE_ROLLBACK_COMPLETE", played.reasons(name)
    assert {OLD} == running(played, name)
    deployment = latest(played, name)
    assert ("ROLLBACK_SUCCESSFUL", True) == (deployment["status"], stage in deployment["rollback"]["reason"])
    assert 100 == played.plane.weights(physical(played, name, "Rule"))[-1][f"{name}-blue"]
    listed = played.client("ecs").list_service_deployments(cluster=name, service=service_arn(played, name))
    assert 2 == len(listed["serviceDeployments"])


@pytest.mark.parametrize("answer", [[{"status": "SUCCEEDED"}], ["SUCCEEDED"], [None]], ids=str)
def test_an_answer_that_counts_for_nothing(played: Played, name: str, answer: list[Any]) -> None:
    """What is no hookStatus rolls back."""
    configuration = {"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 0}
    played.deploy(name, native(name, OLD, configuration=configuration))
    stages = hooks(played, name, ["PRE_SCALE_UP"], code=ECS_HOOK, answer=answer)
    assert (
        played.deploy(name, native(name, NEW, configuration=configuration, stages=stages)) == "UPDATE_ROLLBACK_COMPLETE"
    )


def test_a_killed_hook_rolls_back(played: Played, name: str) -> None:
    """A function that dies is a hook that failed."""
    configuration = {"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 0}
    played.deploy(name, native(name, OLD, configuration=configuration))
    stages = hooks(played, name, ["POST_SCALE_UP"], code=ECS_HOOK, answer=SUCCEEDED)
    played.ask({"mishap": {"function": f"{name}-POST_SCALE_UP", "call": 1}})
    assert (
        played.deploy(name, native(name, NEW, configuration=configuration, stages=stages)) == "UPDATE_ROLLBACK_COMPLETE"
    )
    assert {OLD} == running(played, name)


def test_shift_hooks_run_again_on_the_way_back(played: Played, name: str) -> None:
    """PRODUCTION_TRAFFIC_SHIFT is asked once forward and once back."""
    configuration = {"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 0}
    played.deploy(name, native(name, OLD, configuration=configuration))
    stages = hooks(
        played, name, ["PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"], code=ECS_HOOK, answer=SUCCEEDED
    )
    says(played, f"{name}-POST_PRODUCTION_TRAFFIC_SHIFT", [{"hookStatus": "FAILED"}])
    played.deploy(name, native(name, NEW, configuration=configuration, stages=stages))
    there, back = calls(played, f"{name}-PRODUCTION_TRAFFIC_SHIFT")
    weights = [
        call["executionDetails"]["productionTrafficWeights"][call["executionDetails"]["targetServiceRevisionArn"]]
        for call in (there, back)
    ]
    assert [100, 0] == weights


def test_an_alarm_during_the_bake(played: Played, name: str) -> None:
    """A red alarm while both versions stand takes all traffic back; the stack follows."""
    alarm = f"{name}-errors"
    played.alarm(alarm)
    configuration = {
        "Strategy": "BLUE_GREEN",
        "BakeTimeInMinutes": 15,
        "Alarms": {"AlarmNames": [alarm], "Enable": True, "Rollback": True},
    }
    played.deploy(name, native(name, OLD, configuration={**configuration, "BakeTimeInMinutes": 0}))
    played.deploy(name, native(name, NEW, configuration=configuration), wait=False)
    rule, green = physical(played, name, "Rule"), f"{name}-green"
    played.wait(lambda: played.plane.weights(rule)[-1][green] == 100)
    played.redden(alarm)
    assert played.settled(name) == "UPDATE_ROLLBACK_COMPLETE"
    deployment = latest(played, name)
    assert ("ROLLBACK_SUCCESSFUL", [alarm]) == (deployment["status"], deployment["alarms"]["triggeredAlarmNames"])
    assert ({OLD}, 0) == (running(played, name), played.plane.weights(rule)[-1][green])


def test_the_circuit_breaker(played: Played, name: str) -> None:
    """Tasks that keep ending roll a rolling deployment back."""
    configuration = {"DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}}
    broken = "sha256:" + name.encode().hex().ljust(64, "0")
    played.plane.broken.add(broken)
    played.deploy(name, native(name, OLD, configuration=configuration))
    assert played.deploy(name, native(name, broken, configuration=configuration)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "circuit breaker" in " ".join(played.reasons(name))
    assert {OLD} == running(played, name)


def test_a_person_stops_it(played: Played, name: str) -> None:
    """StopServiceDeployment goes back."""
    configuration = {"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 60}
    played.deploy(name, native(name, OLD, configuration={**configuration, "BakeTimeInMinutes": 0}))
    played.deploy(name, native(name, NEW, configuration=configuration), wait=False)
    played.wait(lambda: latest(played, name)["lifecycleStage"] == "BAKE_TIME")
    played.client("ecs").stop_service_deployment(serviceDeploymentArn=latest(played, name)["serviceDeploymentArn"])
    assert played.settled(name) == "UPDATE_ROLLBACK_COMPLETE"
    assert latest(played, name)["status"] == "ROLLBACK_SUCCESSFUL"


def test_scaling_is_no_deployment(played: Played, name: str) -> None:
    """Another count of tasks changes that count."""
    template = native(name, OLD, configuration={"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 0})
    played.deploy(name, template)
    template["Service"]["Properties"]["DesiredCount"] = 3
    assert played.deploy(name, template) == "UPDATE_COMPLETE"
    service = played.client("ecs").describe_services(cluster=name, services=["web"])["services"][0]
    assert 3 == service["runningCount"]
    listed = played.client("ecs").list_service_deployments(cluster=name, service=service["serviceArn"])
    assert 1 == len(listed["serviceDeployments"])
