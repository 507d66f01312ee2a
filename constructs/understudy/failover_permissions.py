"""What each function of a failover may do, in the words of AWS's APIs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_s3 as s3

from spec import Deployment
from understudy.bucket_objects import judged_objects
from understudy.failover_plan import parameter_name
from understudy.file_system import FileSystem
from understudy.python_handler import HandlerSettings
from understudy.recovery_table import KEY_ALIAS, WITNESS_ALIAS, RecoveryTable, use_tables
from understudy.region_guard import GuardedDatabase
from understudy.region_guard_alarms import NAMESPACE
from understudy.release_permissions import Place, everywhere, publish
from understudy.routing_store import switching
from understudy.statement import Statement

TARGETS_REASON: Final = (
    "Application Auto Scaling chooses the IDs of scalable targets; the conditions hold it to numbers of ECS tasks."
)
EXECUTIONS_REASON: Final = "Executions of the environment's one failover, whose names are told by whoever starts them."
REPORTS_REASON: Final = "Reports of failovers, each under its own name, in the one bucket for them."
NUMBERS_REASON: Final = (
    "CloudWatch has no resource for the metrics of a namespace (Service Authorization Reference); the condition holds it "
    "to the one of recovery."
)
SOURCE_REASON: Final = "A replication is named by its source, whose ID only the other region knows; it can be deleted from this side alone."
REPORTS: Final = "failover/*"
OTHER_REGIONS: Final = ("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem")


@dataclass(frozen=True, slots=True)
class FailoverSettings:
    """What the functions of a site's failover have in common."""

    deployment: Deployment
    """The site's."""
    place: Place
    handlers: HandlerSettings
    table: RecoveryTable
    topic_arn: str
    records: s3.Bucket
    guarded: GuardedDatabase | None
    """None: the environment has no database."""
    files: FileSystem | None
    """None: it has no files."""

    @property
    def machine_arn(self) -> str:
        """The state machine, by its fixed name: the functions are made before it."""
        return self.place.arn("states", f"stateMachine:{self.place.prefix}-failover")

    @property
    def variables(self) -> dict[str, str]:
        """Of every function that knows the plan, in its environment."""
        site = self.deployment
        return {
            "APPLICATION": site.name,
            "ENVIRONMENT": site.environment,
            "PREFIX": site.prefix,
            "PEER_REGION": site.peer_region,
            "WITNESS_REGION": site.recovery.witness_region or "",
        }

    @property
    def common(self) -> list[Statement]:
        """The plan, the site's own table, numbers for alarms."""
        plan = self.place.arn("ssm", f"parameter{parameter_name(self.place.prefix)}")
        return [
            Statement("Plan", ("ssm:GetParameter",), (plan,)),
            Statement("Table", ("dynamodb:GetItem", "dynamodb:PutItem"), (self.table.arn,)),
            *self.table_key,
            Statement(
                "Numbers",
                ("cloudwatch:PutMetricData",),
                ("*",),
                {"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
                NUMBERS_REASON,
            ),
        ]

    @property
    def table_key(self) -> list[Statement]:
        """DynamoDB decrypts the table's own key for the caller."""
        via = {"StringEquals": {"kms:ViaService": f"dynamodb.{self.place.region}.amazonaws.com"}}
        return [Statement("TableKey", ("kms:Decrypt",), (self.table.key.key_arn,), via)]


def control(settings: FailoverSettings, stack: Stack) -> list[Statement]:
    """Everything but the database itself."""
    place, deployment = settings.place, settings.deployment
    witness = deployment.recovery.witness_region
    found = [
        *settings.common,
        Statement("Unlock", ("dynamodb:DeleteItem",), (settings.table.arn,)),
        *use_tables(stack, place.prefix, "Handover", OTHER_REGIONS, {deployment.peer_region: KEY_ALIAS}),
        Statement(
            "Executions",
            ("states:DescribeExecution",),
            (place.arn("states", f"execution:{place.prefix}-failover:*"),),
            because=EXECUTIONS_REASON,
        ),
        everywhere("Health", "health:DescribeEvents"),
        *_fleet(settings),
        switching(place.prefix),
        Statement(
            "Reports",
            ("s3:PutObject",),
            (f"{settings.records.bucket_arn}/{REPORTS}",),
            because=REPORTS_REASON,
            judged=(judged_objects(settings.records, REPORTS),),
        ),
        Statement(
            "ReportsKey",
            ("kms:GenerateDataKey",),
            (settings.table.key.key_arn,),
            {"StringEquals": {"kms:ViaService": f"s3.{place.region}.amazonaws.com"}},
        ),
        *publish(settings.topic_arn, settings.handlers.logs_key, place),
    ]
    if witness is not None:
        actions = ("dynamodb:GetItem", "dynamodb:PutItem")
        found += use_tables(stack, place.prefix, "Witness", actions, {witness: WITNESS_ALIAS})
    if settings.guarded is not None:
        actions = ("rds:DescribeDBInstances", "rds:PromoteReadReplica")
        found.append(Statement("Promote", actions, (_database_arn(settings, settings.guarded),)))
    return found + _files(settings)


def database(settings: FailoverSettings, stack: Stack, guarded: GuardedDatabase) -> list[Statement]:
    """Look into the site's database, and at the lease."""
    place = settings.place
    found = [
        *settings.common,
        Statement("Instance", ("rds:DescribeDBInstances",), (_database_arn(settings, guarded),)),
        *guarded.administrator(place.region),
    ]
    return found + read_witness(settings, stack)


def watch(settings: FailoverSettings, stack: Stack) -> list[Statement]:
    """Look at the active site from here, and write down what was seen."""
    found = settings.common
    if settings.guarded is not None:
        found += settings.guarded.administrator(settings.place.region)
    return found + read_witness(settings, stack)


def start(settings: FailoverSettings, alarm_name: str) -> list[Statement]:
    """Begin an execution, once nobody is at work."""
    return [
        Statement("Alarm", ("cloudwatch:DescribeAlarms",), (settings.place.arn("cloudwatch", f"alarm:{alarm_name}"),)),
        Statement("Record", ("dynamodb:GetItem",), (settings.table.arn,)),
        *settings.table_key,
        Statement("Start", ("states:ListExecutions", "states:StartExecution"), (settings.machine_arn,)),
    ]


def _fleet(settings: FailoverSettings) -> list[Statement]:
    """Numbers of tasks, and whether they serve."""
    place = settings.place
    names = [name for name in settings.deployment.services if settings.deployment.released(name)]
    if not names:
        return []
    services = tuple(place.arn("ecs", f"service/{place.prefix}/{name}") for name in names)
    return [
        Statement("Services", ("ecs:DescribeServices", "ecs:UpdateService"), services),
        everywhere("Targets", "elasticloadbalancing:DescribeTargetHealth"),
        Statement(
            "Bounds",
            ("application-autoscaling:RegisterScalableTarget",),
            (place.arn("application-autoscaling", "scalable-target/*"),),
            {
                "StringEquals": {
                    "application-autoscaling:service-namespace": "ecs",
                    "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
                }
            },
            TARGETS_REASON,
        ),
    ]


def _files(settings: FailoverSettings) -> list[Statement]:
    """See how far files are copied here, and end that."""
    if settings.files is None:
        return []
    place = settings.place
    own = place.arn("elasticfilesystem", f"file-system/{settings.files.file_system_id}")
    return [
        Statement("Files", ("elasticfilesystem:DescribeReplicationConfigurations",), (own,)),
        Statement(
            "WritableFiles",
            ("elasticfilesystem:DeleteReplicationConfiguration",),
            (place.arn("elasticfilesystem", "file-system/*"),),
            because=SOURCE_REASON,
        ),
    ]


def read_witness(settings: FailoverSettings, stack: Stack) -> list[Statement]:
    """The lease as the witness has it, if there is one."""
    witness = settings.deployment.recovery.witness_region
    if witness is None:
        return []
    return use_tables(stack, settings.place.prefix, "Witness", ("dynamodb:GetItem",), {witness: WITNESS_ALIAS})


def _database_arn(settings: FailoverSettings, guarded: GuardedDatabase) -> str:
    return settings.place.arn("rds", f"db:{guarded.database.identifier}")
