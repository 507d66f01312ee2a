"""Who looks whether backups, copies and restore tests are there and in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from spec import Deployment
from spec.deployment import Resource
from understudy.backup_alarms import NAMESPACE, RUNBOOK, backup_alarms
from understudy.backup_permissions import BackedUp
from understudy.python_handler import HandlerSettings, PythonHandler
from understudy.release_permissions import Place, everywhere, publish
from understudy.statement import Statement

NAME: Final = "backup-watch"
TYPES: Final[dict[Resource, str]] = {"database": "RDS", "data": "S3", "files": "EFS"}
"""AWS Backup's words (API, ProtectedResourceType)."""
NUMBERS_REASON: Final = (
    "CloudWatch has no resource for the metrics of a namespace (Service Authorization Reference); the condition holds it "
    "to the one of backups."
)


@dataclass(frozen=True, slots=True)
class TestingPlan:
    """When backups are restored to be tested."""

    name: str
    arn: str


class BackupWatch(Construct):
    """A function that writes down every quarter of an hour how old backups, copies and tests are, and tells people at once of
    each that failed.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        handlers: HandlerSettings,
        topic_arn: str,
        vault: str,
        vault_arn: str,
        resources: Sequence[BackedUp],
        copies_arn: str | None,
        plan: TestingPlan | None,
    ) -> None:
        """`plan`: of the restore tests, if there are any."""
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        place = Place.of(stack, deployment.prefix)
        tests = deployment.backup.restore_tests
        lists = ["backup:ListBackupJobs"]
        lists += ["backup:ListCopyJobs"] if copies_arn else []
        lists += ["backup:ListRestoreJobs"] if plan else []
        self.handler = PythonHandler(
            self,
            "Function",
            settings=handlers,
            name=NAME,
            description=f"{deployment.prefix}: whether backups are there and in time",
            package="backup_watch",
            entry="backup_watch.handler.handler",
            environment={
                "BACKUPS": stack.to_json_string(
                    {
                        "prefix": deployment.prefix,
                        "vault": vault,
                        "topic_arn": topic_arn,
                        "resources": [
                            {"name": each.kind, "arn": each.arn, "type": TYPES[each.kind]} for each in resources
                        ],
                        "copies_arn": copies_arn or "",
                        "plan": plan.name if plan else "",
                        "plan_arn": plan.arn if plan else "",
                        "validation_hours": tests.validation_hours if tests else 0,
                    }
                )
            },
            statements=[
                everywhere("Jobs", *lists),
                Statement(
                    "Vault", ("backup:DescribeBackupVault", "backup:ListRecoveryPointsByBackupVault"), (vault_arn,)
                ),
                *([Statement("Tests", ("backup:GetRestoreTestingPlan",), (plan.arn,))] if plan else []),
                Statement(
                    "Numbers",
                    ("cloudwatch:PutMetricData",),
                    ("*",),
                    {"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
                    NUMBERS_REASON,
                ),
                *publish(topic_arn, handlers.logs_key, place),
            ],
            timeout_seconds=300,
            if_it_fails=f"the alarm on old backups rings when it stays silent; {RUNBOOK} goes on from here",
        )
        self._rule("Numbers", f"{deployment.prefix}: looks how old backups are", schedule="rate(15 minutes)")
        for name, pattern in _failures(vault, plan).items():
            self._rule(name, f"{deployment.prefix}: tells people of a backup that failed", pattern=pattern)
        for resource in resources:
            handlers.alarms.add(backup_alarms(deployment, resource.kind))

    def _rule(
        self, name: str, description: str, *, schedule: str | None = None, pattern: dict[str, Any] | None = None
    ) -> None:
        rule = events.CfnRule(
            self,
            name,
            description=description,
            schedule_expression=schedule,
            event_pattern=pattern,
            targets=[events.CfnRule.TargetProperty(id="Watch", arn=self.handler.arn)],
        )
        lambda_.CfnPermission(
            self,
            f"{name}Invoke",
            action="lambda:InvokeFunction",
            function_name=self.handler.arn,
            principal="events.amazonaws.com",
            source_account=Stack.of(self).account,
            source_arn=rule.attr_arn,
        )


def _failures(vault: str, plan: TestingPlan | None) -> dict[str, dict[str, Any]]:
    """Events of jobs that did not come to a good end (AWS Backup Developer Guide, monitoring with EventBridge).

    Which copies are this environment's the function knows: their events name the vault by its ARN in one field or another.
    """
    found: dict[str, dict[str, Any]] = {
        "FailedBackups": {
            "source": ["aws.backup"],
            "detail-type": ["Backup Job State Change"],
            "detail": {"state": ["ABORTED", "EXPIRED", "FAILED"], "backupVaultName": [vault]},
        },
        "FailedCopies": {
            "source": ["aws.backup"],
            "detail-type": ["Copy Job State Change"],
            "detail": {"state": ["FAILED"]},
        },
    }
    if plan is not None:
        found["FailedRestores"] = {
            "source": ["aws.backup"],
            "detail-type": ["Restore Job State Change"],
            "detail": {"status": ["ABORTED", "FAILED"], "restoreTestingPlanArn": [plan.arn]},
        }
    return found
