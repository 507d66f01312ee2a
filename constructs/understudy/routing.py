"""Which request reaches which service: by path from outside, by host name among the services."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53 as route53
from constructs import Construct

from spec import Deployment
from understudy.load_balancer import LoadBalancer
from understudy.rule_priority import host_priorities, path_priorities
from understudy.service import Service


def add_path_rules(
    deployment: Deployment, listener: elbv2.IApplicationListener, services: Mapping[str, Service]
) -> None:
    """One rule for each public path, under the application's domain alone.

    A path is a rule of its own, because more specific ones of another service may stand between two of them, and
    because a rule takes five values, the host included (ELB User Guide, quotas).
    """
    owners = {pattern: name for name, service in deployment.services.items() for pattern in service.public}
    for pattern, priority in path_priorities(owners).items():
        target_group = services[owners[pattern]].target_group
        if target_group is not None:
            listener.add_action(
                f"Public{priority}",
                priority=priority,
                conditions=[
                    elbv2.ListenerCondition.host_headers([deployment.edge.domain]),
                    elbv2.ListenerCondition.path_patterns([pattern]),
                ],
                action=elbv2.ListenerAction.forward([target_group]),
            )


def add_host_rules(
    deployment: Deployment, listener: elbv2.IApplicationListener, services: Mapping[str, Service]
) -> None:
    """One rule for each service that others depend on, by its name in the private zone."""
    called = {name: service.internal_target_group for name, service in services.items()}
    known = [name for name, target_group in called.items() if target_group is not None]
    for name, priority in host_priorities(known).items():
        target_group = called[name]
        if target_group is not None:
            listener.add_action(
                f"Internal{priority}",
                priority=priority,
                conditions=[elbv2.ListenerCondition.host_headers([f"{name}.{deployment.internal_domain}"])],
                action=elbv2.ListenerAction.forward([target_group]),
            )


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
