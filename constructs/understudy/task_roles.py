"""What may be done for a task before it runs, and what it may do itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from spec import Deployment
from understudy.acknowledgement import acknowledge
from understudy.cluster import Cluster
from understudy.service_environment import Backends, readable_secrets

ECR_IMAGE: Final = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<name>[^@:]+)")

EVERY_RESOURCE: Final = "AwsSolutions-IAM5[Resource::*]"
REGISTRY_REASON: Final = (
    "ecr:GetAuthorizationToken has no finer resource: the token is for the registry as a whole, and what may be pulled "
    "with it is said by the statement after it."
)
SHELL_REASON: Final = (
    "ECS Exec: channels of ssmmessages have no ARN, and logs:DescribeLogGroups looks among all log groups (Service "
    "Authorization Reference); the session is recorded."
)
PROTECTION_REASON: Final = "A task protects itself; its ID is not known before it runs. Tasks of this cluster alone."


class TaskRoles(Construct):
    """Two roles: `execution` is ECS's own before the container starts, `task` is the application's.

    Policies are managed ones that the role names, so that they are in place when the role is used.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        name: str,
        backends: Backends,
        cluster: Cluster,
        log_group: logs.CfnLogGroup,
        data_key: kms.IKey,
        secrets_key: kms.IKey,
    ) -> None:
        super().__init__(scope, construct_id)
        self._stack = Stack.of(self)
        self._deployment = deployment
        self._name = name
        self._backends = backends
        pull = self._pull()
        self.execution = self._role(
            "Execution",
            f"{deployment.prefix}: starts tasks of {name}",
            [*pull, self._write_log(log_group), *self._read_secrets(secrets_key)],
            {EVERY_RESOURCE: REGISTRY_REASON} if pull else {},
        )
        protect = self._protect(cluster)
        self.task = self._role(
            "Task",
            f"{deployment.prefix}: tasks of {name}",
            [*self._shell(cluster), *self._bucket(data_key), *self._files(), *protect],
            {EVERY_RESOURCE: SHELL_REASON}
            | ({f"AwsSolutions-IAM5[Resource::{self._any_task()}]": PROTECTION_REASON} if protect else {}),
        )

    def _role(
        self,
        construct_id: str,
        description: str,
        statements: Sequence[iam.PolicyStatement],
        wildcards: Mapping[str, str],
    ) -> iam.Role:
        stack = self._stack
        policy = iam.ManagedPolicy(self, f"{construct_id}Policy", description=description, statements=list(statements))
        if wildcards:
            acknowledge(policy, wildcards)
        return iam.Role(
            self,
            construct_id,
            description=description,
            managed_policies=[policy],
            assumed_by=iam.ServicePrincipal(
                "ecs-tasks.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": stack.account},
                    "ArnLike": {"aws:SourceArn": f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:*"},
                },
            ),
        )

    def _pull(self) -> list[iam.PolicyStatement]:
        """The service's own image; a registry outside ECR asks for no AWS permission."""
        repository_arn = self._repository_arn()
        if repository_arn is None:
            return []
        return [
            # A token for the registry as a whole: ECR has no finer resource for it.
            iam.PolicyStatement(sid="RegistryToken", actions=["ecr:GetAuthorizationToken"], resources=["*"]),
            iam.PolicyStatement(
                sid="Image",
                actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                resources=[repository_arn],
            ),
        ]

    def _repository_arn(self) -> str | None:
        service = self._deployment.services[self._name]
        if service.image is None:
            return self._backends.repositories[self._name].repository_arn
        match = ECR_IMAGE.match(service.image)
        if match is None:
            return None
        return f"arn:{self._stack.partition}:ecr:{match['region']}:{match['account']}:repository/{match['name']}"

    def _write_log(self, log_group: logs.CfnLogGroup) -> iam.PolicyStatement:
        # The ARN that CloudFormation returns ends in `:*`: the streams of this group.
        return iam.PolicyStatement(
            sid="Log", actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.attr_arn]
        )

    def _read_secrets(self, key: kms.IKey) -> list[iam.PolicyStatement]:
        secrets = readable_secrets(self._deployment, self._name, self._backends)
        if not secrets:
            return []
        return [
            iam.PolicyStatement(
                sid="Secrets",
                actions=["secretsmanager:GetSecretValue"],
                resources=[secret.secret_arn for secret in secrets],
            ),
            self._use_key("SecretsKey", key, ["kms:Decrypt"], "secretsmanager"),
        ]

    def _shell(self, cluster: Cluster) -> list[iam.PolicyStatement]:
        """ECS Exec: the agent's channels, and the record of the session."""
        return [
            # Channels are made by the agent and have no ARN (Service Authorization Reference, ssmmessages), and the
            # record's log group is looked up among all of them.
            iam.PolicyStatement(
                sid="ShellChannels",
                actions=[
                    "logs:DescribeLogGroups",
                    "ssmmessages:CreateControlChannel",
                    "ssmmessages:CreateDataChannel",
                    "ssmmessages:OpenControlChannel",
                    "ssmmessages:OpenDataChannel",
                ],
                resources=["*"],
            ),
            iam.PolicyStatement(
                sid="ShellRecord",
                actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                resources=[cluster.exec_log_group.attr_arn],
            ),
            iam.PolicyStatement(sid="ShellKey", actions=["kms:Decrypt"], resources=[cluster.exec_key.key_arn]),
        ]

    def _bucket(self, key: kms.IKey) -> list[iam.PolicyStatement]:
        bucket = self._backends.data_bucket
        if bucket is None or "data" not in self._deployment.services[self._name].dependencies:
            return []
        return [
            iam.PolicyStatement(sid="DataBucket", actions=["s3:ListBucket"], resources=[bucket.bucket_arn]),
            iam.PolicyStatement(
                sid="DataObjects",
                actions=["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                resources=[f"{bucket.bucket_arn}/*"],
            ),
            self._use_key("DataKey", key, ["kms:Decrypt", "kms:GenerateDataKey"], "s3"),
        ]

    def _files(self) -> list[iam.PolicyStatement]:
        files = self._backends.files
        if files is None or "files" not in self._deployment.services[self._name].dependencies:
            return []
        return [
            iam.PolicyStatement(
                sid="Files",
                actions=["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
                resources=[files.file_system.file_system_arn],
                conditions={"StringEquals": {"elasticfilesystem:AccessPointArn": files.access_point.access_point_arn}},
            )
        ]

    def _protect(self, cluster: Cluster) -> list[iam.PolicyStatement]:
        """A task protects itself by its own ID, which is not known before: any task of this cluster."""
        if not self._deployment.services[self._name].scale_in_protection:
            return []
        return [
            iam.PolicyStatement(
                sid="ScaleInProtection",
                actions=["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
                resources=[self._any_task()],
                conditions={"ArnEquals": {"ecs:cluster": cluster.cluster.cluster_arn}},
            )
        ]

    def _any_task(self) -> str:
        stack = self._stack
        return f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:task/{self._deployment.prefix}/*"

    def _use_key(self, sid: str, key: kms.IKey, actions: list[str], service: str) -> iam.PolicyStatement:
        """The key, and only by way of `service`."""
        return iam.PolicyStatement(
            sid=sid,
            actions=actions,
            resources=[key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"{service}.{self._stack.region}.amazonaws.com"}},
        )
