"""Who writes a store's manifest every day, and looks into every copy of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from spec.backup import Backup
from spec.deployment import Resource
from understudy.alarm import Alarm
from understudy.backup_alarms import RUNBOOK
from understudy.backup_watch import TYPES
from understudy.metric import Metric
from understudy.polling_workflow import PollingWorkflow, polling
from understudy.python_handler import HandlerSettings, PythonHandler
from understudy.release_functions import CERTIFICATES, LONGEST_SECONDS
from understudy.release_permissions import Place
from understudy.restore_permissions import judge_copies, manifests
from understudy.starting_role import starting_role
from understudy.statement import Statement

MANIFEST_MINUTES: Final = 15
"""Before the daily backup may start."""
MINUTES_PER_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Looking:
    """What those who look have in common."""

    handlers: HandlerSettings
    backup: Backup
    records: s3.IBucket
    """Where manifests lie."""
    data_key: kms.IKey
    topic_arn: str
    plan_arn: str
    """Of the restore tests."""


class RestoreLook(Construct):
    """A function for one kind of store, and the workflow that polls it: daily for the manifest, and for each restored copy."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        kind: Resource,
        settings: Looking,
        told: Mapping[str, Any],
        statements: Sequence[Statement],
        subnet_ids: Sequence[str] = (),
        security_group_ids: Sequence[str] = (),
    ) -> None:
        """`told`: what lambdas/restore_tests/models.py wants to know of this kind. Subnets and security groups: of a function
        that talks to a database.
        """
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        handlers = settings.handlers
        tests = settings.backup.restore_tests
        if tests is None:
            raise ValueError("nothing is tested in this environment")
        place = Place.of(stack, handlers.prefix)
        name = look_name(kind)
        self.handler = PythonHandler(
            self,
            "Function",
            settings=handlers,
            name=name,
            description=f"{handlers.prefix}: writes manifests of {kind}, and looks into restored copies",
            package="restore_tests",
            entry="restore_tests.handler.handler",
            environment={
                "CA_BUNDLE": CERTIFICATES,
                "RESTORE_TESTS": stack.to_json_string(
                    {
                        "kind": kind,
                        "prefix": handlers.prefix,
                        "records_bucket": settings.records.bucket_name,
                        "topic_arn": settings.topic_arn,
                        "plan_arn": settings.plan_arn,
                        "limits": {
                            "fewer_percent": tests.fewer_percent,
                            "changed_percent": tests.changed_percent,
                            # Objects and files may be quiet for days; the manifest says how new they were.
                            "newest_hours": tests.newest_hours if kind == "database" else None,
                        },
                        **told,
                    }
                ),
            },
            statements=[
                *judge_copies(place, settings.topic_arn, handlers.logs_key),
                *manifests(place, settings.records, kind, settings.data_key),
                *statements,
            ],
            # It counts.
            timeout_seconds=LONGEST_SECONDS,
            memory_mib=1024,
            subnet_ids=subnet_ids,
            security_group_ids=security_group_ids,
            if_it_fails=f"the copy gets no verdict and is asked about again; {RUNBOOK} goes on from here",
        )
        self.workflow = PollingWorkflow(
            self,
            "Workflow",
            settings=handlers,
            name=name,
            machine_name=f"{handlers.prefix}-{name}",
            definition=look_workflow(self.handler.arn, limit_seconds=tests.validation_hours * 3600),
            statements=[Statement("Ask", ("lambda:InvokeFunction",), (self.handler.arn,))],
        )
        self._start(settings, kind)

    def _start(self, settings: Looking, kind: Resource) -> None:
        prefix = settings.handlers.prefix
        role = starting_role(self, description=f"Starts manifests and looks of {kind}", workflow_arn=self.workflow.arn)
        manifest = events.CfnRule(
            self,
            "Daily",
            description=f"{prefix}: writes the manifest of {kind} before the daily backup",
            schedule_expression=_before(settings.backup.time),
            targets=[
                events.CfnRule.TargetProperty(
                    id="Manifest",
                    arn=self.workflow.arn,
                    role_arn=role.attr_arn,
                    input='{"request": {"do": "manifest"}}',
                )
            ],
        )
        restored = events.CfnRule(
            self,
            "Restored",
            description=f"{prefix}: a copy of {kind} was restored to be looked into",
            event_pattern={
                "source": ["aws.backup"],
                "detail-type": ["Restore Job State Change"],
                "detail": {
                    "status": ["COMPLETED"],
                    "resourceType": [TYPES[kind]],
                    "restoreTestingPlanArn": [settings.plan_arn],
                },
            },
            targets=[
                events.CfnRule.TargetProperty(
                    id="Look",
                    arn=self.workflow.arn,
                    role_arn=role.attr_arn,
                    input_transformer=events.CfnRule.InputTransformerProperty(
                        input_paths_map={"job": "$.detail.restoreJobId"},
                        input_template='{"request": {"do": "test", "job": "<job>"}}',
                    ),
                )
            ],
        )
        settings.handlers.alarms.add(
            [
                _not_started(
                    f"{kind}-manifest", manifest.ref, "The manifest that restored copies are held against was not begun"
                ),
                _not_started(
                    f"{kind}-restore-test", restored.ref, "A backup was restored and nobody looks into the copy"
                ),
            ]
        )


def look_name(kind: Resource) -> str:
    """Of its function and its workflow."""
    return f"restore-test-{kind}"


def look_workflow(function_arn: str, *, limit_seconds: int) -> dict[str, Any]:
    """Asks the function until there is a verdict, or a manifest. A person starts it with the same input as a rule."""
    return {
        "Comment": "Writes a manifest, or looks into a restored copy",
        "StartAt": "Ask",
        "TimeoutSeconds": limit_seconds,
        "States": polling(
            function={"FunctionName": function_arn},
            payload={"request.$": "$.request"},
            succeeded={"Type": "Succeed"},
            failed={
                "Type": "Fail",
                "Error": "NotWhole",
                "Cause": "The copy is not what it should be, or could not be looked into: the message says what",
            },
        ),
    }


def _before(time: str) -> str:
    hours, minutes = time.split(":")
    minute = (int(hours) * 60 + int(minutes) - MANIFEST_MINUTES) % MINUTES_PER_DAY
    return f"cron({minute % 60} {minute // 60} * * ? *)"


def _not_started(subject: str, rule_name: str, meaning: str) -> Alarm:
    return Alarm(
        subject=subject,
        what="not-started",
        severity="warning",
        meaning=f"{meaning}: EventBridge could not start the workflow.",
        look_first=f"whether the rule's role may start the workflow; {RUNBOOK}.",
        comparison="above",
        threshold=0,
        value=Metric("AWS/Events", "FailedInvocations", {"RuleName": rule_name}, "Sum"),
        periods=1,
    )
