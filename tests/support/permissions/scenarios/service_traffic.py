"""What the keeper of listener rules meets: a service's rules made, changed, refused during a shift, and removed."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from permissions.scene import Scene, listening

TYPE = "Custom::ServiceTraffic"


class _Rules:
    """The rules of the load balancers, by listener."""

    def __init__(self) -> None:
        self.by_listener: dict[str, list[dict[str, Any]]] = {}
        self._numbers = count(1)

    def create(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        listener = asked["ListenerArn"]
        arn = f"{listener.replace(':listener/', ':listener-rule/')}/{next(self._numbers):016x}"
        rule = {
            "RuleArn": arn,
            "Priority": str(asked["Priority"]),
            "Conditions": list(asked["Conditions"]),
            "Actions": list(asked["Actions"]),
            "IsDefault": False,
        }
        self.by_listener.setdefault(listener, []).append(rule)
        return {"Rules": [rule]}

    def describe(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"Rules": self.by_listener.get(asked["ListenerArn"], [])}

    def answers(self) -> dict[str, Any]:
        return {
            "elbv2.DescribeRules": self.describe,
            "elbv2.CreateRule": self.create,
            "elbv2.ModifyRule": {},
            "elbv2.SetRulePriorities": {},
            "elbv2.DeleteRule": {},
        }


def play(scene: Scene) -> None:
    """Each service's resource of its own: created, changed in every way, refused once, deleted."""
    given = scene.custom_resources(TYPE)
    assert given, f"{scene.function.title} stands in the template, and nothing asks it"
    with listening() as url:
        for properties in given:
            _play(scene, properties, url)


def _play(scene: Scene, properties: dict[str, Any], url: str) -> None:
    rules = _Rules()
    quiet = {**rules.answers(), **_engine(scene, properties, busy=False)}
    scene.aws.answers = quiet
    _ask(scene, url, "Create", properties)
    # Before the service is made there are no rules, and ECS knows no service; afterwards rules may be missing.
    for changed in _changes(properties):
        _ask(scene, url, "Update", changed, old=properties)
    rules.by_listener.clear()
    _ask(scene, url, "Update", properties, old=properties)
    scene.aws.answers = {**quiet, **_engine(scene, properties, busy=True)}
    _ask(scene, url, "Update", properties, old=properties)
    scene.aws.answers = quiet
    _ask(scene, url, "Delete", properties)


def _changes(properties: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Other conditions, another place, one rule fewer: for each rule."""
    for index in range(len(properties["Rules"])):
        other = copy.deepcopy(dict(properties))
        other["Rules"][index]["Conditions"] = [
            {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/elsewhere"]}}
        ]
        yield other
        other = copy.deepcopy(dict(properties))
        other["Rules"][index]["Priority"] = str(30_000 + index)
        yield other
        other = copy.deepcopy(dict(properties))
        del other["Rules"][index]
        yield other
    # What changes for good is refused, unless CloudFormation is on its way back: it is asked for that.
    if properties.get("Fixed"):
        other = copy.deepcopy(dict(properties))
        other["Fixed"] = {name: f"{value}-other" for name, value in properties["Fixed"].items()}
        yield other


def _engine(scene: Scene, properties: Mapping[str, Any], *, busy: bool) -> dict[str, Any]:
    """The service, and a deployment of it if the engine is `busy`."""
    cluster = properties["Cluster"]
    service = scene.arn("ecs", f"service/{cluster}/{cluster}-{properties['Service']}")
    revision = scene.arn("ecs", f"service-revision/{cluster}/{cluster}-{properties['Service']}/1")
    groups = [rule["BlueArn"] for rule in properties["Rules"]]
    balancers = [{"targetGroupArn": group} for group in groups]
    described: dict[str, Any] = {"serviceArn": service}
    if properties["Engine"] == "codedeploy":
        described["taskSets"] = [{"status": "PRIMARY", "loadBalancers": balancers[:1]}]
    else:
        current = {"arn": revision, "requestedTaskCount": 1, "runningTaskCount": 1}
        described |= {"loadBalancers": balancers, "currentServiceRevisions": [current]}
    deployment = scene.arn("ecs", f"service-deployment/{cluster}/{cluster}-{properties['Service']}/1")
    return {
        "codedeploy.ListDeployments": {"deployments": ["d-1"] if busy else []},
        "ecs.ListServices": {"serviceArns": [service]},
        "ecs.DescribeServices": {"services": [described], "failures": []},
        "ecs.DescribeServiceRevisions": {
            "serviceRevisions": [
                {"serviceRevisionArn": revision, "resolvedConfiguration": {"loadBalancers": balancers}}
            ],
            "failures": [],
        },
        "ecs.ListServiceDeployments": {
            "serviceDeployments": [{"serviceDeploymentArn": deployment, "status": "IN_PROGRESS"}] if busy else []
        },
        "cloudformation.DescribeStacks": {
            "Stacks": [{"StackName": "services", "CreationTime": 0, "StackStatus": "UPDATE_IN_PROGRESS"}]
        },
    }


def _ask(
    scene: Scene, url: str, kind: str, properties: Mapping[str, Any], *, old: Mapping[str, Any] | None = None
) -> None:
    stack = scene.function.resource.stack.name
    scene.invoke(
        {
            "RequestType": kind,
            "StackId": scene.arn("cloudformation", f"stack/{stack}/00000000-0000-0000-0000-000000000000"),
            "RequestId": "1",
            "LogicalResourceId": "Traffic",
            "PhysicalResourceId": f"{stack}-traffic",
            "ResponseURL": url,
            "ResourceProperties": properties,
            "OldResourceProperties": old or {},
        }
    )
