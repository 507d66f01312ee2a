"""CloudFront in front of the application: static files from a bucket, everything else from the load balancer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_s3 as s3
from constructs import Construct

from spec import Deployment
from understudy.acknowledgement import acknowledge
from understudy.cdn_routing import CdnRouting
from understudy.cdn_services import services_origin
from understudy.security_headers import security_headers

_Distribution = cloudfront.CfnDistribution

ALL_VIEWER: Final = "216adef6-5c7f-47e4-b989-5492eafa07d3"
"""AWS's origin request policy AllViewer: every header, cookie and query string (Developer Guide, managed policies)."""
CACHING_OPTIMIZED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""AWS's cache policy for static files: a day unless the file says otherwise, compressed."""

EVERY_METHOD: Final = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
READING: Final = ["GET", "HEAD", "OPTIONS"]

UNCACHED_ERRORS: Final = (404, 500, 502, 503, 504)
"""CloudFront would answer with a remembered error for ten seconds (Developer Guide, caching of error responses)."""

COUNTRIES_REASON: Final = (
    "The application is for users in every country; the firewall decides by address, rate and content."
)
LOG_REASON: Final = (
    "Access logs are delivered by CloudWatch Logs (standard logging v2), which the distribution's own properties do not "
    "show; the older kind needs a bucket with access control lists."
)


class Cdn(Construct):
    """One distribution for the application's domain.

    The default behaviour goes to the internal load balancer through a VPC origin, HTTPS only. It forwards every header,
    `Host` too, for two reasons: the load balancer's rules match it, and CloudFront accepts the load balancer's
    certificate because that names the forwarded host (Developer Guide, requiring HTTPS to a custom origin). The
    origin's own domain is the load balancer's DNS name, which no certificate could name. A request to the
    distribution's *.cloudfront.net name therefore ends in 502: the domain is the only way in.

    Answers are cached only as the application's own Cache-Control asks, for a second at most, and apart for every
    cookie, query string and Authorization. CloudFront compresses only what it may cache; the second is for that.

    With load balancers in two regions a function says which one a request goes to (`cdn_routing.py`); static files come
    from the bucket either way, and the function does not run for them. Behaviours are matched before it runs, so what
    it does to a path leads to no other behaviour.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        load_balancers: Mapping[str, elbv2.IApplicationLoadBalancer],
        readiness_path: str,
        certificate_arn: str,
        web_acl_arn: str,
        assets: s3.IBucket | None,
    ) -> None:
        """Load balancers by their regions; `readiness_path` is what probes of a region ask for."""
        super().__init__(scope, construct_id)
        prefix = deployment.prefix
        edge = deployment.edge
        headers = security_headers(self, "SecurityHeaders", prefix=prefix)
        self.routing = self._routing(deployment, load_balancers.keys(), readiness_path)
        origins = self._services(deployment, load_balancers, self.routing)
        entry = self.routing.origin_id(deployment.active_region) if self.routing else "services"
        behaviors = []
        if assets is not None:
            origins.append(self._assets(prefix, assets))
            behaviors = [_static(pattern, headers.attr_id) for pattern in edge.static_paths]
        if self.routing:
            behaviors.insert(0, self.routing.probes(target_origin_id=entry, origin_request_policy_id=ALL_VIEWER))
        self.resource = _Distribution(
            self,
            "Resource",
            distribution_config=_Distribution.DistributionConfigProperty(
                enabled=True,
                comment=f"{prefix}: {edge.domain}",
                aliases=[edge.domain],
                http_version="http2and3",
                ipv6_enabled=True,
                price_class=edge.price_class,
                web_acl_id=web_acl_arn,
                origins=origins,
                default_cache_behavior=_Distribution.DefaultCacheBehaviorProperty(
                    target_origin_id=entry,
                    viewer_protocol_policy="redirect-to-https",
                    allowed_methods=EVERY_METHOD,
                    cache_policy_id=self._dynamic(prefix).attr_id,
                    origin_request_policy_id=ALL_VIEWER,
                    response_headers_policy_id=headers.attr_id,
                    function_associations=self.routing.associations if self.routing else None,
                    compress=True,
                ),
                cache_behaviors=behaviors or None,
                custom_error_responses=[
                    _Distribution.CustomErrorResponseProperty(error_code=code, error_caching_min_ttl=0)
                    for code in UNCACHED_ERRORS
                ],
                viewer_certificate=_Distribution.ViewerCertificateProperty(
                    acm_certificate_arn=certificate_arn,
                    minimum_protocol_version="TLSv1.2_2025",
                    ssl_support_method="sni-only",
                ),
            ),
        )
        self.distribution_id = self.resource.attr_id
        self.domain_name = self.resource.attr_domain_name
        stack = Stack.of(self)
        self.arn = f"arn:{stack.partition}:cloudfront::{stack.account}:distribution/{self.distribution_id}"
        acknowledge(
            self.resource,
            {"AwsSolutions-CFR1": COUNTRIES_REASON, "AwsSolutions-CFR3": LOG_REASON, "CKV_AWS_86": LOG_REASON},
        )

    def _services(
        self,
        deployment: Deployment,
        load_balancers: Mapping[str, elbv2.IApplicationLoadBalancer],
        routing: CdnRouting | None,
    ) -> list[_Distribution.OriginProperty]:
        """The VPC origins are named after the sites: these stay what they are when the environment gets a stand-in."""
        origins = []
        for region, alb in load_balancers.items():
            construct_id, site = (
                ("VpcOrigin", "") if region == deployment.home_region else ("StandInVpcOrigin", "standin-")
            )
            origins.append(
                services_origin(
                    self,
                    construct_id,
                    origin_id=routing.origin_id(region) if routing else "services",
                    name=f"{deployment.prefix}-{site}alb",
                    alb=alb,
                )
            )
        return origins

    def _routing(self, deployment: Deployment, regions: Collection[str], readiness_path: str) -> CdnRouting | None:
        """None where one site is all there is."""
        if len(regions) == 1:
            return None
        return CdnRouting(
            self,
            "Routing",
            prefix=deployment.prefix,
            active=deployment.active_region,
            regions=list(regions),
            readiness_path=readiness_path,
        )

    def _assets(self, prefix: str, assets: s3.IBucket) -> _Distribution.OriginProperty:
        access = cloudfront.CfnOriginAccessControl(
            self,
            "AssetsAccess",
            origin_access_control_config=cloudfront.CfnOriginAccessControl.OriginAccessControlConfigProperty(
                name=f"{prefix}-assets",
                origin_access_control_origin_type="s3",
                signing_behavior="always",
                signing_protocol="sigv4",
            ),
        )
        return _Distribution.OriginProperty(
            id="assets",
            domain_name=assets.bucket_regional_domain_name,
            origin_access_control_id=access.attr_id,
            # Must be there, and empty: an origin access control has taken the place of the identity.
            s3_origin_config=_Distribution.S3OriginConfigProperty(origin_access_identity=""),
        )

    def _dynamic(self, prefix: str) -> cloudfront.CfnCachePolicy:
        """`Host` is part of the key so that an error for another name is never the answer for this one."""
        policy = cloudfront.CfnCachePolicy
        return policy(
            self,
            "Dynamic",
            cache_policy_config=policy.CachePolicyConfigProperty(
                name=f"{prefix}-dynamic",
                comment="As the application's Cache-Control asks, for one second at most",
                min_ttl=0,
                default_ttl=0,
                max_ttl=1,
                parameters_in_cache_key_and_forwarded_to_origin=policy.ParametersInCacheKeyAndForwardedToOriginProperty(
                    cookies_config=policy.CookiesConfigProperty(cookie_behavior="all"),
                    query_strings_config=policy.QueryStringsConfigProperty(query_string_behavior="all"),
                    headers_config=policy.HeadersConfigProperty(
                        header_behavior="whitelist", headers=["Authorization", "Host", "Origin"]
                    ),
                    enable_accept_encoding_brotli=True,
                    enable_accept_encoding_gzip=True,
                ),
            ),
        )


def _static(pattern: str, headers_policy_id: str) -> _Distribution.CacheBehaviorProperty:
    return _Distribution.CacheBehaviorProperty(
        path_pattern=pattern,
        target_origin_id="assets",
        viewer_protocol_policy="redirect-to-https",
        allowed_methods=READING,
        cache_policy_id=CACHING_OPTIMIZED,
        response_headers_policy_id=headers_policy_id,
        compress=True,
    )
