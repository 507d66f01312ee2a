"""What stands in each of the regions that can run an environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from constructs import Construct

from spec import Deployment
from stacks.data import DataStack
from stacks.network import NetworkStack
from stacks.observability import ObservabilityStack
from stacks.security import SecurityStack
from stacks.services import ServicesStack
from stacks.settings import StackSettings
from stacks.storage import Follower, StorageStack

Settings = Callable[[Deployment, str], StackSettings]
"""What CDK wants to know of a stack, by site and name of the stack."""


@dataclass(frozen=True, slots=True)
class SiteStacks:
    """A site's stacks, as edge, backup and recovery see them. Which of two sites is active, its deployment says."""

    deployment: Deployment
    security: SecurityStack
    network: NetworkStack
    storage: StorageStack
    data: DataStack
    services: ServicesStack


def construct_id(site: Deployment, stack: str) -> str:
    """Of a site's stack: the stand-in's are told apart by `standin-`."""
    return f"standin-{stack}" if site.site == "stand_in" else stack


def build_site(
    scope: Construct, site: Deployment, settings: Settings, *, follower: SiteStacks | None = None
) -> SiteStacks:
    """Add the stacks that run the application in one region to `scope`.

    `follower`: the waiting site's, to which the stores of this one are copied.
    """
    security = SecurityStack(scope, construct_id(site, "security"), deployment=site, **settings(site, "security"))
    keys = security.keys
    network = NetworkStack(
        scope, construct_id(site, "network"), deployment=site, keys=keys, **settings(site, "network")
    )
    storage = StorageStack(
        scope,
        construct_id(site, "storage"),
        deployment=site,
        vpc=network.vpc,
        security_groups=network.security_groups,
        keys=keys,
        topic_arn=security.topic.arn,
        follower=Follower(follower.deployment.region, follower.storage, follower.security.keys.data)
        if follower
        else None,
        **settings(site, "storage"),
    )
    data = DataStack(
        scope,
        construct_id(site, "data"),
        deployment=site,
        vpc=network.vpc,
        security_groups=network.security_groups,
        keys=keys,
        topic_arn=security.topic.arn,
        **settings(site, "data"),
    )
    if data.empty:
        scope.node.try_remove_child(data.node.id)
    services = ServicesStack(
        scope,
        construct_id(site, "services"),
        deployment=site,
        vpc=network.vpc,
        security_groups=network.security_groups,
        keys=keys,
        storage=storage,
        data=data,
        topic_arn=security.topic.arn,
        **settings(site, "services"),
    )
    ObservabilityStack(
        scope,
        construct_id(site, "observability"),
        deployment=site,
        topic_arn=security.topic.arn,
        data=data,
        services=services,
        **settings(site, "observability"),
    )
    return SiteStacks(site, security, network, storage, data, services)
