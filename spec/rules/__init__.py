"""What the parts of a specification must hold to each other and to AWS, beyond each value's own form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from spec.deployment import Deployment
from spec.problem import Finding, Path
from spec.rules import (
    backup,
    data,
    edge,
    monitoring,
    names,
    network,
    objectives,
    production,
    recovery,
    releases,
    rotation,
    secrets,
    services,
)
from spec.source import Data

Rule = Callable[[Deployment], Iterable[Finding]]

RULES: Final[tuple[Rule, ...]] = (
    names.check,
    network.check,
    services.check,
    releases.check,
    data.check,
    backup.check,
    edge.check,
    secrets.check,
    rotation.check,
    monitoring.check,
    recovery.check,
    production.check,
    objectives.check,
)


def examine(deployment: Deployment, document: Data, broken: list[Path]) -> list[Finding]:
    """Every finding of every rule, except echoes of places that are `broken` already.

    `document` is what the deployment was made from: a service that is broken itself may still be referred to.
    """
    findings = [finding for rule in RULES for finding in rule(deployment)]
    declared = document.get("services")
    findings += services.references(deployment, declared if isinstance(declared, dict) else {})
    return [finding for finding in findings if not _echoes(finding, broken)]


def _echoes(finding: Finding, broken: list[Path]) -> bool:
    places = (finding.path, *finding.about)
    return any(place[: len(path)] == path or path[: len(place)] == place for place in places for path in broken)
