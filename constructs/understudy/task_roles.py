"""The two roles of a service's tasks."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from spec import Deployment
from understudy.cluster import Cluster
from understudy.execution_permissions import pull, read_secrets, write_log
from understudy.permission import Permission, managed_policy
from understudy.service_environment import Backends, readable_secrets
from understudy.task_permissions import mount, objects, protect, shell


class TaskRoles(Construct):
    """`execution` is ECS's own before the container starts, `task` is the application's.

    ECS may assume them for tasks of this account and region alone.
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
        stack = Stack.of(self)
        service = deployment.services[name]
        secrets = readable_secrets(deployment, name, backends)
        self.execution = tasks_role(
            self,
            "Execution",
            f"{deployment.prefix}: starts tasks of {name}",
            [
                pull(stack, service.image, backends.repositories.get(name)),
                write_log(log_group),
                read_secrets(stack, secrets, secrets_key),
            ],
        )
        permissions = [shell(cluster)]
        if backends.data_bucket is not None and "data" in service.dependencies:
            permissions.append(objects(stack, backends.data_bucket, data_key))
        if backends.files is not None and "files" in service.dependencies:
            permissions.append(mount(backends.files))
        if service.scale_in_protection:
            permissions.append(protect(stack, deployment.prefix, cluster))
        self.task = tasks_role(self, "Task", f"{deployment.prefix}: tasks of {name}", permissions)


def tasks_role(scope: Construct, construct_id: str, description: str, permissions: Sequence[Permission]) -> iam.Role:
    """One that ECS may assume for tasks of this account and region alone. Without `permissions`, one that may do nothing."""
    stack = Stack.of(scope)
    policies = (
        [managed_policy(scope, f"{construct_id}Policy", description=description, permissions=permissions)]
        if permissions
        else []
    )
    return iam.Role(
        scope,
        construct_id,
        description=description,
        managed_policies=policies,
        assumed_by=iam.ServicePrincipal(
            "ecs-tasks.amazonaws.com",
            conditions={
                "StringEquals": {"aws:SourceAccount": stack.account},
                "ArnLike": {"aws:SourceArn": f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:*"},
            },
        ),
    )
