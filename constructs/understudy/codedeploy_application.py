"""What CodeDeploy has of an environment: one application, and one log of those who start its deployments."""

from __future__ import annotations

from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from understudy.acknowledgement import acknowledge
from understudy.encrypted_log_group import encrypted_log_group
from understudy.statement import Statement, findings, policy_document

TRACE_REASON: Final = (
    "X-Ray has no resources that a statement could name for writing segments (Service Authorization Reference)."
)


class CodeDeployApplication(Construct):
    """`<prefix>`, with a deployment group for each service that CodeDeploy releases (codedeploy_release.py)."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        logs_key: kms.IKey,
        retention_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = prefix
        self.resource = codedeploy.CfnApplication(self, "Resource", application_name=prefix, compute_platform="ECS")
        self.log_group = encrypted_log_group(
            self,
            "Log",
            name=f"/{prefix}/codedeploy",
            key=logs_key,
            retention_days=retention_days,
            removal_policy=removal_policy,
        )
        statements = [
            Statement("Log", ("logs:CreateLogStream", "logs:PutLogEvents"), (self.log_group.attr_arn,)),
            Statement("Trace", ("xray:PutTelemetryRecords", "xray:PutTraceSegments"), ("*",), because=TRACE_REASON),
        ]
        self.log_policy = iam.CfnManagedPolicy(
            self,
            "LogPolicy",
            description=f"{prefix}: functions that start deployments write their log and their trace",
            policy_document=policy_document(statements),
        )
        acknowledge(self.log_policy, findings(statements))
