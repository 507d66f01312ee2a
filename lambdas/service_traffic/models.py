"""What the template tells this custom resource about a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from shared.told import Told


class UnreadableProperties(Told):
    """The resource's properties are not those of a service's traffic; says which."""


class RuleProperty(msgspec.Struct, frozen=True, rename="pascal"):
    """One rule that the service is to have."""

    key: str
    listener_arn: str
    priority: int
    conditions: list[dict[str, Any]]
    """As ELB's API has them."""
    blue_arn: str
    green_arn: str = ""
    """Empty where releases do not shift requests."""
    test: bool = False
    """On the test listener: leads to the group that users do not reach."""


class OtherRule(msgspec.Struct, frozen=True, rename="pascal"):
    """Where another service of the environment is to have a rule."""

    listener_arn: str
    priority: int


class Properties(msgspec.Struct, frozen=True, rename="pascal"):
    """What the template says about a service's traffic."""

    service: str
    engine: Literal["codedeploy", "ecs"]
    strategy: Literal["rolling", "blue_green", "canary", "linear"]
    cluster: str
    rules: list[RuleProperty]
    code_deploy_group: str = ""
    fixed: Mapping[str, str] = {}
    """What no deploy may change, by property."""
    remedies: Mapping[str, str] = {}
    """What to do instead, by property."""
    others: list[OtherRule] = []
    """Rules of other services: one of ours that stands there stays until its new owner takes it over."""


def properties(given: Mapping[str, Any]) -> Properties:
    """Read `given`, in which CloudFormation has made every value a string. Raises UnreadableProperties."""
    try:
        return msgspec.convert(given, Properties, strict=False)
    except msgspec.ValidationError as failure:
        raise UnreadableProperties(f"The properties of this resource cannot be read: {failure}") from None
