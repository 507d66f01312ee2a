"""Which request reaches which service: by path from outside, by host name among the services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_route53 as route53
from constructs import Construct

from spec import Deployment
from understudy.load_balancer import LoadBalancer
from understudy.rule_priority import host_priorities, path_priorities
from understudy.target_groups import TargetGroupPair


@dataclass(frozen=True, slots=True)
class TrafficRule:
    """A rule of a listener that leads to `pair`; with `test`, one that leads to the version not yet released."""

    key: str
    """Its name among the rules of its service, the same for as long as it matches the same requests."""
    listener_arn: str
    priority: int
    conditions: list[dict[str, Any]]
    """As the ELB API takes them (CreateRule)."""
    pair: TargetGroupPair
    test: bool = False


def traffic_rules(
    deployment: Deployment, name: str, *, public: TargetGroupPair | None, internal: TargetGroupPair | None
) -> list[TrafficRule]:
    """The rules of the service `name`; each has a twin on the test listener if its releases shift requests.

    A path is a rule of its own, because more specific ones of another service may stand between two of them, and because
    a rule takes five values, the host included (ELB User Guide, quotas). It answers the application's domain alone.
    """
    rules = [
        *(_paths(deployment, name, public) if public else []),
        *(_host(deployment, name, internal) if internal else []),
    ]
    twins = [
        TrafficRule(f"Test{rule.key}", listener, rule.priority, rule.conditions, rule.pair, test=True)
        for rule in rules
        if rule.pair.green is not None and (listener := rule.pair.load_balancer.test_listener_arn) is not None
    ]
    return [*rules, *twins]


def _paths(deployment: Deployment, name: str, pair: TargetGroupPair) -> list[TrafficRule]:
    patterns = [pattern for service in deployment.services.values() for pattern in service.public]
    priorities = path_priorities(patterns)
    return [
        TrafficRule(
            f"Public{priorities[pattern]}",
            pair.load_balancer.listener_arn,
            priorities[pattern],
            [_is_host(deployment.edge.domain), {"Field": "path-pattern", "PathPatternConfig": {"Values": [pattern]}}],
            pair,
        )
        for pattern in deployment.services[name].public
    ]


def _host(deployment: Deployment, name: str, pair: TargetGroupPair) -> list[TrafficRule]:
    """By its name in the private zone."""
    priority = host_priorities(other for other in deployment.services if deployment.dependents(other))[name]
    conditions = [_is_host(f"{name}.{deployment.internal_domain}")]
    return [TrafficRule(f"Internal{priority}", pair.load_balancer.listener_arn, priority, conditions, pair)]


def _is_host(host: str) -> dict[str, Any]:
    return {"Field": "host-header", "HostHeaderConfig": {"Values": [host]}}


class InternalZone(Construct):
    """`internal.<domain>`, known in the VPC alone: each service that others depend on, at the load balancer."""

    def __init__(
        self, scope: Construct, construct_id: str, *, deployment: Deployment, vpc: ec2.IVpc, load_balancer: LoadBalancer
    ) -> None:
        super().__init__(scope, construct_id)
        called = [name for name in deployment.services if deployment.dependents(name)]
        if not called:
            return
        zone = route53.CfnHostedZone(
            self,
            "Resource",
            name=deployment.internal_domain,
            hosted_zone_config=route53.CfnHostedZone.HostedZoneConfigProperty(
                comment=f"{deployment.prefix}: services that call each other"
            ),
            vpcs=[route53.CfnHostedZone.VPCProperty(vpc_id=vpc.vpc_id, vpc_region=deployment.region)],
        )
        alb = load_balancer.alb
        for name in called:
            route53.CfnRecordSet(
                self,
                name,
                hosted_zone_id=zone.ref,
                name=f"{name}.{deployment.internal_domain}",
                type="A",
                alias_target=route53.CfnRecordSet.AliasTargetProperty(
                    dns_name=alb.load_balancer_dns_name,
                    hosted_zone_id=alb.load_balancer_canonical_hosted_zone_id,
                    # The load balancer decides about health; DNS would only take the name away.
                    evaluate_target_health=False,
                ),
            )
