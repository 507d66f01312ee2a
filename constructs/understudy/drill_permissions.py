"""What each function of a drill may do: of databases only with the two that a drill makes, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_kms as kms

from understudy.backup_vault import vault_key_alias
from understudy.bucket_objects import judged_objects
from understudy.database import Database
from understudy.drill_plan import copy_name, parameter_name, replica_name, source_name
from understudy.drill_tasks import DrillTasks
from understudy.failover_permissions import FailoverSettings, read_witness
from understudy.region_guard import GuardedDatabase
from understudy.release_permissions import REVISIONS_REASON, Place, list_in_cluster, on_tasks, pass_roles, publish
from understudy.restore_permissions import restored_databases
from understudy.statement import Statement

EXECUTIONS_REASON: Final = "Executions of the environment's drills, whose names are told by whoever starts them."
SNAPSHOTS_REASON: Final = (
    "AWS Backup chooses the names of the snapshots that it copies. A drill restores from one, and changes none."
)
GROUPS_REASON: Final = "RDS asks about an option group too, and chooses its name; everything else stands here by name."
KEY_REASON: Final = (
    "The key of the region's vault, in another stack: its alias says which one it is. RDS is given a grant on it, since what it "
    "restores is encrypted as the backup is."
)
REPORTS: Final = "drill/*"
REPORTS_REASON: Final = "Reports of drills, each under its own name, in the one bucket for them."


@dataclass(frozen=True, slots=True)
class DrillSettings:
    """What the functions of a site's drills have in common."""

    failover: FailoverSettings
    guarded: GuardedDatabase
    secrets_key: kms.IKey
    login_arn: str
    tasks: DrillTasks

    @property
    def place(self) -> Place:
        """Where they are."""
        return self.failover.place

    @property
    def machine_arn(self) -> str:
        """The state machine, by its fixed name: the functions are made before it."""
        return self.place.arn("states", f"stateMachine:{self.place.prefix}-drill")

    @property
    def copy(self) -> str:
        """ARN of the database that a drill restores."""
        return self.place.arn("rds", f"db:{copy_name(self.place.prefix)}")

    @property
    def replica(self) -> str:
        """ARN of its replica."""
        return self.place.arn("rds", f"db:{replica_name(self.place.prefix)}")

    @property
    def plan(self) -> Statement:
        """The drill's own."""
        return Statement(
            "DrillPlan",
            ("ssm:GetParameter",),
            (self.place.arn("ssm", f"parameter{parameter_name(self.place.prefix)}"),),
        )

    @property
    def executions(self) -> Statement:
        """Whether another drill is at work."""
        name = f"execution:{self.place.prefix}-drill:*"
        return Statement(
            "Drills", ("states:DescribeExecution",), (self.place.arn("states", name),), because=EXECUTIONS_REASON
        )


def control(settings: DrillSettings, database: Database) -> list[Statement]:
    """Make the copy and its tasks, follow and remove them, and report."""
    place, failover = settings.place, settings.failover
    return [
        *failover.common,
        settings.plan,
        settings.executions,
        *_copies(settings, database),
        *removal(settings, "rds:PromoteReadReplica"),
        *_tasks(settings),
        Statement(
            "Reports",
            ("s3:PutObject",),
            (f"{failover.records.bucket_arn}/{REPORTS}",),
            because=REPORTS_REASON,
            judged=(judged_objects(failover.records, REPORTS),),
        ),
        Statement(
            "ReportsKey",
            ("kms:GenerateDataKey",),
            (failover.table.key.key_arn,),
            {"StringEquals": {"kms:ViaService": f"s3.{place.region}.amazonaws.com"}},
        ),
        *publish(failover.topic_arn, failover.handlers.logs_key, place),
    ]


def inside(settings: DrillSettings, stack: Stack) -> list[Statement]:
    """Look at the waiting replica; log in to the promoted copy, and let the drill's tasks in."""
    place = settings.place
    return [
        # It measures nothing by itself.
        *(each for each in settings.failover.common if each.sid != "Numbers"),
        settings.plan,
        *settings.guarded.administrator(place.region),
        *read_witness(settings.failover, stack),
        *restored_databases(place, replica_name(place.prefix), settings.secrets_key),
        Statement("Login", ("secretsmanager:PutSecretValue",), (settings.login_arn,)),
    ]


def clock(settings: DrillSettings) -> list[Statement]:
    """Remove what is left, begin what is due."""
    failover = settings.failover
    return [
        *(each for each in failover.common if each.sid != "Plan"),
        settings.plan,
        settings.executions,
        *removal(settings),
        Statement("Start", ("states:StartExecution",), (settings.machine_arn,)),
    ]


def removal(settings: DrillSettings, *further: str) -> list[Statement]:
    """Both databases and every task of a drill; `further`: what else may be done with the databases."""
    place = settings.place
    return [
        Statement("Remove", ("rds:DeleteDBInstance", "rds:DescribeDBInstances"), (settings.copy, settings.replica)),
        *([Statement("Promote", further, (settings.replica,))] if further else []),
        list_in_cluster(place, "ListTasks", "ecs:ListTasks"),
        on_tasks(place, "ecs:DescribeTasks", "ecs:StopTask"),
    ]


def _copies(settings: DrillSettings, database: Database) -> list[Statement]:
    place = settings.place
    snapshots = place.arn("rds", "snapshot:awsbackup:*")
    source = place.arn("rds", f"db:{source_name(settings.failover.deployment)}")
    groups: Sequence[str] = (
        place.arn("rds", f"pg:{database.parameter_group_name}"),
        place.arn("rds", f"subgrp:{database.subnet_group_name}"),
    )
    replicate, restore = "rds:CreateDBInstanceReadReplica", "rds:RestoreDBInstanceFromDBSnapshot"
    make = (replicate, restore)
    return [
        Statement("Backups", ("rds:DescribeDBSnapshots",), (source, snapshots), because=SNAPSHOTS_REASON),
        Statement("Restore", (restore,), (settings.copy, snapshots), because=SNAPSHOTS_REASON),
        Statement("Replicate", ("rds:AddTagsToResource", replicate), (settings.copy, settings.replica)),
        Statement("Groups", make, groups),
        Statement("Options", make, (place.arn("rds", "og:*"),), because=GROUPS_REASON),
        Statement(
            "BackupsKey",
            ("kms:CreateGrant", "kms:DescribeKey"),
            (place.arn("kms", "key/*"),),
            {
                "StringEquals": {"kms:ViaService": f"rds.{place.region}.amazonaws.com"},
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{vault_key_alias(place.prefix)}"},
            },
            KEY_REASON,
        ),
    ]


def _tasks(settings: DrillSettings) -> list[Statement]:
    place, tasks = settings.place, settings.tasks
    if not tasks.families:
        return []
    families = tuple(place.arn("ecs", f"task-definition/{family}:*") for family in tasks.families.values())
    return [
        Statement(
            "RunTasks", ("ecs:RunTask",), families, {"ArnEquals": {"ecs:cluster": place.cluster}}, REVISIONS_REASON
        ),
        pass_roles("drills", tasks.role_arns),
    ]
