"""Where moto itself is changed, and why."""

import json
import re
from typing import Any

from moto.cloudformation import models as cloudformation
from moto.iam import models as iam
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3 import models as s3

from rehearsal.embedded_aws import ACCESS_KEY_PREFIX
from rehearsal.emulator.engines.setting import SETTING
from rehearsal.emulator.stacks import RehearsedStack
from rehearsal.emulator.supplied import (
    backups,
    broker,
    cache,
    cache_parameters,
    cache_users,
    cloudfront,
    cloudwatch,
    codedeploy,
    codedeploy_deployments,
    databases,
    edge_functions,
    file_copies,
    functions,
    kept,
    logs,
    metrics,
    routes,
    scaling,
    service_deployments,
    services,
    task_tokens,
    tasks,
    topics,
    workflows,
)

# `services` deploys what `kept` has kept, and `databases` starts it: they come after it.
SUPPLIED = (
    backups,
    broker,
    cache,
    cache_parameters,
    cache_users,
    cloudfront,
    cloudwatch,
    codedeploy,
    codedeploy_deployments,
    edge_functions,
    file_copies,
    functions,
    kept,
    databases,
    logs,
    metrics,
    routes,
    scaling,
    service_deployments,
    services,
    task_tokens,
    tasks,
    topics,
    workflows,
)
ACCOUNT = re.compile(ACCESS_KEY_PREFIX + r"(\d{12})")


def install(*, endpoint: str) -> None:
    """Change moto in this process: stacks are ours, and an access key may name its account."""
    SETTING.begin(endpoint)
    known_account = iam.get_account_id_from

    def account(key: str) -> str:
        named = ACCOUNT.fullmatch(key)
        return named.group(1) if named else known_account(key)

    for target, name, replacement in (
        (cloudformation, "Stack", RehearsedStack),
        (cloudformation.CloudFormationBackend, "execute_change_set", _execute_change_set),
        (iam, "get_account_id_from", account),
        (s3.FakeBucket, "get_permission", _permission),
        # moto judges the log bucket's policy when logging is switched on, before CloudFormation has made that policy.
        (s3.FakeBucket, "_log_permissions_enabled_policy", staticmethod(lambda **_: True)),
    ):
        setattr(target, name, replacement)
    for service in SUPPLIED:
        service.install()


def _execute_change_set(
    backend: cloudformation.CloudFormationBackend, change_set_name: str, stack_name: str | None = None
) -> None:
    """Execute a change set with the events, the outputs and the rollback of a direct deployment."""
    change_set: Any = next(
        candidate
        for candidate in backend.change_sets.values()
        if change_set_name in (candidate.change_set_id, candidate.change_set_name)
        and (stack_name is None or stack_name in (candidate.stack_name, candidate.stack_id))
    )
    stack = backend.stacks[change_set.stack_id]
    if change_set.change_set_type == "CREATE":
        stack.template, stack.parameters = change_set.template, change_set.parameters
        stack.template_dict = change_set.template_dict
        stack.create_resources()
    else:
        stack.update(change_set.template, parameters=change_set.parameters)
    change_set.execution_status = "EXECUTE_COMPLETE"


def _permission(bucket: s3.FakeBucket, action: str, resource: str) -> PermissionResult:
    """Judge by a bucket's policy without the statements that have a condition.

    moto takes an unmet condition for a denial: every bucket that insists on TLS, CDK's own among them, would then
    refuse everything to an emulator that has none.
    """
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(bucket.policy.decode())
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    policy["Statement"] = [statement for statement in statements if "Condition" not in statement]
    return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)
