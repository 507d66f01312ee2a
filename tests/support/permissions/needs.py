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
    return [*own, *_passed_roles(call, around), *_revision(call, around), *others]


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


CONTEXT: Final[Mapping[str, Callable[[Call, Surroundings], dict[str, str]]]] = {
    "application-autoscaling": _scaling_keys,
    "ecs": _cluster_key,
    "monitoring": _namespace_key,
}
"""Values of condition keys that the call's parameters give, by service."""


# --- what hangs on a call -------------------------------------------------------------------------------------------


def _passed_roles(call: Call, around: Surroundings) -> list[Request]:
    """ECS asks whether the caller may pass the task's roles (ECS Developer Guide, task IAM role)."""
    if call.action != "ecs:RunTask":
        return []
    family = call.parameters["taskDefinition"].rpartition("/")[2].partition(":")[0]
    if family not in around.task_roles:
        raise UnknownNeed(f"no template has a task definition of the family {family}")
    service = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    return [Request("iam:PassRole", arn, service, because="RunTask") for arn in around.task_roles[family]]


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
