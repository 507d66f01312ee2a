"""What the load balancer is told: listeners with their rules, and target groups; read from the engines' JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

BUCKETS: Final = 100
"""Requests are dealt out by a die with so many sides: weights count in whole percent."""

UNDERSTOOD: Final = {"host-header": "HostHeaderConfig", "path-pattern": "PathPatternConfig"}


class UnknownTable(ValueError):  # noqa: N818 - it says what it is about
    """A table that this load balancer cannot obey; the message says which part."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Requests that match `pattern`, host and path together, go to target groups by weight; the lowest priority first."""

    arn: str
    priority: int
    pattern: str
    weights: tuple[tuple[str, int], ...]

    def buckets(self) -> tuple[str, ...]:
        """Target group for each side of the die; empty when no weight is above 0, which an ALB answers with 503.

        Rounded, but no weight above 0 is forgotten; what rounding leaves over is the largest one's.
        """
        total = sum(weight for _, weight in self.weights)
        if total == 0:
            return ()
        sides = {arn: max(1, round(weight * BUCKETS / total)) for arn, weight in self.weights if weight}
        sides[max(sides, key=lambda arn: sides[arn])] += BUCKETS - sum(sides.values())
        return tuple(arn for arn, count in sides.items() for _ in range(count))


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """When a target may have requests; virtual seconds."""

    path: str
    interval_seconds: float
    timeout_seconds: float
    healthy_threshold: int
    unhealthy_threshold: int
    matcher: str


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """Equal targets, and what they are asked for."""

    arn: str
    health_check: HealthCheck
    deregistration_seconds: float


@dataclass(frozen=True, slots=True)
class Listener:
    """A port with its rules, by priority."""

    arn: str
    port: int
    rules: tuple[Rule, ...]

    @property
    def load_balancer(self) -> str:
        """`app/<name>/<id>`, as metrics have it."""
        return "/".join(self.arn.partition("listener/")[2].split("/")[:3])


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """The whole of it."""

    listeners: tuple[Listener, ...] = ()
    target_groups: tuple[TargetGroup, ...] = ()

    def rules(self, port: int) -> tuple[Rule, ...]:
        """All rules at a port, by priority. Load balancers that share a port here have different hosts."""
        rules = [rule for listener in self.listeners if listener.port == port for rule in listener.rules]
        return tuple(sorted(rules, key=lambda rule: rule.priority))

    def load_balancer_of(self, target_group: str) -> str:
        """Name of the load balancer that sends to a target group; empty while none does."""
        for listener in self.listeners:
            for rule in listener.rules:
                if target_group in dict(rule.weights):
                    return listener.load_balancer
        return ""


def read(content: Mapping[str, Any]) -> RoutingTable:
    """The table in the contract's JSON. Raises UnknownTable, KeyError."""
    return RoutingTable(
        tuple(
            # A rule that forwards nowhere is the listener's default answer, which here is always the same.
            Listener(one["arn"], int(one["port"]), tuple(_rule(rule) for rule in one["rules"] if rule["targets"]))
            for one in content["listeners"]
        ),
        tuple(_target_group(one) for one in content["target_groups"]),
    )


def _rule(content: Mapping[str, Any]) -> Rule:
    patterns: dict[str, str] = {}
    for condition in content["conditions"]:
        field = condition["Field"]
        if field not in UNDERSTOOD:
            raise UnknownTable(f"rule {content['arn']}: a condition on {field} is not understood")
        # The API has values in two places; the older one is still filled.
        values = condition.get(UNDERSTOOD[field], {}).get("Values") or condition.get("Values", [])
        patterns[field] = _any_of(values, lower=field == "host-header")
    host, path = patterns.get("host-header", "[^/]*"), patterns.get("path-pattern", ".*")
    return Rule(
        arn=content["arn"],
        # The default rule comes last (ELB API, Rule: "default" instead of a number).
        priority=10**6 if content["priority"] == "default" else int(content["priority"]),
        pattern=f"^{host}{path}$",
        weights=tuple((target["arn"], int(target["weight"])) for target in content["targets"]),
    )


def _any_of(values: Iterable[str], *, lower: bool) -> str:
    """`*` stands for any characters and `?` for exactly one (ELB User Guide, rule conditions)."""
    patterns = []
    for value in values:
        text = re.escape(value.lower() if lower else value)
        patterns.append(text.replace(r"\*", "[^/]*" if lower else ".*").replace(r"\?", "[^/]" if lower else "."))
    return f"(?:{'|'.join(patterns)})"


def _target_group(content: Mapping[str, Any]) -> TargetGroup:
    check = content["health_check"]
    return TargetGroup(
        content["arn"],
        HealthCheck(
            path=check["path"],
            interval_seconds=float(check["interval_seconds"]),
            timeout_seconds=float(check["timeout_seconds"]),
            healthy_threshold=int(check["healthy_threshold"]),
            unhealthy_threshold=int(check["unhealthy_threshold"]),
            matcher=str(check.get("matcher", "200")),
        ),
        float(content["deregistration_seconds"]),
    )
