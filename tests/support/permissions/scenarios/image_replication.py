"""What the keeper of the registry's rule meets: CloudFormation's three requests, and the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from permissions.scene import Scene, listening

TYPE: Final = "Custom::ImageReplication"


def play(scene: Scene) -> None:
    """The rule comes, is there, and goes."""
    registry = _Registry()
    scene.aws.answers = {
        "ecr.DescribeRegistry": registry.describe,
        "ecr.PutReplicationConfiguration": registry.put,
    }
    (properties,) = scene.custom_resources(TYPE)
    scene.invoke({})
    assert 1 == len(registry.rules)
    with listening() as url:
        for kind in ("Create", "Update", "Delete"):
            scene.invoke(
                {
                    "RequestType": kind,
                    "ResponseURL": url,
                    "StackId": "stack",
                    "RequestId": "request",
                    "LogicalResourceId": "Images",
                    "ResourceProperties": properties,
                }
            )
    assert [] == registry.rules


class _Registry:
    """Its rules."""

    def __init__(self) -> None:
        self.rules: list[Any] = []

    def describe(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"registryId": "123456789012", "replicationConfiguration": {"rules": self.rules}}

    def put(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self.rules = list(asked["replicationConfiguration"]["rules"])
        return {"replicationConfiguration": {"rules": self.rules}}
