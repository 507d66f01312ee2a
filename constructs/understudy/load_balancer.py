"""The load balancer in front of the services: one HTTPS listener that answers known hosts and paths, and nothing else."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_s3 as s3
from constructs import Construct

from understudy.acknowledgement import acknowledge

TLS_POLICY = elbv2.SslPolicy.TLS13_12_RES_PQ
"""TLS 1.3, and 1.2 with forward secrecy alone: CloudFront offers no more than 1.2 to an origin that it is told about by
name (Developer Guide, minimum origin SSL protocol). Key exchange that a quantum computer cannot undo later."""

TEST_PORT: Final = 8443
"""Where a version is asked before users reach it. Only the hooks' security group gets in (security_groups.py)."""

NO_FIREWALL_HERE = ("NIST.800.53.R5-ALBWAFEnabled", "PCI.DSS.321-ALBWAFEnabled")
NO_PROTECTION = ("HIPAA.Security-ELBDeletionProtectionEnabled", "NIST.800.53.R5-ELBDeletionProtectionEnabled")
NO_CERTIFICATE = tuple(
    f"{pack}-ELBv2ACMCertificateRequired" for pack in ("HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321")
)
REMOVABLE_REASON = (
    "The spec switches protection off for this environment: it is made to be removed in one go, and a load balancer "
    "holds no data."
)
PRIVATE_REASON = (
    "It has no public address. What comes from outside has passed the firewall at the entry, and what comes from inside "
    "are the environment's own services."
)
PUBLIC_REASON = "The edge stack associates its firewall with it, which is not seen in this stack."


class LoadBalancer(Construct):
    """A load balancer that answers the hosts and paths it has rules for, over HTTPS.

    With private addresses CloudFront reaches it by a VPC origin, and services by its name in the private zone. With
    `public` ones, port 80 redirects to 443. A request that no rule knows gets 404 from the load balancer itself, so a
    forged Host header reaches no service.

    With `test_listener`, port 8443 answers as 443 does, and has rules of its own, which lead to the versions that are
    being released.

    `security_group` has all its rules already; nothing here adds any.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        public: bool,
        certificate_arn: str,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        log_bucket: s3.IBucket,
        deletion_protection: bool,
        test_listener: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self.alb = elbv2.ApplicationLoadBalancer(
            self,
            "Resource",
            load_balancer_name=name,
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(
                subnet_type=ec2.SubnetType.PUBLIC if public else ec2.SubnetType.PRIVATE_WITH_EGRESS
            ),
            internet_facing=public,
            security_group=security_group,
            deletion_protection=deletion_protection,
            drop_invalid_header_fields=True,
            desync_mitigation_mode=elbv2.DesyncMitigationMode.STRICTEST,
            http2_enabled=True,
            # Append: the application finds the user's address left of those that proxies added.
            xff_header_processing_mode=elbv2.XffHeaderProcessingMode.APPEND,
            preserve_host_header=True,
        )
        self.alb.log_access_logs(log_bucket, "load-balancer")
        self.full_name = self.alb.load_balancer_full_name
        """`app/<name>/<id>`, as metrics have it."""
        self.listener_arn = self._listener("Https", 443, certificate_arn)
        self.test_listener_arn = self._listener("Test", TEST_PORT, certificate_arn) if test_listener else None
        if public:
            self._redirect()
        acknowledge(self.alb, dict.fromkeys(NO_FIREWALL_HERE, PUBLIC_REASON if public else PRIVATE_REASON))
        if not deletion_protection:
            acknowledge(self.alb, dict.fromkeys(NO_PROTECTION, REMOVABLE_REASON))

    def _listener(self, construct_id: str, port: int, certificate_arn: str) -> str:
        """Its ARN."""
        return elbv2.ApplicationListener(
            self,
            construct_id,
            load_balancer=self.alb,
            port=port,
            protocol=elbv2.ApplicationProtocol.HTTPS,
            ssl_policy=TLS_POLICY,
            certificates=[elbv2.ListenerCertificate.from_arn(certificate_arn)],
            open=False,
            default_action=elbv2.ListenerAction.fixed_response(
                404, content_type="text/plain", message_body="Not found"
            ),
        ).listener_arn

    def _redirect(self) -> None:
        listener = elbv2.CfnListener(
            self,
            "Http",
            load_balancer_arn=self.alb.load_balancer_arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                elbv2.CfnListener.ActionProperty(
                    type="redirect",
                    redirect_config=elbv2.CfnListener.RedirectConfigProperty(
                        protocol="HTTPS", port="443", status_code="HTTP_301"
                    ),
                )
            ],
        )
        acknowledge(
            listener,
            dict.fromkeys(NO_CERTIFICATE, "It redirects to HTTPS and answers nothing else, so it has no certificate."),
        )
