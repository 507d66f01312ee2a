"""A service in the middle of a release, as AWS's APIs show it: what the scenarios of hooks and watch have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from permissions.scene import Scene

OLD, NEW = f"sha256:{'0' * 64}", f"sha256:{'1' * 64}"
NETWORK: Final[Mapping[str, Any]] = {"awsvpcConfiguration": {"subnets": ["subnet-0"]}}


@dataclass(frozen=True, slots=True)
class ReleasedService:
    """A service in the middle of a release, as AWS's APIs show it."""

    scene: Scene
    plan: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Of the ECS service."""
        return str(self.plan["ecs_service"]).rpartition("/")[2]

    @property
    def prefix(self) -> str:
        """`<application>-<environment>`."""
        return self.scene.variables["PREFIX"]

    def arn(self, kind: str, more: str = "") -> str:
        """Of what belongs to the service: itself (`service`), its `service-deployment` or `service-revision`."""
        return self.scene.arn("ecs", f"{kind}/{self.plan['cluster']}/{self.name}{more}")

    def task_definition(self, version: int) -> str:
        """ARN of a revision: 1 is the old version, 2 the new one."""
        return self.scene.arn("ecs", f"task-definition/{self.prefix}-{self.plan['service']}:{version}")

    def answers(self) -> dict[str, Any]:
        """What both engines' hooks read."""
        task = self.scene.arn("ecs", f"task/{self.plan['cluster']}/abc")
        running = {
            "taskArn": task,
            "taskDefinitionArn": self.task_definition(2),
            "group": f"service:{self.name}",
            "lastStatus": "RUNNING",
            "containers": [{"name": self.plan["container"], "imageDigest": NEW}],
        }
        alarms = [{"AlarmName": name, "StateValue": "OK"} for name in self.plan.get("alarms", [])]
        return {
            "stepfunctions.StartExecution": {"executionArn": "arn", "startDate": 0},
            "codedeploy.PutLifecycleEventHookExecutionStatus": {},
            "ecs.DescribeTaskDefinition": lambda asked: {"taskDefinition": self._definition(asked["taskDefinition"])},
            "ecs.ListTasks": lambda asked: {"taskArns": [] if "startedBy" in asked else [task]},
            "ecs.RunTask": {"tasks": [running], "failures": []},
            "ecs.DescribeTasks": {"tasks": [running], "failures": []},
            "ecs.StopTask": {"task": running},
            "ec2.DescribeSubnets": {"Subnets": [{"AvailableIpAddressCount": 200}]},
            "secretsmanager.DescribeSecret": {"VersionIdsToStages": {"1" * 32: ["AWSCURRENT"]}},
            "elbv2.DescribeTargetHealth": {"TargetHealthDescriptions": [{"TargetHealth": {"State": "healthy"}}]},
            "cloudwatch.DescribeAlarms": {"MetricAlarms": alarms, "CompositeAlarms": []},
            "cloudwatch.GetMetricData": lambda asked: {
                "MetricDataResults": [_numbers(q) for q in asked["MetricDataQueries"]]
            },
        }

    def _definition(self, arn: str) -> dict[str, Any]:
        digest = NEW if arn == self.task_definition(2) else OLD
        image = (
            f"{self.scene.function.deployed.account}.dkr.ecr.{self.scene.function.region}.amazonaws.com/web@{digest}"
        )
        return {"taskDefinitionArn": arn, "containerDefinitions": [{"name": self.plan["container"], "image": image}]}

    def described(self, **more: Any) -> dict[str, Any]:
        """DescribeServices' answer."""
        service = {"serviceArn": self.arn("service"), "desiredCount": 2, "networkConfiguration": NETWORK}
        return {"services": [{**service, **more}], "failures": []}


def _numbers(query: Mapping[str, Any]) -> dict[str, Any]:
    name = query["MetricStat"]["Metric"]["MetricName"]
    value = {"RequestCount": 100_000.0, "TargetResponseTime": 0.1}.get(name, 0.0)
    return {"Id": query["Id"], "Values": [value], "StatusCode": "Complete"}


def task_sets(service: ReleasedService, deployment: str) -> list[dict[str, Any]]:
    """Those of CodeDeploy: the old one serves, the one that `deployment` made stands beside it."""
    counts = {"computedDesiredCount": 1, "runningCount": 1, "stabilityStatus": "STEADY_STATE"}
    return [
        {
            **counts,
            "externalId": external,
            "status": status,
            "taskDefinition": service.task_definition(version),
            "loadBalancers": [{"targetGroupArn": service.plan[group]}],
        }
        for external, status, version, group in (
            ("d-BEFORE", "PRIMARY", 1, "blue_arn"),
            (deployment, "ACTIVE", 2, "green_arn"),
        )
    ]


def ecs_release(service: ReleasedService, deployment: str) -> dict[str, Any]:
    """A service deployment from revision 1 to revision 2, half-way."""
    plan = service.plan
    revisions = {version: service.arn("service-revision", f"/{version}") for version in (1, 2)}
    summaries = {
        version: {"arn": revision, "requestedTaskCount": 1, "runningTaskCount": 1}
        for version, revision in revisions.items()
    }
    groups = {1: plan["blue_arn"], 2: plan.get("green_arn", plan["blue_arn"])}
    described = {
        revision: {
            "serviceRevisionArn": revision,
            "taskDefinition": service.task_definition(version),
            "loadBalancers": [{"targetGroupArn": groups[version]}],
            "resolvedConfiguration": {"loadBalancers": [{"targetGroupArn": groups[version]}]},
            "networkConfiguration": NETWORK,
        }
        for version, revision in revisions.items()
    }
    return {
        "ecs.DescribeServiceDeployments": {
            "serviceDeployments": [
                {
                    "serviceDeploymentArn": deployment,
                    "serviceArn": service.arn("service"),
                    "status": "IN_PROGRESS",
                    "sourceServiceRevisions": [summaries[1]],
                    "targetServiceRevision": summaries[2],
                }
            ],
            "failures": [],
        },
        "ecs.DescribeServiceRevisions": lambda asked: {
            "serviceRevisions": [described[each] for each in asked["serviceRevisionArns"]],
            "failures": [],
        },
    }
