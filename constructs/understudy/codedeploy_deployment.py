"""`EcsDeployment` of cdk-ecs-codedeploy: CloudFormation starts a deployment and waits for its end.

Imported where it is used: the library brings a third of a second of imports, which the other engine does not need.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from aws_cdk import CfnResource, Duration, Stack
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from cdk.ecs_codedeploy import AppSpecHooks, EcsDeployment, TargetService
from constructs import Construct

from understudy.codedeploy_application import CodeDeployApplication
from understudy.codedeploy_findings import acknowledge_provider
from understudy.python_handler import PythonHandler
from understudy.statement import Statement

PROVIDER: Final = "DeploymentProvider"
ENTRY: Final = f"{PROVIDER}/framework-onEvent"
FUNCTIONS: Final = (
    f"{PROVIDER}OnEventLambda",
    f"{PROVIDER}IsCompleteLambda",
    ENTRY,
    f"{PROVIDER}/framework-isComplete",
    f"{PROVIDER}/framework-onTimeout",
)
"""The library's own two, and those by which CDK calls them until they are done."""


def ecs_deployment(
    scope: Construct,
    construct_id: str,
    *,
    application: CodeDeployApplication,
    group_name: str,
    config_name: str,
    task_definition: ecs.ITaskDefinition,
    container: tuple[str, int],
    hooks: Mapping[str, str],
    timeout_minutes: int,
    start: PythonHandler,
) -> CfnResource:
    """A deployment of `task_definition` in the group, started whenever its revision changes.

    `container`: name and port that get requests. `hooks`: ARNs of functions by the library's names of the hooks.
    `timeout_minutes`: when CloudFormation gives up waiting; longer than a deployment can last. `start`: answers in the
    library's place where what is wanted is live already (decision 12).

    Auto-rollback is the group's own; the library's default would leave it to the group too.
    """
    attributes = codedeploy.EcsDeploymentGroup.from_ecs_deployment_group_attributes(
        scope,
        construct_id,
        application=codedeploy.EcsApplication.from_ecs_application_name(scope, "Application", application.name),
        deployment_group_name=group_name,
        deployment_config=codedeploy.EcsDeploymentConfig.from_ecs_deployment_config_name(
            scope, "ConfigByName", config_name
        ),
    )
    name, port = container
    deployment = EcsDeployment(
        deployment_group=attributes,
        target_service=TargetService(task_definition=task_definition, container_name=name, container_port=port),
        hooks=AppSpecHooks(**hooks),
        timeout=Duration.minutes(timeout_minutes),
    )
    _log(deployment, application)
    resource = cast("CfnResource", deployment.node.find_child("Resource").node.default_child)
    _let_through(name, resource, deployment, start)
    return resource


def _let_through(service: str, resource: CfnResource, deployment: EcsDeployment, start: PythonHandler) -> None:
    """CloudFormation asks `start`, which hands on to the library what is to be deployed."""
    function = deployment.node.find_child(PROVIDER).node.find_child("framework-onEvent").node.default_child
    provider = cast("lambda_.CfnFunction", function).attr_arn
    resource.add_property_override("ServiceToken", start.arn)
    resource.add_property_override("Provider", provider)
    sid = "Provider" + "".join(part.capitalize() for part in service.split("-"))
    start.allow([Statement(sid, ("lambda:InvokeFunction",), (provider,))])


def _log(deployment: EcsDeployment, application: CodeDeployApplication) -> None:
    """One encrypted log for all of them, and traces, by a policy for just that: Lambda's own log groups would have no key,
    and outlive the stack.
    """
    stack = Stack.of(deployment)
    called = []
    for path in FUNCTIONS:
        construct = _found(deployment, path)
        construct.node.try_remove_child("LogGroup")
        function = cast("lambda_.CfnFunction", construct.node.default_child)
        function.logging_config = lambda_.CfnFunction.LoggingConfigProperty(
            log_format="JSON", log_group=application.log_group.ref
        )
        function.tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode="Active")
        role = cast("iam.CfnRole", _found(construct, "ServiceRole").node.default_child)
        role.managed_policy_arns = [application.log_policy.ref]
        called.append(stack.get_logical_id(function))
    # CloudFormation calls the framework's first one; all others are called by their siblings.
    called.remove(stack.get_logical_id(cast("CfnResource", _found(deployment, ENTRY).node.default_child)))
    acknowledge_provider(deployment, _found(deployment, f"{PROVIDER}/waiter-state-machine"), called)


def _found(construct: Construct, path: str) -> Construct:
    for part in path.split("/"):
        construct = cast("Construct", construct.node.find_child(part))
    return construct
