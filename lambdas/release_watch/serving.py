"""Which version serves, asked of ECS and of the load balancer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.aws import client
from shared.plan import Plan


@dataclass(frozen=True, slots=True)
class Serving:
    """The tasks behind users' requests. An empty task definition: there are none."""

    task_definition: str
    desired: int
    running: int
    healthy: int | None
    """Targets that the load balancer calls healthy; None for a service without one."""

    @property
    def well(self) -> bool:
        """All tasks that are wanted run, and are healthy."""
        enough = self.running >= self.desired and (self.healthy is None or self.healthy >= self.desired)
        return bool(self.task_definition) and enough

    def told(self) -> str:
        """A clause for people."""
        if not self.task_definition:
            return "nobody knows how"
        tasks = f"{self.running} of {self.desired} tasks run"
        return tasks if self.healthy is None else f"{tasks}, {self.healthy} healthy behind the load balancer"


UNKNOWN: Final = Serving("", desired=0, running=0, healthy=None)


def serving(plan: Plan) -> Serving:
    """The PRIMARY task set under CodeDeploy; the PRIMARY deployment under ECS."""
    services = client("ecs").describe_services(cluster=plan.cluster, services=[plan.ecs_service])["services"]
    service: Mapping[str, Any] = services[0] if services else {}
    if plan.engine == "codedeploy":
        primary = _primary(service.get("taskSets") or [])
        desired = primary.get("computedDesiredCount", 0)
        groups = [balancer.get("targetGroupArn") for balancer in primary.get("loadBalancers") or []]
    else:
        primary = _primary(service.get("deployments") or [])
        desired = primary.get("desiredCount", 0)
        groups = _groups_of_revision(service) if plan.green_arn else [plan.blue_arn]
    group = next((group for group in groups if group), None)
    return Serving(
        task_definition=primary.get("taskDefinition", ""),
        desired=desired,
        running=primary.get("runningCount", 0),
        healthy=_healthy(group) if group else None,
    )


def _primary(versions: list[Any]) -> Mapping[str, Any]:
    return next((one for one in versions if one.get("status") == "PRIMARY"), {})


def _groups_of_revision(service: Mapping[str, Any]) -> list[str | None]:
    arns = [str(revision.get("arn")) for revision in service.get("currentServiceRevisions") or []]
    if not arns:
        return []
    revisions = client("ecs").describe_service_revisions(serviceRevisionArns=arns)["serviceRevisions"]
    balancers = [
        one for each in revisions for one in (each.get("resolvedConfiguration") or {}).get("loadBalancers", [])
    ]
    return [balancer.get("targetGroupArn") for balancer in balancers]


def _healthy(group: str) -> int:
    answer = client("elbv2").describe_target_health(TargetGroupArn=group)
    states = [one.get("TargetHealth", {}).get("State") for one in answer["TargetHealthDescriptions"]]
    return states.count("healthy")
