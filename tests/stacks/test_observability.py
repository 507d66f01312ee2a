"""The observability stack."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from synthesis import templates
from template import Properties, Template, only, properties, resources
from variant import varied

Synthesized = Callable[[str, str], dict[str, Template]]

ALARM = "AWS::CloudWatch::Alarm"
PREFIX = "generator-platform-prod-"


@pytest.fixture(scope="module")
def production(synthesized: Synthesized) -> Template:
    """The generator platform's production."""
    return synthesized("generator-platform", "prod")["observability"]


def alarms(template: Template, prefix: str = PREFIX) -> dict[str, Properties]:
    """Alarms by name without the environment's prefix."""
    return {alarm["AlarmName"].removeprefix(prefix): alarm for alarm in properties(template, ALARM)}


def seconds(alarm: Properties) -> int:
    """How long it must be so until the alarm rings."""
    period = alarm.get("Period") or next(q["MetricStat"]["Period"] for q in alarm["Metrics"] if "MetricStat" in q)
    return int(period * alarm["EvaluationPeriods"])


def metrics(alarm: Properties) -> set[str]:
    """Names of the metrics it reads."""
    if "MetricName" in alarm:
        return {alarm["MetricName"]}
    return {query["MetricStat"]["Metric"]["MetricName"] for query in alarm["Metrics"] if "MetricStat" in query}


@pytest.mark.parametrize(
    ("name", "metric", "operator", "threshold", "duration"),
    [
        ("web-cpu-critical", "CPUUtilization", ">", 80, 300),
        ("web-memory-critical", "MemoryUtilization", ">", 80, 300),
        ("api-errors-critical", "HTTPCode_Target_5XX_Count", ">", 1, 300),
        ("api-down-critical", "HealthyHostCount", "<", 2, 60),
        ("generator-disk-warning", "EphemeralStorageUtilized", ">", 80, 300),
        ("web-response-time-warning", "TargetResponseTime", ">", 1, 300),
        ("load-balancer-error-rate-warning", "HTTPCode_ELB_5XX_Count", ">", 0.001, 300),
        ("load-balancer-certificate-warning", "DaysToExpiry", "<", 30, 86400),
        ("database-cpu-critical", "CPUUtilization", ">", 80, 300),
        ("database-memory-critical", "FreeableMemory", "<", 16 * 1024**3 * 0.2, 300),
        ("database-disk-warning", "FreeStorageSpace", "<", 100 * 1024**3 * 0.2, 300),
        ("database-network-warning", "NetworkReceiveThroughput", ">", 1.876e9 / 8 * 0.8, 300),
        ("database-down-critical", "CPUUtilization", "<", 1, 60),
        ("database-connections-warning", "DatabaseConnections", ">", 100, 300),
        ("database-slow-queries-warning", "SlowQueries", ">", 0, 300),
        ("database-replica-1-down-critical", "CPUUtilization", "<", 1, 60),
        ("database-replica-1-lag-warning", "ReplicaLag", ">", 600, 300),
        ("cache-cpu-critical", "EngineCPUUtilization", ">", 80, 300),
        ("cache-memory-critical", "DatabaseMemoryUsagePercentage", ">", 80, 300),
        ("cache-evictions-warning", "Evictions", ">", 0, 300),
        ("cache-network-warning", "NetworkBytesIn", ">", 0.937e9 / 8 * 60 * 0.8, 300),
        ("cache-down-critical", "EngineCPUUtilization", "<", 6, 120),
        ("queue-messages-warning", "MessageReadyCount", ">", 10_000, 300),
        ("queue-memory-critical", "RabbitMQMemUsed", ">", 80, 300),
        ("queue-disk-warning", "RabbitMQDiskFree", ">", 80, 300),
        ("queue-down-critical", "SystemCpuUtilization", "<", 1, 60),
    ],
)
def test_M2_alarms_ring_as_specified(
    production: Template, name: str, metric: str, operator: str, threshold: float, duration: int
) -> None:
    """Metric, direction, threshold, duration; the severity stands in the name."""
    alarm = alarms(production)[name]
    assert metric in metrics(alarm)
    assert {">": "GreaterThanThreshold", "<": "LessThanThreshold"}[operator] == alarm["ComparisonOperator"]
    assert threshold == pytest.approx(alarm["Threshold"])
    assert duration == seconds(alarm)


def test_M2_silence_of_what_should_report_is_an_alarm(production: Template) -> None:
    """And of nothing else: no request is no error."""
    breaching = {name for name, alarm in alarms(production).items() if alarm["TreatMissingData"] == "breaching"}
    assert {name for name in alarms(production) if "-down-" in name} == breaching


def test_M2_each_alarm_says_what_it_means_and_what_to_look_at(production: Template) -> None:
    """For whoever is called at night; and it says so when it is over."""
    for name, alarm in alarms(production).items():
        severity = name.rpartition("-")[2]
        assert severity in {"critical", "warning"}
        assert alarm["AlarmDescription"].startswith(f"{severity.upper()}: ")
        assert " First look: " in alarm["AlarmDescription"]
        assert alarm["AlarmActions"] == alarm["OKActions"] != []


@pytest.mark.parametrize("env", ["dev", "staging", "prod", "preview"])
def test_M2_no_alarm_reads_more_metrics_than_cloudwatch_takes(synthesized: Synthesized, env: str) -> None:
    """Ten in one expression."""
    for alarm in properties(synthesized("generator-platform", env)["observability"], ALARM):
        assert len([query for query in alarm.get("Metrics", []) if "MetricStat" in query]) <= 10


def test_M2_a_cache_of_many_nodes_has_several_alarms() -> None:
    """Each reads as many nodes as it can, and together they read all."""

    def change(data: dict[str, Any]) -> None:
        data["cache"] |= {"shards": 12, "replicas_per_shard": 1}

    found = alarms(templates(varied("generator-platform", "prod", change))["observability"])
    nodes = [
        query["MetricStat"]["Metric"]["Dimensions"][0]["Value"]
        for name in ("cache-cpu-critical", "cache-2-cpu-critical", "cache-3-cpu-critical")
        for query in found[name]["Metrics"]
        if "MetricStat" in query
    ]
    assert 24 == len(set(nodes)) == len(nodes)
    assert "generator-platform-prod-cache-0012-002" in nodes


def test_M2_slow_statements_are_counted_in_the_databases_log(production: Template) -> None:
    """By what PostgreSQL writes of each that takes longer than the spec's limit."""
    counting = only(production, "AWS::Logs::MetricFilter")
    assert "/aws/rds/instance/generator-platform-prod-db/postgresql" == counting["LogGroupName"]
    assert '"LOG:" "duration:"' == counting["FilterPattern"]


def test_M2_fewer_tasks_at_night_are_not_an_outage() -> None:
    """The lowest number that a schedule allows is the one that must run."""

    def change(data: dict[str, Any]) -> None:
        night = {"name": "night", "cron": "cron(0 22 * * ? *)", "min_replicas": 1, "max_replicas": 2}
        data["services"]["web"]["scaling"]["schedules"] = [night]

    found = alarms(
        templates(varied("generator-platform", "staging", change))["observability"], "generator-platform-staging-"
    )
    assert (1, 2) == (found["web-down-critical"]["Threshold"], found["api-down-critical"]["Threshold"])


def test_M2_nothing_is_watched_that_is_not_there(synthesized: Synthesized) -> None:
    """Storefront has no queue; development no replica."""
    storefront = alarms(synthesized("storefront", "prod")["observability"], "storefront-prod-")
    assert not [name for name in storefront if name.startswith("queue")]
    development = alarms(synthesized("generator-platform", "dev")["observability"], "generator-platform-dev-")
    assert not [name for name in development if "replica" in name]


def test_M2_every_alarm_speaks_on_the_environments_topic(production: Template) -> None:
    """That of the security stack, which services have too; here there is none."""
    actions = [json.dumps(alarm["AlarmActions"]) for alarm in properties(production, ALARM)]
    assert [] == [action for action in actions if "generator-platform-prod-security" not in action]
    assert [] == properties(production, "AWS::SNS::Topic")


def test_M4_one_dashboard_with_a_row_for_each_part(production: Template, synthesized: Synthesized) -> None:
    """From the edge inwards, and every alarm's state below."""
    expected = ["## Edge", "## Services", "## Database", "## Cache", "## Queue"]
    assert expected == headings(production)
    assert expected[:-1] == headings(synthesized("storefront", "prod")["observability"])
    assert "generator-platform-prod" == only(production, "AWS::CloudWatch::Dashboard")["DashboardName"]


def headings(template: Template) -> list[str]:
    """Headings of the dashboard."""
    body = json.dumps(only(template, "AWS::CloudWatch::Dashboard")["DashboardBody"])
    return [f"## {part.partition(chr(92))[0]}" for part in body.split("## ")[1:]]


def test_M2_nothing_is_said_about_a_service_without_tasks() -> None:
    """Before the first release there are none, and they are not missing."""
    deployment = varied("storefront", "prod", lambda data: data)
    template = templates(deployment.model_copy(update={"images": {}}))["observability"]
    assert not [name for name in alarms(template, "storefront-prod-") if name.startswith("web-")]
    assert resources(template, ALARM)
