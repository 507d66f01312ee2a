"""Where users come in: CDN or public load balancer, firewall, certificate, DNS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_shield as shield
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from spec import Deployment
from spec.deployment import EDGE_REGION
from stacks.settings import StackSettings
from understudy.alarm import Alarm
from understudy.alarm_topic import AlarmTopic
from understudy.alarms import Alarms
from understudy.cdn import Cdn
from understudy.cdn_logs import CdnLogs
from understudy.cdn_routing import probe_paths
from understudy.certificate import certificate
from understudy.certificate_alarm import certificate_alarm
from understudy.custom_resource import EMPTY_BUCKETS, keep_log
from understudy.dns import CLOUDFRONT_ZONE, address_records, health_check
from understudy.edge_alarms import cdn_alarm, site_alarm
from understudy.edge_buckets import EdgeBuckets
from understudy.edge_key import EdgeKey
from understudy.firewall import Firewall, Scope
from understudy.removal import removal_policy


class EdgeStack(Stack):
    """With `edge.entry: cdn` a distribution, in us-east-1 as CloudFront demands; else the way to a public load balancer.

    Alarms on metrics that only us-east-1 has stand here, with a topic of their own: an alarm reads its own region. A
    public load balancer elsewhere therefore has its health check, but no alarm on it; its own alarms are in the
    observability stack either way.

    It belongs to no site. While its region is lost CloudFront serves on, and moves users when the key-value store is told
    to: only a deploy of this stack has to wait.

    `routing_store_arn`: the key-value store that says which site requests go to; None with one site, or without a CDN.
    """

    routing_store_arn: str | None = None

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        load_balancers: Mapping[str, elbv2.IApplicationLoadBalancer],
        **settings: Unpack[StackSettings],
    ) -> None:
        """The load balancer of each site, by region; the first is the environment's own."""
        super().__init__(scope, construct_id, **settings)
        self._deployment = deployment
        self._entry = next(service for service in deployment.services.values() if "/*" in service.public)
        key = EdgeKey(
            self,
            "Key",
            prefix=deployment.prefix,
            rotation_days=deployment.encryption.key_rotation_days,
            removal_policy=removal_policy(deployment.protection),
        ).key
        entry = self._cdn if deployment.edge.entry == "cdn" else self._load_balancer
        CfnOutput(self, "Site", value=f"https://{deployment.edge.domain}", description="Where users find it")
        alarms = [*entry(load_balancers, key), *self._health()]
        if alarms and deployment.edge_region == EDGE_REGION:
            topic = AlarmTopic(
                self,
                "Topic",
                prefix=deployment.prefix,
                name=f"{deployment.prefix}-edge-alarms",
                key=key,
                addresses=deployment.monitoring.notify,
            )
            Alarms(self, "Alarms", prefix=deployment.prefix, topic_arn=topic.arn).add(alarms)
        keep_log(
            self,
            EMPTY_BUCKETS,
            prefix=deployment.prefix,
            key=key,
            retention_days=deployment.monitoring.log_retention_days,
        )

    def _firewall(self, scope_of_use: Scope, key: kms.IKey, *, open_paths: Sequence[str] = ()) -> Firewall:
        return Firewall(
            self,
            "Firewall",
            prefix=self._deployment.prefix,
            settings=self._deployment.edge.firewall,
            scope_of_use=scope_of_use,
            open_paths=open_paths,
            key=key,
            log_retention_days=self._deployment.monitoring.log_retention_days,
            removal_policy=removal_policy(self._deployment.protection),
        )

    def _cdn(self, load_balancers: Mapping[str, elbv2.IApplicationLoadBalancer], key: kms.IKey) -> list[Alarm]:
        deployment = self._deployment
        edge, limits = deployment.edge, deployment.monitoring.alarms
        own = certificate(self, "Certificate", hosted_zone=edge.hosted_zone, domain=edge.domain)
        buckets = EdgeBuckets(
            self,
            "Buckets",
            logs=deployment.storage.logs,
            assets=deployment.storage.assets if edge.static_paths else None,
            key=key,
            removal_policy=removal_policy(deployment.protection),
        )
        cdn = Cdn(
            self,
            "Cdn",
            deployment=deployment,
            load_balancers=load_balancers,
            readiness_path=self._entry.health.readiness.path,
            certificate_arn=own.ref,
            web_acl_arn=self._firewall("CLOUDFRONT", key, open_paths=probe_paths(list(load_balancers))).arn,
            assets=buckets.assets,
        )
        self.routing_store_arn = cdn.routing.store_arn if cdn.routing else None
        buckets.admit_distribution(cdn.arn)
        CfnOutput(self, "DistributionId", value=cdn.distribution_id, description="Whose cache to clear after an upload")
        if buckets.assets is not None:
            CfnOutput(self, "AssetsBucket", value=buckets.assets.bucket_name, description="Where static files go")
        CdnLogs(self, "CdnLogs", prefix=deployment.prefix, cdn=cdn, buckets=buckets)
        address_records(self, "Address", edge=edge, target=cdn.domain_name, target_zone_id=CLOUDFRONT_ZONE, ipv6=True)
        self._shield(cdn.arn)
        return [cdn_alarm(cdn.distribution_id, limits), certificate_alarm("cdn", own.ref, limits.certificate_days)]

    def _load_balancer(
        self, load_balancers: Mapping[str, elbv2.IApplicationLoadBalancer], key: kms.IKey
    ) -> list[Alarm]:
        alb = next(iter(load_balancers.values()))
        waf.CfnWebACLAssociation(
            self,
            "FirewallAssociation",
            resource_arn=alb.load_balancer_arn,
            web_acl_arn=self._firewall("REGIONAL", key).arn,
        )
        address_records(
            self,
            "Address",
            edge=self._deployment.edge,
            target=alb.load_balancer_dns_name,
            target_zone_id=alb.load_balancer_canonical_hosted_zone_id,
            ipv6=False,
        )
        self._shield(alb.load_balancer_arn)
        return []

    def _shield(self, arn: str) -> None:
        if self._deployment.edge.shield_advanced:
            shield.CfnProtection(self, "Shield", name=f"{self._deployment.prefix}-entry", resource_arn=arn)

    def _health(self) -> list[Alarm]:
        """None for a site that only some addresses may see: Route 53's checkers are not among them."""
        deployment = self._deployment
        if deployment.edge.firewall.allowed_cidrs:
            return []
        path = self._entry.health.readiness.path
        check = health_check(self, "HealthCheck", domain=deployment.edge.domain, path=path)
        return [site_alarm(deployment.edge.domain, check.attr_health_check_id, deployment.monitoring.alarms)]
