"""Database, cache, queue and files with settings unlike those in apps/."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from template import Template, only, properties, synthesize

from spec import data
from spec.backup import Backup
from spec.environment import Protection
from spec.rotation import Rotation
from understudy.cache import Cache
from understudy.database import Database
from understudy.database_generation import Generation
from understudy.file_system import FileSystem
from understudy.queue import Queue

KEY_ARN = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555"
PRODUCTION = Protection()
PREVIEW = Protection(deletion_protection=False, on_removal="destroy")


def test_T2_replicas_are_numbered_from_one() -> None:
    """Their names are what alarms and recovery know them by; each has a host."""
    made: list[Database] = []
    template = _database(data.Database(read_replicas=3), made)
    expected = [f"shop-prod-db-replica-{number}" for number in (1, 2, 3)]
    assert expected == made[0].replica_identifiers
    found = [each["DBInstanceIdentifier"] for each in properties(template, "AWS::RDS::DBInstance")]
    assert ["shop-prod-db", *expected] == found
    assert 3 == len(made[0].reader_hosts)


def test_T1_the_specs_port_and_slowness_reach_the_database() -> None:
    """Another port, and every statement logged that takes a quarter of a second."""
    template = _database(data.Database(port=5433, slow_query_ms=250, read_replicas=0))
    assert "5433" == only(template, "AWS::RDS::DBInstance")["Port"]
    parameters = only(template, "AWS::RDS::DBParameterGroup")["Parameters"]
    assert "250" == parameters["log_min_duration_statement"]


def test_T1_a_removed_preview_keeps_no_backup() -> None:
    """Neither automatic ones nor a last snapshot."""
    template = _database(data.Database(read_replicas=0), protection=PREVIEW)
    (instance,) = [each for each in template["Resources"].values() if each["Type"] == "AWS::RDS::DBInstance"]
    assert ("Delete", True) == (instance["DeletionPolicy"], instance["Properties"]["DeleteAutomatedBackups"])


def test_T3_the_cache_is_reached_at_its_configuration_endpoint() -> None:
    """There a client in cluster mode learns of all shards."""

    def build(stack: Stack) -> None:
        cache = Cache(
            stack,
            "Cache",
            prefix="shop-prod",
            settings=data.Cache(port=6380),
            backup=Backup(),
            protection=PRODUCTION,
            log_retention_days=30,
            consumers=("web",),
            **_surroundings(stack),
            logs_key=_key(stack, "Logs"),
        )
        CfnOutput(stack, "Host", value=cache.host)
        CfnOutput(stack, "Port", value=str(cache.port))

    outputs = synthesize(build)["Outputs"]
    assert "ConfigurationEndPoint.Address" == outputs["Host"]["Value"]["Fn::GetAtt"][1]
    assert "6380" == outputs["Port"]["Value"]


def test_T4_the_queues_host_is_cut_out_of_its_endpoint() -> None:
    """Amazon MQ gives a URL with scheme and port; clients want the host between them."""
    url = "amqps://b-1234.mq.us-west-2.amazonaws.com:5671"
    host = _queue(data.Queue())["Outputs"]["Host"]["Value"]
    assert "b-1234.mq.us-west-2.amazonaws.com" == _resolve(host, url)


@pytest.mark.parametrize(("deployment", "count"), [("cluster", 3), ("single", 1)])
def test_T4_a_cluster_takes_three_zones_of_four(deployment: Any, count: int) -> None:
    """It has three brokers; a single one takes one subnet."""
    broker = only(_queue(data.Queue(deployment=deployment)), "AWS::AmazonMQ::Broker")
    assert count == len(broker["SubnetIds"])


@pytest.mark.parametrize(("days", "expected"), [(1, "AFTER_1_DAY"), (7, "AFTER_7_DAYS"), (365, "AFTER_365_DAYS")])
def test_T6_files_become_cheaper_after_the_specs_days(days: Any, expected: str) -> None:
    """EFS writes one day in the singular."""

    def build(stack: Stack) -> None:
        parts = _surroundings(stack)
        FileSystem(
            stack,
            "Files",
            prefix="shop-prod",
            settings=data.FileSystem(infrequent_access_after_days=days),
            protection=PRODUCTION,
            vpc=parts["vpc"],
            security_group=parts["security_group"],
            encryption_key=parts["data_key"],
        )

    files = only(synthesize(build), "AWS::EFS::FileSystem")
    assert {"TransitionToIA": expected} in files["LifecyclePolicies"]


def _database(
    settings: data.Database, made: list[Database] | None = None, protection: Protection = PRODUCTION
) -> Template:
    def build(stack: Stack) -> None:
        database = Database(
            stack,
            "Database",
            prefix="shop-prod",
            generation=Generation(1, "shop-prod-db", kept=False),
            settings=settings,
            backup=Backup(),
            protection=protection,
            log_retention_days=30,
            rotation=Rotation(),
            consumers=("web",),
            **_surroundings(stack),
            logs_key=_key(stack, "Logs"),
        )
        if made is not None:
            made.append(database)

    return synthesize(build)


def _queue(settings: data.Queue) -> Template:
    def build(stack: Stack) -> None:
        queue = Queue(
            stack,
            "Queue",
            prefix="shop-prod",
            settings=settings,
            protection=PRODUCTION,
            consumers=("web",),
            **_surroundings(stack),
        )
        CfnOutput(stack, "Host", value=queue.host)

    return synthesize(build)


def _surroundings(stack: Stack) -> dict[str, Any]:
    """A VPC with four isolated subnets, a group, and keys."""
    zones = ["us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"]
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        availability_zones=zones,
        isolated_subnet_ids=[f"subnet-{zone}" for zone in zones],
        isolated_subnet_route_table_ids=[f"rtb-{zone}" for zone in zones],
    )
    return {
        "vpc": vpc,
        "security_group": ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1"),
        "data_key": _key(stack, "Data"),
        "secrets_key": _key(stack, "Secrets"),
    }


def _key(stack: Stack, name: str) -> kms.IKey:
    return kms.Key.from_key_arn(stack, f"{name}Key", KEY_ARN)


def _resolve(value: Any, url: str) -> Any:
    """What CloudFormation makes of `value` if the broker has the one endpoint `url`."""
    if isinstance(value, list):
        return [_resolve(part, url) for part in value]
    if not isinstance(value, dict):
        return value
    ((function, argument),) = value.items()
    functions: dict[str, Callable[[Any], Any]] = {
        "Fn::Select": lambda parts: parts[1][int(parts[0])],
        "Fn::Split": lambda parts: parts[1].split(parts[0]),
    }
    return [url] if function == "Fn::GetAtt" else functions[function](_resolve(argument, url))
