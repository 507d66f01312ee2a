"""What a call's parameters do not tell, and IAM knows: keys, roles of tasks, groups and steps of deployments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from permissions.call import Call
from permissions.deployed import Deployed


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a call's parameters do not tell, and IAM knows."""

    account: str
    keys: Mapping[str, str] = field(default_factory=dict)
    """ARN of the KMS key that encrypts a resource, by the resource's ARN."""
    task_roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """ARNs of the roles that a task definition passes to its tasks, by `region/family`."""
    deployment_groups: Mapping[str, str] = field(default_factory=dict)
    """`application/group` of each CodeDeploy deployment, by its ID."""
    deployment_steps: Mapping[str, str] = field(default_factory=dict)
    """Name of the configuration that a deployment group has, by `application/group`."""
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of a KMS key, by its ARN."""
    managed_secrets: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Owner and key of each secret that AWS makes for a resource, by the secret's ARN."""
    testing_plans: Mapping[str, str] = field(default_factory=dict)
    """ARN of each plan of restore tests, by its name; the site that is active has one."""

    @classmethod
    def of(
        cls,
        deployed: Deployed,
        deployment_groups: Mapping[str, str] | None = None,
        managed_secrets: Mapping[str, tuple[str, str]] | None = None,
    ) -> Surroundings:
        """Keys and task roles as the templates have them."""
        roles = {
            f"{task.stack.region}/{task.physical.name}": tuple(
                task.properties[each] for each in ("TaskRoleArn", "ExecutionRoleArn") if each in task.properties
            )
            for task in deployed.resources("AWS::ECS::TaskDefinition")
        }
        return cls(
            deployed.account,
            keys={**dict(_keys(deployed)), **{arn: key for arn, (_, key) in (managed_secrets or {}).items()}},
            aliases=_aliases(deployed),
            task_roles=roles,
            deployment_groups=deployment_groups or {},
            managed_secrets=managed_secrets or {},
            testing_plans={
                each.physical.name: each.arn for each in deployed.resources("AWS::Backup::RestoreTestingPlan")
            },
            deployment_steps={
                f"{each.properties['ApplicationName']}/{each.physical.name}": each.properties["DeploymentConfigName"]
                for each in deployed.resources("AWS::CodeDeploy::DeploymentGroup")
                if "DeploymentConfigName" in each.properties
            },
        )

    def arn(self, call: Call, service: str, resource: str) -> str:
        """An ARN in the call's region."""
        return f"arn:aws:{service}:{call.region}:{self.account}:{resource}"


BUCKET_KEY: Final = "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID"
KEY_PROPERTIES: Final = {
    "AWS::DynamoDB::Table": "SSESpecification.KMSMasterKeyId",
    "AWS::S3::Bucket": BUCKET_KEY,
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",
}
"""Where a resource says which key encrypts it. One without has AWS's own, for which IAM asks the caller nothing."""


def _aliases(deployed: Deployed) -> dict[str, list[str]]:
    # Two regions have the same stacks, so a logical ID alone tells nothing.
    keys = {
        (each.stack.region, f"{each.physical.name}.KeyId"): each.arn for each in deployed.resources("AWS::KMS::Key")
    }
    found: dict[str, list[str]] = {}
    for alias in deployed.resources("AWS::KMS::Alias"):
        key = keys[alias.stack.region, alias.properties["TargetKeyId"]]
        found.setdefault(key, []).append(alias.properties["AliasName"])
    return found


def _keys(deployed: Deployed) -> Iterator[tuple[str, str]]:
    known = {
        name: each.arn for each in deployed.resources("AWS::KMS::Key") for name in (each.arn, each.physical.reference)
    }
    for type_, path in KEY_PROPERTIES.items():
        for resource in deployed.resources(type_):
            key: Any = resource.properties
            for part in path.split("."):
                key = key[int(part)] if part.isdecimal() and key else key.get(part, {})
            if isinstance(key, str) and key in known:
                yield resource.arn, known[key]
