"""What AWS Backup takes, when, and for how long it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from constructs import Construct

from spec.backup import CONTINUOUS, Backup, Rule
from understudy.backup_permissions import BackedUp
from understudy.backup_vault import BackupVault


class BackupPlan(Construct):
    """Two plans: the daily, longer and copied backups of everything; continuous ones of the bucket.

    A plan with continuous backups has them of all that it selects, and takes the database's own backups over from RDS: from
    then on RDS refuses the retention that the database's template says (docs/backups.md, what the four words are). So the
    bucket has a plan of its own.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        settings: Backup,
        vault: BackupVault,
        copies_arn: str | None,
        resources: Sequence[BackedUp],
        role: iam.CfnRole,
    ) -> None:
        """`copies_arn`: the vault in the other region; None where nothing is copied."""
        super().__init__(scope, construct_id)
        self._settings, self._vault, self._role = settings, vault, role
        self._prefix = prefix
        rules = [self._rule(rule, copies_arn) for rule in settings.rules(copied=copies_arn is not None)]
        self.name = f"{prefix}-daily"
        self._plan("Daily", self.name, rules, resources)
        if continuous := list(self._continuous(resources)):
            days = settings.continuous_days or 1
            first = next(iter(settings.rules(copied=False)))
            rule = self._rule(Rule(CONTINUOUS, first.schedule, days), None, continuous=True)
            self._plan("Continuous", f"{prefix}-{CONTINUOUS}", [rule], continuous)

    def _continuous(self, resources: Sequence[BackedUp]) -> Iterator[BackedUp]:
        if self._settings.continuous_days is not None:
            yield from (each for each in resources if each.kind == "data")

    def _plan(
        self,
        construct_id: str,
        name: str,
        rules: list[backup.CfnBackupPlan.BackupRuleResourceTypeProperty],
        resources: Sequence[BackedUp],
    ) -> None:
        plan = backup.CfnBackupPlan(
            self,
            construct_id,
            backup_plan=backup.CfnBackupPlan.BackupPlanResourceTypeProperty(
                backup_plan_name=name, backup_plan_rule=rules
            ),
        )
        plan.node.add_dependency(self._vault.resource)
        backup.CfnBackupSelection(
            self,
            f"{construct_id}Selection",
            backup_plan_id=plan.ref,
            backup_selection=backup.CfnBackupSelection.BackupSelectionResourceTypeProperty(
                iam_role_arn=self._role.attr_arn,
                selection_name=self._prefix[-50:].lstrip("-"),
                resources=[each.arn for each in resources],
            ),
        )

    def _rule(
        self, rule: Rule, copies_arn: str | None, *, continuous: bool = False
    ) -> backup.CfnBackupPlan.BackupRuleResourceTypeProperty:
        copied = copies_arn if rule.copy_days is not None else None
        return backup.CfnBackupPlan.BackupRuleResourceTypeProperty(
            rule_name=rule.name,
            target_backup_vault=self._vault.name,
            schedule_expression=rule.schedule,
            start_window_minutes=self._settings.start_window_minutes,
            completion_window_minutes=self._settings.completion_window_minutes,
            enable_continuous_backup=continuous,
            lifecycle=_lifecycle(rule.keep_days, rule.cold_after_days),
            copy_actions=[
                backup.CfnBackupPlan.CopyActionResourceTypeProperty(
                    destination_backup_vault_arn=copied, lifecycle=_lifecycle(rule.copy_days, None)
                )
            ]
            if copied
            else None,
        )


def _lifecycle(
    keep_days: int | None, cold_after_days: int | None
) -> backup.CfnBackupPlan.LifecycleResourceTypeProperty:
    return backup.CfnBackupPlan.LifecycleResourceTypeProperty(
        delete_after_days=keep_days, move_to_cold_storage_after_days=cold_after_days
    )
