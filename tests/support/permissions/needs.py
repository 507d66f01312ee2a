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
    return [*own, *_passed_roles(call, around), *(key for each in own for key in _key_use(each, call, around))]


# --- condition keys -------------------------------------------------------------------------------------------------


def _cluster_key(call: Call, around: Surroundings) -> dict[str, str]:
    cluster = call.parameters.get("cluster")
    if not cluster:
        return {}
    return {"ecs:cluster": cluster if cluster.startswith("arn:") else around.arn(call, "ecs", f"cluster/{cluster}")}


CONTEXT: Final[Mapping[str, Callable[[Call, Surroundings], dict[str, str]]]] = {"ecs": _cluster_key}
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


KEY_ACTIONS: Final = {
    "dynamodb": ("Decrypt",),
    "secretsmanager": ("Decrypt",),
    "sns": ("Decrypt", "GenerateDataKey"),
    "sqs": ("Decrypt", "GenerateDataKey"),
}
"""What a service asks KMS for in the caller's name, where the resource has a customer managed key (each service's guide:
DynamoDB, encryption at rest, use of the table's key; Secrets Manager, permissions for the KMS key; SNS and SQS, key
management)."""
WITHOUT_KEY: Final = ("secretsmanager:DescribeSecret",)
"""Actions that read no encrypted value."""


def _key_use(own: Request, call: Call, around: Surroundings) -> list[Request]:
    key = around.keys.get(own.resource)
    service = own.action.partition(":")[0]
    if key is None or own.action in WITHOUT_KEY or service not in KEY_ACTIONS:
        return []
    via = {"kms:ViaService": f"{service}.{call.region}.amazonaws.com", "kms:CallerAccount": around.account}
    return [
        Request(f"kms:{action}", key, via, because=f"{call.operation} of what the key encrypts")
        for action in KEY_ACTIONS[service]
    ]
