"""Where a load balancer sends a service's requests: one target group, or two that a release moves between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from spec.services import Service as ServiceSpec
from understudy.load_balancer import LoadBalancer

Colour = Literal["blue", "green"]

COLOURS: Final[tuple[Colour, ...]] = ("blue", "green")
"""Which of the two is live alternates with each release; no name says new or old."""


@dataclass(frozen=True, slots=True, eq=False)
class TargetGroupPair:
    """The target groups behind one way in. `green` is None where releases do not shift requests."""

    load_balancer: LoadBalancer
    blue: elbv2.ApplicationTargetGroup
    green: elbv2.ApplicationTargetGroup | None
    dimensions: dict[Colour, dict[str, str]]
    """Of CloudWatch's metrics, for each group that there is."""


def target_groups(
    scope: Construct,
    construct_id: str,
    *,
    service: ServiceSpec,
    load_balancer: LoadBalancer,
    vpc: ec2.IVpc,
) -> TargetGroupPair:
    """One target group, and a second one, equal to it, if releases shift requests.

    Nothing routes to them yet. A target group belongs to one load balancer (ELB User Guide, target groups).
    """
    blue = _target_group(scope, construct_id, service, vpc)
    green = _target_group(scope, f"{construct_id}Green", service, vpc) if service.release.shifts else None
    found: dict[Colour, dict[str, str]] = {}
    for colour, group in zip(COLOURS, (blue, green), strict=True):
        if group is not None:
            found[colour] = {"TargetGroup": group.target_group_full_name, "LoadBalancer": load_balancer.full_name}
    return TargetGroupPair(load_balancer, blue, green, found)


def _target_group(
    scope: Construct, construct_id: str, service: ServiceSpec, vpc: ec2.IVpc
) -> elbv2.ApplicationTargetGroup:
    ready = service.health.readiness
    protocol = elbv2.Protocol.HTTPS if service.protocol == "https" else elbv2.Protocol.HTTP
    return elbv2.ApplicationTargetGroup(
        scope,
        construct_id,
        vpc=vpc,
        port=service.port,
        protocol=elbv2.ApplicationProtocol[protocol.name],
        target_type=elbv2.TargetType.IP,
        load_balancing_algorithm_type=elbv2.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
        deregistration_delay=Duration.seconds(service.deregistration_seconds),
        health_check=elbv2.HealthCheck(
            protocol=protocol,
            path=ready.path,
            healthy_http_codes=ready.expected_status,
            interval=Duration.seconds(ready.interval_seconds),
            timeout=Duration.seconds(ready.timeout_seconds),
            healthy_threshold_count=ready.healthy_threshold,
            unhealthy_threshold_count=ready.unhealthy_threshold,
        ),
    )
