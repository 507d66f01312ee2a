"""AWS Backup: vaults, plans and what they select, restore tests."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

COPIES = "CopyActions[].{DestinationBackupVaultArn: DestinationBackupVaultArn, Lifecycle: Lifecycle}"
RULES = (
    "p.BackupPlan.{BackupPlanName: BackupPlanName, Rules: BackupPlanRule[].{RuleName: RuleName, "
    "TargetBackupVaultName: TargetBackupVault, ScheduleExpression: ScheduleExpression, "
    "StartWindowMinutes: StartWindowMinutes, CompletionWindowMinutes: CompletionWindowMinutes, Lifecycle: Lifecycle, "
    f"EnableContinuousBackup: EnableContinuousBackup, CopyActions: {COPIES}}}}}"
)
SELECTION = {
    "RestoreTestingPlanName": "p.RestoreTestingPlanName",
    "RestoreTestingSelectionName": "p.RestoreTestingSelectionName",
}

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::Backup::BackupVault",
            service="backup",
            create_calls=(
                Call(
                    "create_backup_vault",
                    {
                        "BackupVaultName": "p.BackupVaultName",
                        "EncryptionKeyArn": "p.EncryptionKeyArn",
                        "BackupVaultTags": "p.BackupVaultTags",
                    },
                ),
            ),
            id="p.BackupVaultName",
            name_property="BackupVaultName",
            name_length=50,
            create_only=("EncryptionKeyArn",),
            parts=(
                Part(
                    "p.AccessPolicy",
                    Call("put_backup_vault_access_policy", {"BackupVaultName": "id", "Policy": "item"}),
                    Call("delete_backup_vault_access_policy", {"BackupVaultName": "id"}),
                ),
                Part(
                    "p.LockConfiguration",
                    Call(
                        "put_backup_vault_lock_configuration",
                        {
                            "BackupVaultName": "id",
                            "MinRetentionDays": "item.MinRetentionDays",
                            "MaxRetentionDays": "item.MaxRetentionDays",
                            "ChangeableForDays": "item.ChangeableForDays",
                        },
                    ),
                    Call("delete_backup_vault_lock_configuration", {"BackupVaultName": "id"}),
                ),
            ),
            read=Call("describe_backup_vault", {"BackupVaultName": "id"}),
            delete_calls=(Call("delete_backup_vault", {"BackupVaultName": "id"}),),
            attributes={"BackupVaultArn": "seen.BackupVaultArn", "BackupVaultName": "id"},
            unchanged_by=("BackupVaultTags",),
        ),
        Recipe(
            type="AWS::Backup::BackupPlan",
            service="backup",
            create_calls=(Call("create_backup_plan", {"BackupPlan": RULES, "BackupPlanTags": "p.BackupPlanTags"}),),
            id="made.BackupPlanId",
            update_calls=(Call("update_backup_plan", {"BackupPlanId": "id", "BackupPlan": RULES}),),
            delete_calls=(Call("delete_backup_plan", {"BackupPlanId": "id"}),),
            attributes={
                "BackupPlanArn": "made.BackupPlanArn",
                "BackupPlanId": "id",
                "VersionId": "made.VersionId",
            },
            unchanged_by=("BackupPlanTags",),
        ),
        Recipe(
            type="AWS::Backup::BackupSelection",
            service="backup",
            create_calls=(
                Call(
                    "create_backup_selection",
                    {"BackupPlanId": "p.BackupPlanId", "BackupSelection": "p.BackupSelection"},
                ),
            ),
            id="made.SelectionId",
            delete_calls=(Call("delete_backup_selection", {"BackupPlanId": "p.BackupPlanId", "SelectionId": "id"}),),
            attributes={"SelectionId": "id", "BackupPlanId": "p.BackupPlanId"},
        ),
        Recipe(
            type="AWS::Backup::RestoreTestingPlan",
            service="backup",
            create_calls=(
                Call(
                    "create_restore_testing_plan",
                    {
                        "RestoreTestingPlan": (
                            "p.{RestoreTestingPlanName: RestoreTestingPlanName, ScheduleExpression: ScheduleExpression, "
                            "ScheduleExpressionTimezone: ScheduleExpressionTimezone, StartWindowHours: StartWindowHours, "
                            "RecoveryPointSelection: RecoveryPointSelection}"
                        ),
                        "Tags": "p.Tags",
                    },
                ),
            ),
            id="p.RestoreTestingPlanName",
            update_calls=(
                Call(
                    "update_restore_testing_plan",
                    {
                        "RestoreTestingPlanName": "id",
                        "RestoreTestingPlan": (
                            "p.{ScheduleExpression: ScheduleExpression, StartWindowHours: StartWindowHours, "
                            "ScheduleExpressionTimezone: ScheduleExpressionTimezone, "
                            "RecoveryPointSelection: RecoveryPointSelection}"
                        ),
                    },
                ),
            ),
            delete_calls=(Call("delete_restore_testing_plan", {"RestoreTestingPlanName": "id"}),),
            attributes={"RestoreTestingPlanArn": "made.RestoreTestingPlanArn"},
        ),
        Recipe(
            type="AWS::Backup::RestoreTestingSelection",
            service="backup",
            create_calls=(
                Call(
                    "create_restore_testing_selection",
                    {
                        "RestoreTestingPlanName": "p.RestoreTestingPlanName",
                        "RestoreTestingSelection": (
                            "p.{RestoreTestingSelectionName: RestoreTestingSelectionName, IamRoleArn: IamRoleArn, "
                            "ProtectedResourceType: ProtectedResourceType, ProtectedResourceArns: ProtectedResourceArns, "
                            "RestoreMetadataOverrides: RestoreMetadataOverrides, "
                            "ValidationWindowHours: ValidationWindowHours}"
                        ),
                    },
                ),
            ),
            id="p.RestoreTestingSelectionName",
            delete_calls=(Call("delete_restore_testing_selection", SELECTION),),
            attributes={},
        ),
    )
}
