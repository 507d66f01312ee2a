"""Which stacks an environment has, in which region, in what order."""

from __future__ import annotations

from typing import Final

from aws_cdk import Environment, Tags
from constructs import Construct

from spec import Deployment, Problem, SpecError
from stacks.data import DataStack
from stacks.edge import EdgeStack
from stacks.network import NetworkStack
from stacks.observability import ObservabilityStack
from stacks.security import SecurityStack
from stacks.services import ServicesStack
from stacks.settings import StackSettings
from stacks.storage import StorageStack

DESCRIPTIONS: Final = {
    "security": "Keys, topic of alarms",
    "network": "VPC, subnets, endpoints, security groups, flow logs",
    "storage": "Buckets, file system, registries",
    "data": "Database, cache, queue, secrets and their rotation",
    "services": "ECS cluster, load balancer, services, scaling",
    "edge": "CDN or public entry, firewall, certificate, DNS",
    "observability": "Alarms and dashboard",
}


def build(scope: Construct, deployment: Deployment, *, account: str | None) -> None:
    """Add the stacks of `deployment` to `scope`, an App or a Stage.

    `account` is used where the spec names none.

    Raises:
        SpecError: neither names an account.
    """
    account = _account(deployment, account)

    def settings(stack: str, region: str = deployment.region) -> StackSettings:
        return {
            "env": Environment(account=account, region=region),
            "stack_name": f"{deployment.prefix}-{stack}",
            "description": f"{deployment.description} ({deployment.environment}): {DESCRIPTIONS[stack]}",
            "termination_protection": deployment.protection.deletion_protection,
        }

    Tags.of(scope).add("Application", deployment.name)
    Tags.of(scope).add("Environment", deployment.environment)
    Tags.of(scope).add("Owner", deployment.owner)

    security = SecurityStack(scope, "security", deployment=deployment, **settings("security"))
    keys = security.keys
    network = NetworkStack(scope, "network", deployment=deployment, keys=keys, **settings("network"))
    storage = StorageStack(
        scope,
        "storage",
        deployment=deployment,
        vpc=network.vpc,
        security_groups=network.security_groups,
        keys=keys,
        **settings("storage"),
    )
    data = DataStack(
        scope,
        "data",
        deployment=deployment,
        vpc=network.vpc,
        security_groups=network.security_groups,
        keys=keys,
        topic_arn=security.topic.arn,
        **settings("data"),
    )
    if data.empty:
        scope.node.try_remove_child("data")
    services = ServicesStack(
        scope,
        "services",
        deployment=deployment,
        vpc=network.vpc,
        security_groups=network.security_groups,
        keys=keys,
        storage=storage,
        data=data,
        topic_arn=security.topic.arn,
        **settings("services"),
    )
    EdgeStack(
        scope,
        "edge",
        deployment=deployment,
        load_balancers={deployment.region: services.load_balancer.alb},
        **settings("edge", deployment.edge_region),
    )
    ObservabilityStack(
        scope,
        "observability",
        deployment=deployment,
        topic_arn=security.topic.arn,
        data=data,
        services=services,
        **settings("observability"),
    )


def _account(deployment: Deployment, default: str | None) -> str:
    account = deployment.account or default
    if account is None:
        reason = "no AWS account is known: the spec names none, and there are no credentials"
        remedy = 'Write `account: "123456789012"`, or set CDK_DEFAULT_ACCOUNT, or give the CDK CLI credentials'
        raise SpecError([Problem(f"apps/{deployment.name}.yaml", 1, "account", reason, remedy, deployment.environment)])
    return account
