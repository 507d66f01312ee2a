"""A state machine that asks a function again and again until it has a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from understudy.acknowledgement import acknowledge
from understudy.alarm import Alarm
from understudy.encrypted_log_group import encrypted_log_group
from understudy.metric import Metric
from understudy.python_handler import TRACE_REASON, HandlerSettings
from understudy.service_role import service_role
from understudy.statement import Statement, policy_document

KILLED: Final = (
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "States.Timeout",
)
"""The function did not come to an end, or was not reached: asking again may help. What it raises itself is not among them.
(Step Functions Developer Guide, handling errors; Lambda's `errorType` of a killed environment.)"""

RETRY: Final = [{"ErrorEquals": list(KILLED), "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 2}]

ANSWER: Final = "$.answer.Payload"

DELIVERY: Final = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
"""Step Functions Developer Guide, logging to CloudWatch Logs."""
FAILURES_ALONE: Final = (
    "It asks its function every few seconds for ever: events of looks that went well would be millions a month and say what the "
    "function's own log says. Everything that fails is logged."
)
DELIVERY_REASON: Final = (
    "Log deliveries, which Step Functions sets up with the role, have no ARN that a statement could name (Developer Guide, "
    "logging with CloudWatch Logs)."
)


def polling(
    *, function: Mapping[str, Any], payload: Mapping[str, Any], succeeded: Mapping[str, Any], failed: Mapping[str, Any]
) -> dict[str, Any]:
    """States that ask a function until it answers SUCCEEDED or FAILED, then `Succeeded` or `Failed`.

    The function answers `{"status": "IN_PROGRESS", "wait_seconds": 5}` to be asked again. Anything that is no such answer,
    and every error of it, is a failure. The answer is examined before it is used: a path that is missing would end the
    execution without anybody being told (Developer Guide: no Catch sees States.Runtime).
    """
    return {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {**function, "Payload": payload},
            "ResultPath": "$.answer",
            "Retry": RETRY,
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed"}],
            "Next": "Verdict",
        },
        "Verdict": verdict(succeeded="Succeeded", wait="Wait", otherwise="Failed"),
        "Wait": {"Type": "Wait", "SecondsPath": f"{ANSWER}.wait_seconds", "Next": "Ask"},
        "Succeeded": dict(succeeded),
        "Failed": dict(failed),
    }


def verdict(*, succeeded: str, wait: str, otherwise: str, failed: str | None = None) -> dict[str, Any]:
    """The state that reads a function's answer, and where it leads.

    `failed`: for a FAILED that has its reason; None: like everything that is no answer.
    """
    status = f"{ANSWER}.status"

    def said(value: str, *further: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return [{"Variable": status, "IsPresent": True}, {"Variable": status, "StringEquals": value}, *further]

    numeric = [
        {"Variable": f"{ANSWER}.wait_seconds", "IsPresent": True},
        {"Variable": f"{ANSWER}.wait_seconds", "IsNumeric": True},
    ]
    choices: list[dict[str, Any]] = [
        {"And": said("SUCCEEDED"), "Next": succeeded},
        {"And": said("IN_PROGRESS", *numeric), "Next": wait},
    ]
    if failed is not None:
        choices.append({"And": said("FAILED", {"Variable": f"{ANSWER}.reason", "IsPresent": True}), "Next": failed})
    return {"Type": "Choice", "Choices": choices, "Default": otherwise}


def _log(scope: Construct, settings: HandlerSettings, name: str) -> logs.CfnLogGroup:
    """The log of the workflow `name`.

    Names that start so need no resource policy of their own, of which a region has ten (Developer Guide, logging).
    """
    return encrypted_log_group(
        scope,
        "Log",
        name=f"/aws/vendedlogs/states/{settings.prefix}-{name}",
        key=settings.logs_key,
        retention_days=settings.retention_days,
        removal_policy=settings.removal_policy,
    )


class DormantWorkflow(Construct):
    """The log of a workflow that stands where a site is active. It stays when the workflow goes, as a function's does
    (python_handler.py).
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: HandlerSettings, name: str) -> None:
        super().__init__(scope, construct_id)
        _log(self, settings, name)


class PollingWorkflow(Construct):
    """A state machine with the given states, its log and its role.

    Every step is logged, encrypted and traced; of an `express` one, whose executions last five minutes at most and begin
    again and again, what fails. `statements` is what its states call besides the functions; the functions
    come by `invoke`, because a function may carry the state machine's ARN in its environment.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: HandlerSettings,
        name: str,
        definition: Mapping[str, Any],
        statements: Sequence[Statement],
        machine_name: str | None = None,
        express: bool = False,
    ) -> None:
        """`definition`: in the Amazon States Language; `${Name}` in it is no substitution. `machine_name`: for a state machine
        that is started by name; CloudFormation chooses one otherwise.
        """
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        log = _log(self, settings, name)
        own = [
            Statement("LogDelivery", DELIVERY, ("*",), because=DELIVERY_REASON),
            Statement(
                "Trace",
                (
                    "xray:GetSamplingRules",
                    "xray:GetSamplingTargets",
                    "xray:PutTelemetryRecords",
                    "xray:PutTraceSegments",
                ),
                ("*",),
                because=TRACE_REASON,
            ),
            *statements,
        ]
        self._role = service_role(
            self, service="states.amazonaws.com", description=f"{settings.prefix}: steps of {name}", statements=own
        )
        machine = stepfunctions.CfnStateMachine(
            self,
            "Resource",
            state_machine_name=machine_name,
            state_machine_type="EXPRESS" if express else "STANDARD",
            role_arn=self._role.attr_arn,
            definition_string=stack.to_json_string(definition),
            tracing_configuration=stepfunctions.CfnStateMachine.TracingConfigurationProperty(enabled=True),
            logging_configuration=stepfunctions.CfnStateMachine.LoggingConfigurationProperty(
                level="ERROR" if express else "ALL",
                include_execution_data=True,
                destinations=[
                    stepfunctions.CfnStateMachine.LogDestinationProperty(
                        cloud_watch_logs_log_group=stepfunctions.CfnStateMachine.CloudWatchLogsLogGroupProperty(
                            log_group_arn=log.attr_arn
                        )
                    )
                ],
            ),
        )
        self.arn = machine.attr_arn
        if express:
            acknowledge(machine, {"AwsSolutions-SF1": FAILURES_ALONE})
        settings.alarms.add([_unfinished(name, self.arn)])

    def invoke(self, function_arns: Sequence[str]) -> iam.CfnManagedPolicy:
        """Let it call these functions. Whoever starts it has to wait for the policy."""
        return iam.CfnManagedPolicy(
            self,
            "Invoke",
            description="Functions that are asked",
            roles=[self._role.ref],
            policy_document=policy_document([Statement("Ask", ("lambda:InvokeFunction",), list(function_arns))]),
        )


def _unfinished(name: str, arn: str) -> Alarm:
    def metric(kind: str) -> Metric:
        return Metric("AWS/States", kind, {"StateMachineArn": arn}, "Sum")

    return Alarm(
        subject=name,
        what="unfinished",
        severity="warning",
        meaning=f"An execution of the workflow {name} ended with an error or took too long.",
        look_first="the execution's last step, in its log.",
        comparison="above",
        threshold=0,
        # SUM leaves out what has no data; `+` would have none as soon as one of the two has none.
        value="SUM([failed, late])",
        metrics={"failed": metric("ExecutionsFailed"), "late": metric("ExecutionsTimedOut")},
        periods=1,
    )
