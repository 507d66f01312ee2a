"""The application's public name, and the check whether it answers."""

from __future__ import annotations

from aws_cdk import aws_route53 as route53
from constructs import Construct

from spec.edge import Edge

CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
"""Hosted zone of every distribution (Route 53 API, AliasTarget)."""

CHECK_SECONDS = 30
FAILURES = 2
"""Two checks of 30 seconds: down for a minute is down (row M2)."""


def address_records(
    scope: Construct, construct_id: str, *, edge: Edge, target: str, target_zone_id: str, ipv6: bool
) -> None:
    """`<domain>` as an alias of `target`, in the hosted zone of the spec: A, and AAAA where the target has IPv6."""
    for record_type in ("A", "AAAA") if ipv6 else ("A",):
        route53.CfnRecordSet(
            scope,
            f"{construct_id}{record_type}",
            hosted_zone_id=edge.hosted_zone.id,
            name=edge.domain,
            type=record_type,
            alias_target=route53.CfnRecordSet.AliasTargetProperty(
                dns_name=target, hosted_zone_id=target_zone_id, evaluate_target_health=False
            ),
        )


def health_check(scope: Construct, construct_id: str, *, domain: str, path: str) -> route53.CfnHealthCheck:
    """Asks https://<domain><path> from several continents, as users do. Its metric is in us-east-1 alone."""
    return route53.CfnHealthCheck(
        scope,
        construct_id,
        health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
            type="HTTPS",
            fully_qualified_domain_name=domain,
            port=443,
            resource_path=path,
            enable_sni=True,
            request_interval=CHECK_SECONDS,
            failure_threshold=FAILURES,
        ),
        health_check_tags=[route53.CfnHealthCheck.HealthCheckTagProperty(key="Name", value=domain)],
    )
