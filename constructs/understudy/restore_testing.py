"""When backups are restored to be tested, and as what."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from constructs import Construct

from spec.backup import RestoreTests
from understudy.backup_permissions import BackedUp
from understudy.backup_vault import BackupVault
from understudy.backup_watch import TYPES, TestingPlan

SELECTION_DAYS: Final = 8
"""The newest backup of these is taken; a daily one is always among them."""
START_HOURS: Final = 1
NAME_LENGTH: Final = 50
"""Letters, digits and underscores (AWS Backup API, CreateRestoreTestingPlan)."""


class RestoreTesting(Construct):
    """A plan that restores the newest backup of each resource, under a name that begins with `awsbackup-restore-test-`, keeps it
    for the look into it, and removes it.
    """

    plan: TestingPlan
    """Its jobs name it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        settings: RestoreTests,
        vault: BackupVault,
        resources: Sequence[BackedUp],
        role: iam.CfnRole,
        overrides: Mapping[str, Mapping[str, object]],
    ) -> None:
        """`overrides`: by kind, what AWS Backup would otherwise infer, such as the default VPC for a database."""
        super().__init__(scope, construct_id)
        plan = backup.CfnRestoreTestingPlan(
            self,
            "Resource",
            restore_testing_plan_name=_name(prefix),
            schedule_expression=_schedule(settings),
            schedule_expression_timezone="UTC",
            start_window_hours=START_HOURS,
            recovery_point_selection=backup.CfnRestoreTestingPlan.RestoreTestingRecoveryPointSelectionProperty(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[vault.arn],
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=SELECTION_DAYS,
            ),
        )
        plan.node.add_dependency(vault.resource)
        self.plan = TestingPlan(plan.ref, plan.attr_restore_testing_plan_arn)
        for resource in resources:
            backup.CfnRestoreTestingSelection(
                self,
                resource.kind.capitalize(),
                iam_role_arn=role.attr_arn,
                protected_resource_type=TYPES[resource.kind],
                protected_resource_arns=[resource.arn],
                restore_testing_plan_name=plan.ref,
                restore_testing_selection_name=resource.kind,
                restore_metadata_overrides={
                    name: value if isinstance(value, str) else json.dumps(value)
                    for name, value in overrides.get(resource.kind, {}).items()
                },
                validation_window_hours=settings.validation_hours,
            )


def _name(prefix: str) -> str:
    return prefix.replace("-", "_")[:NAME_LENGTH]


def _schedule(settings: RestoreTests) -> str:
    hours, minutes = settings.time.split(":")
    day = f"? * {settings.weekday}" if settings.weekday else "1 * ?"
    return f"cron({int(minutes)} {int(hours)} {day} *)"
