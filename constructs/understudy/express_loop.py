"""A function that is asked again and again, every few seconds, for ever."""

from __future__ import annotations

from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from understudy.polling_workflow import DormantWorkflow, PollingWorkflow, polling
from understudy.python_handler import HandlerSettings, PythonHandler
from understudy.starting_role import starting_role
from understudy.statement import Statement

EXECUTION_SECONDS: Final = 240
"""At most: the functions end an execution after two minutes or so; AWS after 300, as it is an express one."""


class ExpressLoop(Construct):
    """An express workflow that asks `handler`, and that the clock starts each minute.

    Each execution goes on until the function says that the next one has begun, which may be two minutes later: the scheduler is
    as exact as that. `pause_seconds`: until the next look after one that failed. The function hears when its execution began:
    `started`, as ISO 8601.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        handlers: HandlerSettings,
        handler: PythonHandler,
        name: str,
        what: str,
        pause_seconds: int,
    ) -> None:
        """`what` happens in it, as a sentence goes on after `<prefix>: `."""
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        self.workflow = PollingWorkflow(
            self,
            "Workflow",
            settings=handlers,
            name=name,
            definition=_definition(handler.arn, what, pause_seconds),
            statements=[Statement("Ask", ("lambda:InvokeFunction",), (handler.arn,))],
            express=True,
        )
        role = starting_role(
            self,
            description=f"{handlers.prefix}: starts {name}",
            workflow_arn=self.workflow.arn,
            service="scheduler.amazonaws.com",
            # The schedule is encrypted with it (EventBridge Scheduler User Guide, encryption at rest).
            further=[
                Statement(
                    "Schedule",
                    ("kms:Decrypt",),
                    (handlers.logs_key.key_arn,),
                    {"StringEquals": {"kms:ViaService": f"scheduler.{stack.region}.amazonaws.com"}},
                )
            ],
        )
        scheduler.CfnSchedule(
            self,
            "EachMinute",
            description=f"{handlers.prefix}: {what}",
            schedule_expression="rate(1 minute)",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            kms_key_arn=handlers.logs_key.key_arn,
            target=scheduler.CfnSchedule.TargetProperty(
                arn=self.workflow.arn,
                role_arn=role.attr_arn,
                # A start that comes too late is of no use: the next one is on its way.
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=60, maximum_retry_attempts=2
                ),
            ),
        )


class DormantLoop(Construct):
    """The log of a loop that stands where a site waits. It stays when the loop goes, as a function's does (python_handler.py)."""

    def __init__(self, scope: Construct, construct_id: str, *, handlers: HandlerSettings, name: str) -> None:
        super().__init__(scope, construct_id)
        DormantWorkflow(self, "Workflow", settings=handlers, name=name)


def _definition(function_arn: str, what: str, pause_seconds: int) -> dict[str, Any]:
    """A look after the other, whatever comes of one, until the function says that another execution goes on."""
    return {
        "Comment": what,
        "StartAt": "Ask",
        "TimeoutSeconds": EXECUTION_SECONDS,
        "States": polling(
            function={"FunctionName": function_arn},
            payload={"started.$": "$$.Execution.StartTime"},
            succeeded={"Type": "Succeed"},
            failed={"Type": "Wait", "Seconds": pause_seconds, "Next": "Ask"},
        ),
    }
