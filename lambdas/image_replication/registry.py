"""The rules by which a registry copies images: one list for everybody in the account, written as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from image_replication.models import Settings
from shared.aws import client
from shared.told import Told

ATTEMPTS: Final = 5
"""Of writing a list in which somebody else's write has lost our rule."""
MOST_RULES: Final = 10
"""ECR User Guide, service quotas, "Rules per replication configuration"."""

Rule = Mapping[str, Any]


def wanted(own: Settings) -> Rule:
    """The environment's rule."""
    return {
        "destinations": [{"region": own.peer_region, "registryId": own.account}],
        "repositoryFilters": [{"filter": f"{own.prefix}/", "filterType": "PREFIX_MATCH"}],
    }


def with_rule(rules: Sequence[Rule], own: Settings) -> list[Rule]:
    """`rules` with the environment's, and without an older one of its. Raises Told where ECR takes no more."""
    found = [*without_rule(rules, own), wanted(own)]
    if len(found) > MOST_RULES:
        raise Told(
            f"The registry has {len(found) - 1} replication rules already, and ECR takes {MOST_RULES}: remove one that "
            f"nobody needs (aws ecr describe-registry), or ask AWS for more"
        )
    return found


def without_rule(rules: Sequence[Rule], own: Settings) -> list[Rule]:
    """`rules` without the environment's: those of others, whatever they copy."""
    filters = wanted(own)["repositoryFilters"]
    return [rule for rule in rules if rule.get("repositoryFilters") != filters]


def replicate(own: Settings) -> None:
    """Have images copied. Again is fine. Raises Told if the rule is lost time after time."""
    _write(own, present=True)


def stop(own: Settings) -> None:
    """Have them copied no more; what was copied stays."""
    _write(own, present=False)


def _write(own: Settings, *, present: bool) -> None:
    """Until the list is read as it shall be: somebody may have written another one since it was read before."""
    for _ in range(ATTEMPTS):
        rules = _read()
        if (wanted(own) in rules) == present and len(without_rule(rules, own)) == len(rules) - present:
            return
        shall = with_rule(rules, own) if present else without_rule(rules, own)
        client("ecr").put_replication_configuration(replicationConfiguration={"rules": shall})
    raise Told(f"Somebody else writes the registry's replication rules at the same time: {ATTEMPTS} attempts were lost")


def _read() -> list[Rule]:
    rules: list[Rule] = client("ecr").describe_registry()["replicationConfiguration"]["rules"]
    return rules
