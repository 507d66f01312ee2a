"""What schedules and alarms call, and executions that are held or wait for a person's answer."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.embedded_aws import EmbeddedAws
from tests.rehearsal.engines.played import ACCOUNT, Played
from tests.rehearsal.engines.test_workflows import ended, machine

ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
PASSES = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
REMEMBERS = """
import json
import botocore.session
ssm = botocore.session.get_session().create_client("ssm")
def handle(event, context):
    ssm.put_parameter(Name="/seen/" + context.function_name, Value=json.dumps(event), Type="String", Overwrite=True)
"""


def seen(played: Played, name: str) -> Any:
    """Return the last event of a function that remembers it."""
    try:
        return json.loads(played.client("ssm").get_parameter(Name=f"/seen/{name}")["Parameter"]["Value"])
    except ClientError:
        return None


def entries(played: Played, kind: str) -> list[dict[str, Any]]:
    """Return what the emulator's journal has of a kind."""
    return [entry for entry in EmbeddedAws(played.port, played.token).journal(0) if entry["kind"] == kind]


def test_a_schedule_starts_a_workflow_each_minute(played: Played, name: str) -> None:
    """The scheduler's target is called with its input, again and again."""
    arn = machine(played, name, PASSES)
    target = {"Arn": arn, "RoleArn": ROLE, "Input": '{"because": "schedule"}'}
    played.client("scheduler").create_schedule(
        Name=name, ScheduleExpression="rate(1 minute)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target
    )
    client = played.client("stepfunctions")

    def executions() -> Any:
        found = client.list_executions(stateMachineArn=arn)["executions"]
        return found if len(found) >= 3 else None

    found = played.wait(executions)
    described = client.describe_execution(executionArn=found[0]["executionArn"])
    assert {"because": "schedule"} == json.loads(described["input"])
    played.client("scheduler").delete_schedule(Name=name)


def test_a_rule_with_a_rate_calls_a_function(played: Played, name: str) -> None:
    """The function gets EventBridge's event of a schedule."""
    events = played.client("events")
    events.put_rule(Name=name, ScheduleExpression="rate(1 minute)")
    events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": played.function(name, REMEMBERS, timeout=900)}])
    event = played.wait(lambda: seen(played, name))
    assert "Scheduled Event" == event["detail-type"]
    assert event["resources"][0].endswith(f":rule/{name}")
    events.remove_targets(Rule=name, Ids=["t"])
    events.delete_rule(Name=name)


def test_an_alarm_calls_a_function(played: Played, name: str) -> None:
    """An alarm that goes red hands its function CloudWatch's event."""
    played.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="Test",
        MetricName=name,
        Period=60,
        EvaluationPeriods=1,
        Statistic="Sum",
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[played.function(name, REMEMBERS, timeout=900)],
    )
    played.redden(name)
    event = played.wait(lambda: seen(played, name))
    assert (name, "ALARM") == (event["alarmData"]["alarmName"], event["alarmData"]["state"]["value"])


def waiting(function: str) -> dict[str, Any]:
    """Return a machine that waits for an answer with its token."""
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": function, "Payload": {"token.$": "$$.Task.Token"}},
        "Catch": [{"ErrorEquals": ["Refused"], "ResultPath": "$.error", "Next": "No"}],
        "End": True,
    }
    return {"StartAt": "Ask", "States": {"Ask": task, "No": {"Type": "Fail", "Error": "no"}}}


@pytest.mark.parametrize("approved", [True, False])
def test_a_task_waits_for_its_token(played: Played, name: str, approved: bool) -> None:
    """The answer with the token is the task's output or its error; a second answer finds nobody."""
    arn = machine(played, name, waiting(played.function(name, REMEMBERS, timeout=900)))
    client = played.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]
    token = played.wait(lambda: seen(played, name))["token"]
    if approved:
        client.send_task_success(taskToken=token, output='{"by": "me"}')
    else:
        client.send_task_failure(taskToken=token, error="Refused", cause="not now")
    found = ended(played, execution)
    assert found["status"] == ("SUCCEEDED" if approved else "FAILED")
    assert not approved or {"by": "me"} == json.loads(found["output"])
    with pytest.raises(ClientError, match="TaskDoesNotExist"):
        client.send_task_success(taskToken=token, output="{}")


def test_an_execution_is_held_at_a_state(played: Played, name: str) -> None:
    """It stands before the state until it is released, and the journal tells of it."""
    arn = machine(played, name, PASSES)
    played.ask({"hold": {"machine": name, "state": "P"}})
    client = played.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]
    played.wait(lambda: [one for one in entries(played, "held") if one["machine"] == name])
    played.clock.sleep(10)
    assert "RUNNING" == client.describe_execution(executionArn=execution)["status"]
    played.ask({"release": True})
    assert "SUCCEEDED" == ended(played, execution)["status"]
    assert ["SUCCEEDED"] == [one["text"] for one in entries(played, "execution") if one["machine"] == name]
