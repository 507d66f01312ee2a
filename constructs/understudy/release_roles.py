"""Roles by which an engine shifts a service's requests: this service's, and nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from understudy.acknowledgement import acknowledge
from understudy.service_traffic import ServiceTraffic
from understudy.statement import VERSION, Statement, findings, policy_document
from understudy.target_groups import TargetGroupPair

LISTS_REASON: Final = (
    "Listeners, rules, target groups and their health can only be described as a whole: these actions know no resources "
    "(Service Authorization Reference, Elastic Load Balancing)."
)
ALARMS_REASON: Final = (
    "The release is stopped by alarms that the spec names, of this stack and of others; describing them shows states and "
    "changes nothing."
)
TASK_SETS_REASON: Final = "A task set of this one service; ECS gives it an ID when a release makes it."


def ecs_role(
    scope: Construct,
    construct_id: str,
    *,
    name: str,
    traffic: ServiceTraffic,
    pairs: Sequence[TargetGroupPair],
    hook_arns: Sequence[str],
) -> iam.CfnRole:
    """By which ECS moves the weights of the service's rules, registers its tasks, and calls the hooks.

    What the managed policy AmazonECSInfrastructureRolePolicyForLoadBalancers allows on every load balancer of the
    account, on the service's own rules and target groups.
    """
    groups = [group for pair in pairs for group in (pair.blue, pair.green) if group is not None]
    statements = [
        Statement(
            "Lists",
            (
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ),
            ("*",),
            because=LISTS_REASON,
        ),
        Statement("Weights", ("elasticloadbalancing:ModifyRule",), _rule_arns(traffic)),
        Statement(
            "Targets",
            ("elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"),
            [group.target_group_arn for group in groups],
        ),
        Statement("Hooks", ("lambda:InvokeFunction",), hook_arns),
    ]
    # Without conditions: AWS documents none for this role (ECS Developer Guide, infrastructure role for load balancers).
    return _role(scope, construct_id, f"ECS shifts requests to {name}", "ecs.amazonaws.com", statements, None)


def codedeploy_role(
    scope: Construct,
    construct_id: str,
    *,
    prefix: str,
    name: str,
    traffic: ServiceTraffic,
    role_arns: Sequence[str],
    hook_arns: Sequence[str],
) -> iam.CfnRole:
    """By which CodeDeploy releases the one service: its task sets, its rules on its listeners, its hooks.

    What the managed policy AWSCodeDeployRoleForECS allows on everything, less the topics and buckets that are not used.
    """
    stack = Stack.of(scope)
    ecs = f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}"
    listeners = list(dict.fromkeys(rule.listener_arn for rule in traffic.rules))
    statements = [
        Statement(
            "Lists",
            (
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
            ),
            ("*",),
            because=LISTS_REASON,
        ),
        Statement("Weights", ("elasticloadbalancing:ModifyRule",), _rule_arns(traffic)),
        Statement("Listeners", ("elasticloadbalancing:ModifyListener",), listeners),
        Statement(
            "Service",
            ("ecs:DescribeServices", "ecs:UpdateServicePrimaryTaskSet"),
            (f"{ecs}:service/{prefix}/{name}",),
        ),
        Statement(
            "TaskSets",
            ("ecs:CreateTaskSet", "ecs:DeleteTaskSet"),
            (f"{ecs}:task-set/{prefix}/{name}/*",),
            because=TASK_SETS_REASON,
        ),
        Statement(
            "TaskRoles",
            ("iam:PassRole",),
            role_arns,
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        Statement("Hooks", ("lambda:InvokeFunction",), hook_arns),
        Statement("Alarms", ("cloudwatch:DescribeAlarms",), ("*",), because=ALARMS_REASON),
    ]
    group = f"arn:{stack.partition}:codedeploy:{stack.region}:{stack.account}:deploymentgroup:{prefix}/{prefix}-{name}"
    # CodeDeploy User Guide, cross-service confused deputy prevention.
    conditions = {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnEquals": {"aws:SourceArn": group}}
    return _role(scope, construct_id, f"CodeDeploy releases {name}", "codedeploy.amazonaws.com", statements, conditions)


def _rule_arns(traffic: ServiceTraffic) -> list[str]:
    return [traffic.rule_arn(rule.key) for rule in traffic.rules]


def _role(
    scope: Construct,
    construct_id: str,
    description: str,
    principal: str,
    statements: Sequence[Statement],
    conditions: Mapping[str, Any] | None,
) -> iam.CfnRole:
    """With one policy that it names itself, so that it is complete from its first moment."""
    policy = iam.CfnManagedPolicy(
        scope, f"{construct_id}Policy", description=description, policy_document=policy_document(statements)
    )
    acknowledge(policy, findings(statements))
    trust = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}
    return iam.CfnRole(
        scope,
        construct_id,
        description=description,
        managed_policy_arns=[policy.ref],
        assume_role_policy_document={
            "Version": VERSION,
            "Statement": [trust | ({"Condition": conditions} if conditions else {})],
        },
    )
