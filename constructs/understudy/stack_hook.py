"""What keeps a deployment out that was made for another active region than the one that takes the writes (decision 23)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_cloudformation as cloudformation
from constructs import Construct

from spec import Deployment
from understudy.python_handler import HandlerSettings, PythonHandler
from understudy.recovery_table import RecoveryTable, elsewhere, lease_statements, use_tables
from understudy.release_permissions import Place
from understudy.service_role import service_role
from understudy.statement import Statement

NAME: Final = "stack-hook"
HOOK_SECONDS: Final = 28
"""CloudFormation waits 30 for a hook's function (Hooks User Guide). It needs 10 for the template and 4 for the tables at most."""
METADATA: Final = "Understudy"
"""Of a template; lambdas/stack_hook/template.py reads `ActiveRegion` there."""


def declare_active(stack: Stack, deployment: Deployment) -> None:
    """Have the template say for which active region it is made."""
    stack.template_options.metadata = {METADATA: {"ActiveRegion": deployment.active_region}}


class StackHook(Construct):
    """A Lambda Hook that CloudFormation asks before it updates one of `stack_names` in this region; FAILED stops it.

    The stack that it stands in is none of them: what is wrong with the hook itself can be mended by deploying that.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        handlers: HandlerSettings,
        table: RecoveryTable,
        stack_names: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        others = elsewhere(deployment)
        self.handler = PythonHandler(
            self,
            "Function",
            settings=handlers,
            name=NAME,
            description=f"{deployment.prefix}: whether a deployment is made for the region that takes the writes",
            package="stack_hook",
            entry="stack_hook.handler.handler",
            environment={
                "HOOK": stack.to_json_string({"prefix": deployment.prefix, "regions": [deployment.region, *others]})
            },
            statements=[
                *lease_statements(Place.of(stack, deployment.prefix), stack.region, table.key.key_arn),
                *use_tables(stack, deployment.prefix, "Elsewhere", ("dynamodb:GetItem",), others),
            ],
            timeout_seconds=HOOK_SECONDS,
            if_it_fails="CloudFormation refuses the deployment; the runbook of failovers says how to go round it",
        )
        # Bound to the account as in the example for hooks in CloudFormation's User Guide, "Configure an execution role".
        role = service_role(
            self,
            service="hooks.cloudformation.amazonaws.com",
            description=f"{deployment.prefix}: CloudFormation asks whether a deployment may be",
            statements=[Statement("Ask", ("lambda:InvokeFunction",), (self.handler.arn,))],
        )
        self.resource = cloudformation.CfnLambdaHook(
            self,
            "Resource",
            alias=alias(deployment.prefix),
            lambda_function=self.handler.arn,
            execution_role=role.attr_arn,
            target_operations=["STACK"],
            stack_filters=cloudformation.CfnLambdaHook.StackFiltersProperty(
                filtering_criteria="ALL",
                stack_names=cloudformation.CfnLambdaHook.StackNamesProperty(include=list(stack_names)),
            ),
            failure_mode="FAIL",
            hook_status="ENABLED",
        )
        # CDK's class wants a list of single targets, one of the two forms that the resource takes (its schema, `oneOf`).
        self.resource.add_property_override("TargetFilters", {"Actions": ["UPDATE"]})


def alias(prefix: str) -> str:
    """The hook's name, unique in account and region: three parts of letters and digits."""
    return f"Understudy::{''.join(part.capitalize() for part in prefix.split('-'))}::ActiveRegion"
