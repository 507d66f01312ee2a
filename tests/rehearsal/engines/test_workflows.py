"""State machines run in virtual time, as far as the project's workflows go, and refuse the rest."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.clock import Clock
from rehearsal.emulator.engines.json_path import PathError, filled, placed, value_at
from rehearsal.emulator.engines.state_machine import Run, StateError
from tests.rehearsal.engines.played import ACCOUNT, REGION, Played

COUNTS = """
import botocore.session
ssm = botocore.session.get_session().create_client("ssm")
def handle(event, context):
    made = ssm.put_parameter(Name="/count/" + context.function_name, Value="x", Type="String", Overwrite=True)["Version"]
    return {"status": "IN_PROGRESS" if made < event["enough"] else "SUCCEEDED", "wait_seconds": 5, "made": made}
"""
FAST = Clock.started_now(1000.0)


def polling(function: str) -> dict[str, Any]:
    """Return a machine that asks a function until it has a verdict."""
    return {
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": function, "Payload": {"enough.$": "$.enough"}},
                "ResultPath": "$.answer",
                "Retry": [{"ErrorEquals": ["Runtime.ExitError"], "IntervalSeconds": 1, "MaxAttempts": 2}],
                "Next": "Verdict",
            },
            "Verdict": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.answer.Payload.status", "StringEquals": "SUCCEEDED", "Next": "Done"}],
                "Default": "Wait",
            },
            "Wait": {"Type": "Wait", "SecondsPath": "$.answer.Payload.wait_seconds", "Next": "Ask"},
            "Done": {"Type": "Pass", "Parameters": {"made.$": "$.answer.Payload.made"}, "End": True},
        },
    }


def machine(played: Played, name: str, definition: dict[str, Any]) -> str:
    """Make a state machine and return its ARN."""
    role = f"arn:aws:iam::{ACCOUNT}:role/machine"
    made = played.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=role
    )
    arn: str = made["stateMachineArn"]
    return arn


def ended(played: Played, execution: str) -> dict[str, Any]:
    """Return an execution that has ended."""
    client = played.client("stepfunctions")

    def look() -> Any:
        found = client.describe_execution(executionArn=execution)
        return found["status"] != "RUNNING" and found

    found: dict[str, Any] = played.wait(look)
    return found


def test_polling(played: Played, name: str) -> None:
    """A function is asked until it has a verdict, survives being killed once, and the history tells the states."""
    arn = machine(played, name, polling(played.function(name, COUNTS, timeout=900)))
    played.ask({"mishap": {"function": name, "call": 1}})
    client = played.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn, name="one", input='{"enough": 3}')["executionArn"]
    again = client.start_execution(stateMachineArn=arn, name="one", input='{"enough": 3}')["executionArn"]
    assert execution == again
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        client.start_execution(stateMachineArn=arn, name="one", input='{"enough": 4}')
    assert {"made": 3} == json.loads(ended(played, execution)["output"])
    history = client.get_execution_history(executionArn=execution)["events"]
    assert ("ExecutionStarted", "ExecutionSucceeded") == (history[0]["type"], history[-1]["type"])
    assert 3 == [event["type"] for event in history].count("TaskStateEntered")


def test_a_service_is_called_and_an_error_caught(played: Played, name: str) -> None:
    """An AWS API is called by its SDK name; its error has the service's name and is caught."""
    states = {
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:codedeploy:putLifecycleEventHookExecutionStatus",
            "Parameters": {"DeploymentId.$": "$.id", "LifecycleEventHookExecutionId": "x", "Status": "Failed"},
            "Catch": [
                {
                    "ErrorEquals": ["CodeDeploy.DeploymentDoesNotExistException"],
                    "ResultPath": "$.error",
                    "Next": "Caught",
                }
            ],
            "End": True,
        },
        "Caught": {"Type": "Succeed"},
    }
    arn = machine(played, name, {"StartAt": "Call", "States": states})
    client = played.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn, input='{"id": "d-000000000"}')["executionArn"]
    found = ended(played, execution)
    assert "SUCCEEDED" == found["status"]
    assert "CodeDeploy.DeploymentDoesNotExistException" == json.loads(found["output"])["error"]["Error"]


def test_what_is_not_understood_fails(played: Played, name: str) -> None:
    """A state of a kind that is not played fails the execution with a sentence."""
    arn = machine(played, name, {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [], "End": True}}})
    found = ended(played, played.client("stepfunctions").start_execution(stateMachineArn=arn)["executionArn"])
    assert ("FAILED", "P: states of type Parallel are not understood") == (found["status"], found["cause"])


def test_an_event_starts_a_state_machine(played: Played, name: str) -> None:
    """A rule whose pattern matches an engine's event starts its target with it."""
    arn = machine(played, name, {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    events = played.client("events")
    pattern = {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Deployment State Change"],
        "detail": {"eventName": ["SERVICE_DEPLOYMENT_IN_PROGRESS"]},
        "resources": [{"prefix": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{name}/"}],
    }
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": arn, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"}])
    ecs = played.client("ecs")
    ecs.create_cluster(clusterName=name)
    ecs.register_task_definition(family=name, containerDefinitions=[{"name": "web", "image": "i", "memory": 8}])
    ecs.create_service(cluster=name, serviceName="web", taskDefinition=name, desiredCount=1)
    client = played.client("stepfunctions")
    execution = played.wait(lambda: client.list_executions(stateMachineArn=arn)["executions"])[0]
    event = json.loads(ended(played, execution["executionArn"])["input"])
    assert [f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{name}/web"] == event["resources"]


def run(states: dict[str, Any], data: Any, task: Any = None) -> Any:
    """Return the output of a machine that begins with its first state."""
    definition = {"StartAt": next(iter(states)), "States": states}
    return Run(definition, task or (lambda _, given: given), FAST, {"Execution": {"Id": "e"}}, lambda: False).output(
        data
    )


@pytest.mark.parametrize(
    ("rule", "data", "expected"),
    [
        ({"Variable": "$.a", "NumericGreaterThan": 1}, {"a": 2}, "yes"),
        ({"Variable": "$.a", "NumericGreaterThan": 1}, {"a": "2"}, "no"),
        ({"Variable": "$.a", "IsPresent": True}, {}, "no"),
        ({"Variable": "$.a", "IsNumeric": True}, {"a": True}, "no"),
        ({"Not": {"Variable": "$.a", "BooleanEquals": True}}, {"a": False}, "yes"),
        (
            {"And": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.a", "StringEquals": "x"}]},
            {"a": "x"},
            "yes",
        ),
        (
            {"Or": [{"Variable": "$.a", "IsNull": True}, {"Variable": "$.a", "StringEqualsPath": "$.b"}]},
            {"a": "x", "b": "x"},
            "yes",
        ),
    ],
    ids=str,
)
def test_choices(rule: dict[str, Any], data: Any, expected: str) -> None:
    """Each comparison decides as Amazon States Language has it."""
    states = {
        "Choice": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
        "Yes": {"Type": "Pass", "Result": "yes", "End": True},
        "No": {"Type": "Pass", "Result": "no", "End": True},
    }
    assert expected == run(states, data)


def test_retries_are_counted() -> None:
    """A task is tried as often as its Retry says, then the error is told."""
    tries = []

    def task(_: str, __: Any) -> Any:
        tries.append(1)
        raise StateError("Boom", "no")

    states = {
        "T": {
            "Type": "Task",
            "Resource": "r",
            "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
            "End": True,
        }
    }
    with pytest.raises(StateError, match="Boom"):
        run(states, {}, task)
    assert 3 == len(tries)


def test_paths() -> None:
    """Reference paths read and write; filters are refused."""
    data = {"a": {"b": [1, {"c": 2}]}}
    assert 2 == value_at("$.a.b[1].c", data, {})
    assert {"a": {"b": 1, "d": 3}} == placed("$.a.d", {"a": {"b": 1}}, 3)
    assert {"x": "e", "y": [{"z": 2}]} == filled(
        {"x.$": "$$.Execution.Id", "y": [{"z.$": "$.a.b[1].c"}]}, data, {"Execution": {"Id": "e"}}
    )
    for path in ("$..c", "$.a[?(@.b)]", "$.a.none"):
        with pytest.raises(PathError):
            value_at(path, data, {})
