"""Which kind makes a resource type."""

from functools import lru_cache

from rehearsal.emulator import (
    backup,
    broker,
    cache,
    certificates,
    containers,
    content_delivery,
    database,
    dns,
    events,
    file_system,
    firewall,
    functions,
    identity,
    keys,
    load_balancing,
    logs,
    monitoring,
    network,
    releases,
    rotation,
    scaling,
    scheduler,
    secrets,
    security_groups,
    stack_hooks,
    storage,
)
from rehearsal.emulator.custom_resources import CustomResource
from rehearsal.emulator.fallback import Accepted, moto_model
from rehearsal.emulator.kind import Kind

# What stands in a template without being a resource of the account.
NOT_RESOURCES = frozenset(
    {
        "AWS::CDK::Metadata",
        "AWS::CloudFormation::WaitCondition",
        "AWS::CloudFormation::WaitConditionHandle",
    }
)

FAMILIES = (
    backup,
    broker,
    cache,
    certificates,
    containers,
    content_delivery,
    database,
    dns,
    events,
    file_system,
    firewall,
    functions,
    identity,
    keys,
    load_balancing,
    logs,
    monitoring,
    network,
    releases,
    rotation,
    scaling,
    scheduler,
    secrets,
    security_groups,
    stack_hooks,
    storage,
)


@lru_cache
def kinds() -> dict[str, Kind]:
    """Return every type that has a recipe."""
    found: dict[str, Kind] = {}
    for family in FAMILIES:
        found.update(family.KINDS)
    return found


@lru_cache
def kind_of(type_name: str) -> Kind:
    """Return what makes a type."""
    known = kinds().get(type_name)
    if known is not None:
        return known
    if type_name.startswith(("Custom::", "AWS::CloudFormation::CustomResource")):
        return CustomResource()
    if type_name in NOT_RESOURCES:
        return Accepted()
    return moto_model(type_name) or Accepted()
