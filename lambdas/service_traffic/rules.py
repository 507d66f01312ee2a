"""Rules of load balancers: those a service is to have, and those that stand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Actions = Sequence[Mapping[str, Any]]
"""As ELB's API has them."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The target groups between which releases of a service move requests. `green` is None where they do not."""

    blue: str
    green: str | None = None

    @property
    def arns(self) -> frozenset[str]:
        """Of one group, or of both."""
        return frozenset({self.blue} | ({self.green} if self.green else set()))

    def actions(self, live: str, *, idle: bool = False) -> Actions:
        """Lead every request to `live`, or with `idle` to the other group. Names both, as the engines want to find them."""
        groups: list[dict[str, Any]] = []
        for arn in (self.blue, self.green):
            if arn is not None:
                chosen = (arn == live) != (idle and self.green is not None)
                groups.append({"TargetGroupArn": arn, "Weight": 100 if chosen else 0})
        return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]


@dataclass(frozen=True, slots=True)
class WantedRule:
    """A rule that the template gives to the service."""

    key: str
    listener_arn: str
    priority: int
    conditions: Sequence[Mapping[str, Any]]
    pair: Pair
    test: bool = False


@dataclass(frozen=True, slots=True)
class LiveRule:
    """A rule that stands."""

    arn: str
    listener_arn: str
    priority: int
    conditions: Sequence[Mapping[str, Any]]
    actions: Actions

    @property
    def weights(self) -> Mapping[str, int]:
        """Weight of each target group that it forwards to; a single one may come without a weight."""
        found: dict[str, int] = {}
        for action in self.actions:
            for group in action.get("ForwardConfig", {}).get("TargetGroups", []):
                found[group["TargetGroupArn"]] = int(group.get("Weight", 1))
            if "TargetGroupArn" in action:
                found.setdefault(action["TargetGroupArn"], 1)
        return found

    @property
    def heaviest(self) -> str | None:
        """The target group that gets most requests; None when it forwards none."""
        weights = self.weights
        return max(weights, key=lambda arn: weights[arn]) if any(weights.values()) else None


def same_conditions(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> bool:
    """Whether both match the same requests: ELB answers in both of its notations, in an order of its own."""
    return _canonical(one) == _canonical(other)


def _canonical(conditions: Sequence[Mapping[str, Any]]) -> list[str]:
    said = []
    for condition in conditions:
        kept: dict[str, Any] = {"Field": condition.get("Field")}
        values: list[Any] = list(condition.get("Values", []))
        for name, config in condition.items():
            if name.endswith("Config"):
                values += config.get("Values", [])
                kept |= {key: value for key, value in config.items() if key != "Values"}
        kept["Values"] = sorted({json.dumps(value, sort_keys=True) for value in values})
        said.append(json.dumps(kept, sort_keys=True))
    return sorted(said)
