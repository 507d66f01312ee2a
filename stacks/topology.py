"""Which stacks an environment has, in which region, in what order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from aws_cdk import Environment, Stack, Tags
from constructs import Construct

from spec import Deployment, Problem, SpecError
from spec.recovery_objectives import region_loss, takes_over
from stacks.backup import BackupStack, VaultStack
from stacks.copies import CopiesStack, Followed
from stacks.edge import EdgeStack
from stacks.recovery import RecoveryStack
from stacks.routing import RoutingStack
from stacks.settings import StackSettings
from stacks.site import SiteStacks, build_site, construct_id
from stacks.witness import WitnessStack
from understudy.stack_hook import declare_active

DESCRIPTIONS: Final = {
    "security": "Keys, topic of alarms",
    "network": "VPC, subnets, endpoints, security groups, flow logs",
    "storage": "Buckets, file system, registries",
    "data": "Database, cache, queue, secrets and their rotation",
    "services": "ECS cluster, load balancer, services, scaling",
    "edge": "CDN or public entry, firewall, certificate, DNS",
    "observability": "Alarms and dashboard",
    "backup": "Backups, their copies and tests, the way back to a moment",
    "copies": "What keeps the region that stands in, in step: secrets, images, broker",
    "routing": "Where the site finds what says which region users are sent to",
    "recovery": "Who may write, and what takes over when a region is lost",
    "witness": "Table of a third region, where both others keep who may write",
}
HOOKED: Final = tuple(stack for stack in DESCRIPTIONS if stack not in {"edge", "recovery", "witness"})
"""A site's stacks whose deployments its hook looks at; without the one that the hook stands in."""


def build(scope: Construct, deployment: Deployment, *, account: str | None) -> None:
    """Add the stacks of `deployment` to `scope`, an App or a Stage.

    `account` is used where the spec names none.

    Raises:
        SpecError: neither names an account.
    """
    account = _account(deployment, account)

    def settings(site: Deployment, stack: str, region: str | None = None) -> StackSettings:
        return {
            "env": Environment(account=account, region=region or site.region),
            "stack_name": f"{site.site_prefix}-{stack}",
            "description": f"{site.description} ({site.environment}): {DESCRIPTIONS[stack]}",
            "termination_protection": site.protection.deletion_protection,
        }

    Tags.of(scope).add("Application", deployment.name)
    Tags.of(scope).add("Environment", deployment.environment)
    Tags.of(scope).add("Owner", deployment.owner)

    sites: list[SiteStacks] = []
    # The waiting site first: the active one tells its stores where to copy to.
    for site in sorted(deployment.sites(), key=lambda each: each.active):
        follower = next(iter(sites), None) if site.following else None
        sites.append(build_site(scope, site, settings, follower=follower))
    if deployment.following:
        _in_order(active=sites[-1], waiting=sites[0])
    sites.sort(key=lambda each: each.deployment.site)
    edge = EdgeStack(
        scope,
        "edge",
        deployment=deployment,
        load_balancers={each.deployment.region: each.services.load_balancer.alb for each in sites},
        **settings(deployment, "edge", deployment.edge_region),
    )
    _backups(scope, deployment, sites, settings)
    if deployment.recovery.stands_in:
        _recovery(scope, deployment, sites, edge, settings)
    for stack in scope.node.children:
        if isinstance(stack, Stack):
            declare_active(stack, deployment)


def _backups(
    scope: Construct, deployment: Deployment, sites: Sequence[SiteStacks], settings: Callable[..., StackSettings]
) -> None:
    """Of each site; and where nothing stands in, but copies go to another region, the vault there."""
    if not deployment.backed_up:
        return
    for each in sites:
        site = each.deployment
        BackupStack(
            scope,
            construct_id(site, "backup"),
            deployment=site,
            vpc=each.network.vpc,
            security_groups=each.network.security_groups,
            keys=each.security.keys,
            topic_arn=each.security.topic.arn,
            database=each.data.database,
            buckets=each.storage.buckets,
            files=each.storage.files,
            **settings(site, "backup"),
        )
    if deployment.copies_backups and not deployment.recovery.stands_in:
        there = deployment.model_copy(
            update={"site": "stand_in", "home": deployment.region, "region": deployment.recovery.region}
        )
        VaultStack(scope, construct_id(there, "backup"), deployment=there, **settings(there, "backup"))


def _recovery(
    scope: Construct,
    deployment: Deployment,
    sites: Sequence[SiteStacks],
    edge: EdgeStack,
    settings: Callable[..., StackSettings],
) -> None:
    waits = next((each for each in sites if each.deployment.following and not each.deployment.active), None)
    terms = region_loss(deployment) if takes_over(deployment) else ()
    waiting = Followed(waits.deployment.region, waits.storage, waits.data, waits.security.keys) if waits else None
    for each in sites:
        CopiesStack(
            scope,
            construct_id(each.deployment, "copies"),
            deployment=each.deployment,
            security=each.security,
            network=each.network,
            data=each.data,
            waiting=waiting,
            **settings(each.deployment, "copies"),
        )
        recovery = RecoveryStack(
            scope,
            construct_id(each.deployment, "recovery"),
            deployment=each.deployment,
            security=each.security,
            network=each.network,
            storage=each.storage,
            data=each.data,
            active=deployment.services,
            terms=terms,
            hooked=[f"{each.deployment.site_prefix}-{stack}" for stack in HOOKED],
            **settings(each.deployment, "recovery"),
        )
        if edge.routing_store_arn is not None:
            routing = RoutingStack(
                scope,
                construct_id(each.deployment, "routing"),
                deployment=each.deployment,
                store_arn=edge.routing_store_arn,
                **settings(each.deployment, "routing"),
            )
            # CloudFormation resolves the parameter that it writes.
            recovery.add_stack_dependency(routing)
    if witness_region := deployment.recovery.witness_region:
        WitnessStack(scope, "witness", deployment=deployment, **settings(deployment, "witness", witness_region))


def _in_order(*, active: SiteStacks, waiting: SiteStacks) -> None:
    """What `cdk deploy --all` has to know of two sites, one of which follows; `--exclusively` heeds none of it.

    A replica needs its source. A release goes to the users first (decision 11).
    """
    if not active.data.empty:
        waiting.data.add_stack_dependency(active.data)
    waiting.services.add_stack_dependency(active.services)


def _account(deployment: Deployment, default: str | None) -> str:
    account = deployment.account or default
    if account is None:
        reason = "no AWS account is known: the spec names none, and there are no credentials"
        remedy = 'Write `account: "123456789012"`, or set CDK_DEFAULT_ACCOUNT, or give the CDK CLI credentials'
        raise SpecError([Problem(f"apps/{deployment.name}.yaml", 1, "account", reason, remedy, deployment.environment)])
    return account
