"""The origin of a site's services: its internal load balancer, reached through a VPC origin."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

_Distribution = cloudfront.CfnDistribution

READ_SECONDS: Final = 60
"""How long CloudFront waits for an answer: the load balancer's own idle time-out, and CloudFront's most without a quota
increase."""
KEEP_ALIVE_SECONDS: Final = 30
"""Below the load balancer's 60 s: the side that opened a connection must be the one to close it, or a request goes into
one that is just being closed."""


def services_origin(
    scope: Construct, construct_id: str, *, origin_id: str, name: str, alb: elbv2.IApplicationLoadBalancer
) -> _Distribution.OriginProperty:
    """The origin `origin_id`, HTTPS only; its VPC origin is called `name`, and may lie in any region."""
    vpc_origin = cloudfront.CfnVpcOrigin(
        scope,
        construct_id,
        vpc_origin_endpoint_config=cloudfront.CfnVpcOrigin.VpcOriginEndpointConfigProperty(
            name=name,
            arn=alb.load_balancer_arn,
            http_port=80,
            https_port=443,
            origin_protocol_policy="https-only",
            origin_ssl_protocols=["TLSv1.2"],
        ),
    )
    return _Distribution.OriginProperty(
        id=origin_id,
        domain_name=alb.load_balancer_dns_name,
        vpc_origin_config=_Distribution.VpcOriginConfigProperty(
            vpc_origin_id=vpc_origin.attr_id,
            origin_read_timeout=READ_SECONDS,
            origin_keepalive_timeout=KEEP_ALIVE_SECONDS,
        ),
    )
