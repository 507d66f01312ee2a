"""Which requests IAM decides when a call is made: the call's own action on each resource, and what hangs on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from permissions.call import Call, Request
from permissions.resources import UnknownNeed, resources
from permissions.simulator import ActionReference
from permissions.surroundings import Surroundings


def requests(call: Call, around: Surroundings, reference: ActionReference | None) -> list[Request]:
    """The requests of one call.

    Raises:
        UnknownNeed: the action is unknown to IAM, or its resource cannot be told from the parameters.
    """
    if reference is None:
        raise UnknownNeed(f"IAM knows no action {call.action}: name the right one in permissions/call.py")
    context = CONTEXT[call.signing_name](call, around) if call.signing_name in CONTEXT else {}
    own = [
        Request(call.action, resource, context, because=str(call.operation))
        for resource in resources(call, around, reference)
    ]
    others = [other for each in own for other in (*_key_use(each, call, around), *_service_role(each, around))]
    further = (
        *_passed_roles(call, around),
        *_revision(call, around),
        *_password(call, around),
        *_snapshot_key(call, around),
        *_interface(call, around),
    )
    return [*own, *further, *others]


# --- condition keys -------------------------------------------------------------------------------------------------


def _cluster_key(call: Call, around: Surroundings) -> dict[str, str]:
    cluster = call.parameters.get("cluster")
    if not cluster:
        return {}
    return {"ecs:cluster": cluster if cluster.startswith("arn:") else around.arn(call, "ecs", f"cluster/{cluster}")}


def _namespace_key(call: Call, _: Surroundings) -> dict[str, str]:
    namespace = call.parameters.get("Namespace")
    return {"cloudwatch:namespace": namespace} if namespace else {}


def _scaling_keys(call: Call, _: Surroundings) -> dict[str, str]:
    keys = {"service-namespace": "ServiceNamespace", "scalable-dimension": "ScalableDimension"}
    return {f"application-autoscaling:{key}": call.parameters[name] for key, name in keys.items()}


def _owner_key(call: Call, around: Surroundings) -> dict[str, str]:
    """RDS tags the secret of a database's password with the database (RDS User Guide, password management)."""
    owner = around.managed_secrets.get(call.parameters.get("SecretId", ""))
    return {"aws:ResourceTag/aws:rds:primaryDBInstanceArn": owner[0]} if owner else {}


def _prefix_key(call: Call, _: Surroundings) -> dict[str, str]:
    prefix = call.parameters.get("Prefix")
    return {"s3:prefix": prefix} if prefix else {}


def _restored_key(_: Call, __: Surroundings) -> dict[str, str]:
    """AWS Backup tags what a restore test made (AWS Backup Developer Guide, restore testing); nobody here asks about others."""
    return {"aws:ResourceTag/awsbackup-restore-test": "test"}


CONTEXT: Final[Mapping[str, Callable[[Call, Surroundings], dict[str, str]]]] = {
    "application-autoscaling": _scaling_keys,
    "ecs": _cluster_key,
    "elasticfilesystem": _restored_key,
    "monitoring": _namespace_key,
    "s3": _prefix_key,
    "secretsmanager": _owner_key,
}
"""Values of condition keys that the call's parameters give, by service."""


# --- what hangs on a call -------------------------------------------------------------------------------------------


def _passed_roles(call: Call, around: Surroundings) -> list[Request]:
    """ECS asks whether the caller may pass the task's roles (ECS Developer Guide, task IAM role)."""
    if call.action == "ecs:RegisterTaskDefinition":
        roles = tuple(call.parameters[name] for name in ("taskRoleArn", "executionRoleArn") if name in call.parameters)
    elif call.action == "ecs:RunTask":
        # Of a copy's task definition, which is registered while the function runs, the roles are the original's.
        family = call.parameters["taskDefinition"].rpartition("/")[2].partition(":")[0].removesuffix("-copy")
        known = f"{call.region}/{family}"
        if known not in around.task_roles:
            raise UnknownNeed(f"no template has a task definition of the family {family}")
        roles = tuple(around.task_roles[known])
    else:
        return []
    service = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    return [Request("iam:PassRole", arn, service, because=call.operation) for arn in roles]


def _password(call: Call, around: Surroundings) -> list[Request]:
    """RDS makes a secret in the caller's name, and tags the database that it restores.

    RDS User Guide, permissions required for Secrets Manager integration; permissions for tags at creation.
    """
    found = []
    if call.signing_name == "rds" and call.parameters.get("Tags"):
        name = call.parameters.get("TargetDBInstanceIdentifier") or call.parameters["DBInstanceIdentifier"]
        found.append(Request("rds:AddTagsToResource", around.arn(call, "rds", f"db:{name}"), because="tags"))
    if call.signing_name != "rds" or not call.parameters.get("ManageMasterUserPassword"):
        return found
    key, secret = (
        call.parameters["MasterUserSecretKmsKeyId"],
        around.arn(call, "secretsmanager", "secret:rds!db-1-AbCdEf"),
    )
    via = {"kms:ViaService": f"secretsmanager.{call.region}.amazonaws.com", "kms:CallerAccount": around.account}
    because = "RDS manages the password"
    return [
        *found,
        *(Request(f"secretsmanager:{each}", secret, because=because) for each in ("CreateSecret", "TagResource")),
        *(Request(f"kms:{each}", key, via, because=because) for each in ("Decrypt", "GenerateDataKey")),
        Request("kms:DescribeKey", key, because=because),
        Request("kms:CreateGrant", key, {"kms:GrantIsForAWSResource": "true"}, because=because),
    ]


def _snapshot_key(call: Call, around: Surroundings) -> list[Request]:
    """RDS is given a grant on the key of a snapshot, which what it restores is encrypted with (RDS User Guide, encryption).

    Of a backup that is the key of the region's vault, known by its alias.
    """
    if call.action != "rds:RestoreDBInstanceFromDBSnapshot":
        return []
    prefix = call.parameters["DBInstanceIdentifier"].removesuffix("-drill")
    via: dict[str, str | list[str]] = {
        "kms:ViaService": f"rds.{call.region}.amazonaws.com",
        "kms:ResourceAliases": [f"alias/{prefix}/backups"],
        "kms:GrantIsForAWSResource": "true",
    }
    # Any of the region's keys has the policy of the vault's, by which KMS leaves the decision to IAM.
    key = next(arn for arn in around.aliases if f":{call.region}:" in arn)
    return [Request(f"kms:{each}", key, via, because="the snapshot's key") for each in ("CreateGrant", "DescribeKey")]


def _interface(call: Call, around: Surroundings) -> list[Request]:
    """EFS makes a mount target's network interface in the caller's name (EFS API, CreateMountTarget, DeleteMountTarget)."""
    interface = around.arn(call, "ec2", "network-interface/eni-0")
    because = "the mount target's interface"
    if call.action == "elasticfilesystem:CreateMountTarget":
        places = [around.arn(call, "ec2", f"subnet/{call.parameters['SubnetId']}")]
        places += [around.arn(call, "ec2", f"security-group/{each}") for each in call.parameters["SecurityGroups"]]
        return [
            *(Request("ec2:CreateNetworkInterface", each, because=because) for each in (interface, *places)),
            *(Request(f"ec2:Describe{each}", "*", because=because) for each in ("NetworkInterfaces", "Subnets")),
        ]
    if call.action == "elasticfilesystem:DeleteMountTarget":
        return [Request("ec2:DeleteNetworkInterface", interface, because=because)]
    return []


def _revision(call: Call, around: Surroundings) -> list[Request]:
    """CodeDeploy registers the AppSpec and reads the deployment's steps in the caller's name.

    The policy in the README of AWS's own action `amazon-ecs-deploy-task-definition`, which calls neither itself.
    """
    if call.action != "codedeploy:CreateDeployment":
        return []
    application, group = call.parameters["applicationName"], call.parameters["deploymentGroupName"]
    steps = call.parameters.get("deploymentConfigName") or around.deployment_steps.get(f"{application}/{group}")
    if steps is None:
        raise UnknownNeed(f"no template has the deployment group {group} of {application}")
    return [
        Request(f"codedeploy:{action}", around.arn(call, "codedeploy", resource), because="CreateDeployment")
        for action, resource in (
            ("RegisterApplicationRevision", f"application:{application}"),
            ("GetDeploymentConfig", f"deploymentconfig:{steps}"),
        )
    ]


KEY_ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "dynamodb": ("Decrypt",),
    "s3:GetObject": ("Decrypt",),
    "s3:PutObject": ("GenerateDataKey",),
    "secretsmanager:GetSecretValue": ("Decrypt",),
    # Decrypts where the version has a value already, to compare: whoever dies after the first call makes a second.
    "secretsmanager:PutSecretValue": ("Decrypt", "GenerateDataKey"),
    "sns": ("Decrypt", "GenerateDataKey"),
    "sqs": ("Decrypt", "GenerateDataKey"),
}
"""What a service asks KMS for in the caller's name, by action, or by service for all of its actions, where the resource has
a customer managed key (each service's guide: DynamoDB, encryption at rest, use of the table's key; Secrets Manager, secret
encryption and decryption, how it uses the key; SNS and SQS, key management)."""


def _key_use(own: Request, call: Call, around: Surroundings) -> list[Request]:
    # Objects have the key of their bucket.
    key = around.keys.get(own.resource.partition("/")[0] if own.action.startswith("s3:") else own.resource)
    service = own.action.partition(":")[0]
    actions = KEY_ACTIONS.get(own.action, KEY_ACTIONS.get(service, ()))
    if key is None:
        return []
    via: dict[str, str | list[str]] = {
        "kms:ViaService": f"{service}.{call.region}.amazonaws.com",
        "kms:CallerAccount": around.account,
        "kms:ResourceAliases": list(around.aliases.get(key, ())),
    }
    return [
        Request(f"kms:{action}", key, via, because=f"{call.operation} of what the key encrypts") for action in actions
    ]


def _service_role(own: Request, around: Surroundings) -> list[Request]:
    """A service that acts in the account on its own makes its role in the caller's name where there is none yet."""
    service = SERVICE_ROLES.get(own.action)
    if service is None:
        return []
    principal, role = service
    return [
        Request(
            "iam:CreateServiceLinkedRole",
            f"arn:aws:iam::{around.account}:role/aws-service-role/{principal}/{role}",
            {"iam:AWSServiceName": principal},
            because=f"{own.because} in an account that has no {role}",
        )
    ]


SERVICE_ROLES: Final[Mapping[str, tuple[str, str]]] = {
    "ecr:PutReplicationConfiguration": ("replication.ecr.amazonaws.com", "AWSServiceRoleForECRReplication"),
}
"""Principal and name of the role, by action (Amazon ECR User Guide, using service-linked roles)."""
