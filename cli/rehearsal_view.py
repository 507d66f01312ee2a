"""What stands in the embedded AWS, and how to look at it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from rehearsal.deployment import Rehearsed
from rehearsal.embedded_aws import SECRET_KEY, access_key

# Outputs that CDK makes so that another stack can read a value.
BETWEEN_STACKS = ("PublishOutput", "ExportsOutput")
LOOKS = {
    "AWS::RDS::DBInstance": "rds describe-db-instances",
    "AWS::ECS::Cluster": "ecs list-services --cluster {id}",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "elbv2 describe-load-balancers",
    "AWS::ElastiCache::ReplicationGroup": "elasticache describe-replication-groups",
    "AWS::AmazonMQ::Broker": "mq describe-broker --broker-id {id}",
    "AWS::SecretsManager::Secret": "secretsmanager list-secrets --query 'SecretList[].Name'",
    "AWS::CloudWatch::Alarm": "cloudwatch describe-alarms --query 'MetricAlarms[].AlarmName'",
    "AWS::CloudFront::Distribution": "cloudfront get-distribution --id {id}",
    "AWS::WAFv2::WebACL": "wafv2 list-web-acls --scope {scope}",
}


def stack_tables(stacks: list[dict[str, Any]]) -> Group:
    """Return a row per stack, then by type what is only accepted, what reached no API, and the outputs."""
    table = _table("In the embedded AWS", "stack", "region", "status", "emulated", "accepted, not emulated")
    for stack in stacks:
        emulated = sum(resource["emulated"] for resource in stack["resources"])
        accepted = len(stack["resources"]) - emulated
        table.add_row(stack["name"], stack["region"], stack["status"], str(emulated), str(accepted))
    return Group(table, *_accepted(stacks), *_not_carried(stacks), *_outputs(stacks))


def exploring(rehearsed: Rehearsed) -> list[str]:
    """Return commands to look around with, ready to paste; of a type in two regions, that in the active one."""
    found: dict[str, tuple[str, str]] = {}
    for stack in sorted(rehearsed.stacks, key=lambda stack: bool(stack["region"] != rehearsed.region)):
        for resource in stack["resources"]:
            found.setdefault(resource["type"], (stack["region"], resource["physical_id"]))
    call = f".venv/bin/aws --endpoint-url {rehearsed.emulator.endpoint} --region"
    looks = [
        f"{call} {region} {command.format(id=physical_id, scope=physical_id.rpartition('|')[2])}"
        for type_name, command in LOOKS.items()
        for region, physical_id in ([found[type_name]] if type_name in found else [])
    ]
    return [f"export AWS_ACCESS_KEY_ID={access_key(rehearsed.account)} AWS_SECRET_ACCESS_KEY={SECRET_KEY}", *looks]


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if "emulated" in column else "left")
    return table


def _accepted(stacks: list[dict[str, Any]]) -> list[Text | Table]:
    found = Counter(
        (resource["type"], stack["name"])
        for stack in stacks
        for resource in stack["resources"]
        if not resource["emulated"]
    )
    if not found:
        return []
    table = _table("Accepted, not emulated: no API of the emulator knows them", "type", "count", "stack")
    for (type_name, stack), count in sorted(found.items()):
        table.add_row(type_name, str(count), stack)
    return [Text(), table]


def _not_carried(stacks: list[dict[str, Any]]) -> list[Text | Table]:
    found = Counter(
        (resource["type"], name)
        for stack in stacks
        for resource in stack["resources"]
        for name in resource["not_carried"]
    )
    if not found:
        return []
    table = _table("Emulated without these: properties that reached no API", "type", "property", "count")
    for (type_name, name), count in sorted(found.items()):
        table.add_row(type_name, name, str(count))
    return [Text(), table]


def _outputs(stacks: list[dict[str, Any]]) -> list[Text | Table]:
    rows = [(stack["name"], name, value) for stack in stacks for name, value in stack["outputs"].items()]
    shown = [row for row in rows if not row[1].startswith(BETWEEN_STACKS)]
    between = len(rows) - len(shown)
    parts: list[Text | Table] = [Text()]
    if shown:
        table = _table("Outputs", "stack", "output", "value")
        for row in shown:
            # As text: rich would turn `:secret:` in an ARN into a picture.
            table.add_row(*(Text(cell) for cell in row))
        parts.append(table)
    if between:
        parts.append(Text(f"{between} more outputs carry values from stack to stack", style="dim"))
    return parts if len(parts) > 1 else []
