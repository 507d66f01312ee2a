"""Alarms, dashboards, log groups, filters, queries and deliveries are there with the template's values."""

import json
from typing import Any

import pytest

from tests.rehearsal.under_test import Case, Emulator, Stack, picked

ALARM: dict[str, Any] = {
    "AlarmName": "cpu",
    "AlarmDescription": "runbook",
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 5,
    "DatapointsToAlarm": 3,
    "MetricName": "CPUUtilization",
    "Namespace": "AWS/ECS",
    "Period": 60,
    "Statistic": "Average",
    "Threshold": 80,
    "TreatMissingData": "breaching",
    "Dimensions": [{"Name": "ClusterName", "Value": "c"}],
    "AlarmActions": [{"Ref": "Topic"}],
}
AS_GIVEN = ("AlarmDescription", "EvaluationPeriods", "DatapointsToAlarm", "Threshold", "TreatMissingData", "Dimensions")
TOPIC = {"Topic": {"Type": "AWS::SNS::Topic"}}
GROUP: dict[str, Any] = {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "filtered"}}}


def alarm(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return an alarm."""
    found = emulator.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    return {**picked(found, *AS_GIVEN), "actions": len(found["AlarmActions"])}


def composite(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a composite alarm."""
    answer = emulator.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    return picked(answer["CompositeAlarms"][0], "AlarmRule", "AlarmDescription")


def dashboard(emulator: Emulator, name: str) -> Any:
    """Return a dashboard's body."""
    return json.loads(emulator.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])


def log_group(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a log group."""
    found = emulator.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    return picked(found, "retentionInDays", "kmsKeyId")


def metric_filter(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a metric filter."""
    found = emulator.client("logs").describe_metric_filters(logGroupName="filtered", filterNamePrefix=name)
    return picked(found["metricFilters"][0], "filterPattern")


def query(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a saved query."""
    found = emulator.client("logs").describe_query_definitions()["queryDefinitions"]
    return picked(next(one for one in found if one["queryDefinitionId"] == name), "name", "queryString")


def topic(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a topic."""
    return picked(emulator.client("sns").get_topic_attributes(TopicArn=name)["Attributes"], "DisplayName")


def body(text: str) -> str:
    """Return a dashboard of one text."""
    return json.dumps({"widgets": [{"type": "text", "properties": {"markdown": text}}]})


EXPECTED = {**picked(ALARM, *AS_GIVEN), "actions": 1}
CASES = [
    Case(
        type="AWS::CloudWatch::Alarm",
        others=TOPIC,
        properties=ALARM,
        expected=EXPECTED,
        changes={"Threshold": 85, "TreatMissingData": "notBreaching"},
        changed={**EXPECTED, "Threshold": 85, "TreatMissingData": "notBreaching"},
        look=alarm,
    ),
    Case(
        type="AWS::CloudWatch::CompositeAlarm",
        properties={"AlarmName": "any", "AlarmRule": 'ALARM("cpu")', "AlarmDescription": "d"},
        expected={"AlarmRule": 'ALARM("cpu")', "AlarmDescription": "d"},
        changes={"AlarmRule": 'ALARM("memory")'},
        changed={"AlarmRule": 'ALARM("memory")', "AlarmDescription": "d"},
        look=composite,
    ),
    Case(
        type="AWS::CloudWatch::Dashboard",
        properties={"DashboardName": "d", "DashboardBody": body("one")},
        expected=json.loads(body("one")),
        changes={"DashboardBody": body("two")},
        changed=json.loads(body("two")),
        look=dashboard,
    ),
    Case(
        type="AWS::Logs::LogGroup",
        properties={"RetentionInDays": 30, "KmsKeyId": "arn:aws:kms:us-west-2:123456789012:key/k"},
        expected={"retentionInDays": 30, "kmsKeyId": "arn:aws:kms:us-west-2:123456789012:key/k"},
        changes={"RetentionInDays": 90},
        changed={"retentionInDays": 90, "kmsKeyId": "arn:aws:kms:us-west-2:123456789012:key/k"},
        look=log_group,
    ),
    Case(
        type="AWS::Logs::MetricFilter",
        others=GROUP,
        properties={
            "LogGroupName": {"Ref": "Group"},
            "FilterPattern": "ERROR",
            "MetricTransformations": [{"MetricName": "errors", "MetricNamespace": "n", "MetricValue": "1"}],
        },
        expected={"filterPattern": "ERROR"},
        changes={"FilterPattern": "FATAL"},
        changed={"filterPattern": "FATAL"},
        look=metric_filter,
    ),
    Case(
        type="AWS::Logs::QueryDefinition",
        properties={"Name": "slow", "QueryString": "fields @message"},
        expected={"name": "slow", "queryString": "fields @message"},
        changes={"QueryString": "fields @timestamp"},
        changed={"name": "slow", "queryString": "fields @timestamp"},
        look=query,
    ),
    Case(
        type="AWS::SNS::Topic",
        properties={"DisplayName": "Alarms"},
        expected={"DisplayName": "Alarms"},
        changes={"DisplayName": "Alerts"},
        changed={"DisplayName": "Alerts"},
        look=topic,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_type(case: Case, emulator: Emulator, stack: Stack) -> None:
    """A resource is created with its values, changed with them, and removed."""
    case.play(emulator, stack.name)


def test_log_delivery(emulator: Emulator, stack: Stack) -> None:
    """A source, a destination and the delivery between them are there."""
    source = {
        "Name": "cdn",
        "LogType": "ACCESS_LOGS",
        "ResourceArn": "arn:aws:cloudfront::123456789012:distribution/E1",
    }
    destination = {"Name": "logs", "OutputFormat": "json", "DestinationResourceArn": {"Fn::GetAtt": ["Bucket", "Arn"]}}
    delivery = {
        "DeliverySourceName": {"Ref": "Source"},
        "DeliveryDestinationArn": {"Fn::GetAtt": ["Destination", "Arn"]},
    }
    stack.deploy(
        {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Source": {"Type": "AWS::Logs::DeliverySource", "Properties": source},
            "Destination": {"Type": "AWS::Logs::DeliveryDestination", "Properties": destination},
            "Delivery": {"Type": "AWS::Logs::Delivery", "Properties": delivery},
        }
    )
    found = emulator.client("logs").get_delivery(id=stack.id("Delivery"))["delivery"]
    assert ("cdn", "S3") == (found["deliverySourceName"], found["deliveryDestinationType"])
    stack.delete()
