"""Names that AWS gets, and the limits it sets on them.

Only what must be known beforehand or found by a person has a physical name; CloudFormation names the rest, so that it
can replace them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NameRule:
    """What is appended to `<app>-<env>`, and what AWS accepts as the whole."""

    resource: str
    suffix: str
    limit: int
    pattern: str
    source: str


RULES: Final[tuple[NameRule, ...]] = (
    NameRule(
        "load balancer",
        "-alb",
        32,
        r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?",
        "ELB API, CreateLoadBalancer",
    ),
    NameRule(
        "ElastiCache replication group",
        "-cache",
        40,
        r"[a-z](-?[a-z0-9])*",
        "ElastiCache API, CreateReplicationGroup",
    ),
    NameRule("ElastiCache user", "-default", 40, r"[A-Za-z][A-Za-z0-9-]*", "ElastiCache API, CreateUser"),
    NameRule("Amazon MQ broker", "-queue", 50, r"[A-Za-z0-9_-]+", "Amazon MQ API, CreateBroker"),
    NameRule("RDS database", "-db-99-replica-15", 63, r"[a-z](-?[a-z0-9])*", "RDS API, CreateDBInstance"),
    NameRule(
        "CloudFormation stack",
        "-standin-observability",
        128,
        r"[A-Za-z][A-Za-z0-9-]*",
        "CloudFormation API, CreateStack",
    ),
    NameRule("DynamoDB table", "-recovery", 255, r"[A-Za-z0-9_.-]{3,}", "DynamoDB API, CreateTable"),
    NameRule("state machine", "-failover", 80, r"[A-Za-z0-9_-]+", "Step Functions API, CreateStateMachine"),
    NameRule("key-value store", "-routing", 64, r"[A-Za-z0-9_-]+", "CloudFront API, CreateKeyValueStore"),
    NameRule("VPC origin", "-standin-alb", 64, r"[A-Za-z0-9_-]+", "CloudFront API, VpcOriginEndpointConfig"),
    NameRule("backup vault", "-backups", 50, r"[A-Za-z0-9_.-]{2,}", "AWS Backup API, CreateBackupVault"),
    NameRule("WAF log group", "", 64, r"[a-z0-9-]+", "WAF Developer Guide, logging destinations"),
)
"""The longest suffix of each kind."""


def longest_application(environment: str) -> int:
    """How many characters an application's name may have, so that every name in `environment` fits."""
    return min(rule.limit - len(rule.suffix) for rule in RULES) - len(f"-{environment}")


def refusals(prefix: str) -> list[str]:
    """Why AWS would refuse names that start with `prefix`, one sentence for each resource; empty if none."""
    found = []
    for rule in RULES:
        name = prefix + rule.suffix
        if len(name) > rule.limit:
            found.append(f"{rule.resource} {name!r} has {len(name)} characters, AWS takes {rule.limit}")
        elif not re.fullmatch(rule.pattern, name):
            found.append(f"AWS refuses {name!r} as the name of a {rule.resource}")
    return found
