"""The services of this site, and how many of their tasks serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from failover.models import Service
from shared.aws import client

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceTypeDef

NAMESPACE: Final = "ecs"
DIMENSION: Final = "ecs:service:DesiredCount"
DESCRIBED_AT_ONCE: Final = 10
"""DescribeServices takes no more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one service, at this moment."""

    service: Service
    desired: int
    running: int
    healthy: int
    """Tasks that their load balancer sends requests to; as many as run where it has none."""
    trouble: str
    """What ECS said last about placing tasks; empty if that is nothing bad."""

    @property
    def serving(self) -> int:
        """Tasks that can be counted on."""
        return min(self.running, self.healthy)

    @property
    def full(self) -> bool:
        """Whether it is as large as the active site's."""
        return self.desired >= self.service.desired and self.serving >= self.service.desired

    @property
    def enough(self) -> bool:
        """Whether it can do without the rest for a while."""
        return self.serving >= self.service.least


def bound(cluster: str, service: Service, least: int) -> None:
    """Let Application Auto Scaling keep it at no fewer than `least` tasks, and no more than the active site's most."""
    client("application-autoscaling").register_scalable_target(
        ServiceNamespace=NAMESPACE,
        ResourceId=f"service/{cluster}/{service.name}",
        ScalableDimension=DIMENSION,
        MinCapacity=least,
        MaxCapacity=service.maximum,
    )


def ask_for(cluster: str, service: Service, tasks: int) -> None:
    """Have ECS run `tasks` of them. Under CodeDeploy too it takes a number, if nothing else (ECS API, UpdateService)."""
    client("ecs").update_service(cluster=cluster, service=service.name, desiredCount=tasks)


def standings(cluster: str, services: Sequence[Service]) -> list[Standing]:
    """How they are. One that ECS does not know runs no task."""
    known: dict[str, ServiceTypeDef] = {}
    for begin in range(0, len(services), DESCRIBED_AT_ONCE):
        names = [service.name for service in services[begin : begin + DESCRIBED_AT_ONCE]]
        for found in client("ecs").describe_services(cluster=cluster, services=names)["services"]:
            known[str(found.get("serviceName"))] = found
    return [_standing(service, known.get(service.name)) for service in services]


def _standing(service: Service, found: ServiceTypeDef | None) -> Standing:
    if found is None or found.get("status") != "ACTIVE":
        return Standing(service, 0, 0, 0, "ECS has no such service here")
    running = found.get("runningCount", 0)
    groups = _target_groups(found)
    healthy = min((_healthy(group) for group in groups), default=running)
    return Standing(service, found.get("desiredCount", 0), running, healthy, _trouble(found))


def _target_groups(service: ServiceTypeDef) -> list[str]:
    """Those that lead to what is live: under CodeDeploy, the primary task set's."""
    primary = [each for each in service.get("taskSets") or [] if each.get("status") == "PRIMARY"]
    balancers = primary[0].get("loadBalancers") or [] if primary else service.get("loadBalancers") or []
    return [group for each in balancers if (group := each.get("targetGroupArn"))]


def _healthy(target_group: str) -> int:
    found = client("elbv2").describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
    return sum(each.get("TargetHealth", {}).get("State") == "healthy" for each in found)


def _trouble(service: ServiceTypeDef) -> str:
    """ECS writes why it could not place a task into the service's events, newest first."""
    events = service.get("events") or []
    text = events[0].get("message", "") if events else ""
    return text if "unable to" in text else ""
