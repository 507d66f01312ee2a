"""The database as it was at a moment, restored beside the running one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from constructs import Construct

from spec import Deployment
from understudy.database import Database
from understudy.keys import Keys
from understudy.polling_workflow import PollingWorkflow, polling
from understudy.python_handler import HandlerSettings, PythonHandler
from understudy.release_functions import CERTIFICATES, LONGEST_SECONDS
from understudy.release_permissions import Place, publish
from understudy.restore_permissions import manifests, restored_databases
from understudy.statement import Statement

NAME: Final = "point-in-time"
RUNBOOK: Final = "docs/runbooks/restore-to-a-point-in-time.md"
LIMIT_SECONDS: Final = 12 * 3600
"""A large database, and a day's logs to replay, take hours."""
GROUPS_REASON: Final = (
    "RDS asks about an option group too, and chooses its name; the other groups stand beside it by name."
)


class PointInTime(Construct):
    """A state machine `<prefix>-point-in-time`, which a person starts with the environment's name and a moment.

    Its function restores beside, waits, looks into what came up, and tells where it is. It may change databases called
    `<database>-at-*` and no other: not the running one.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        handlers: HandlerSettings,
        database: Database,
        database_group: ec2.ISecurityGroup,
        keys: Keys,
        topic_arn: str,
        records: s3.IBucket | None,
        subnet_ids: Sequence[str],
        security_group_ids: Sequence[str],
    ) -> None:
        """`database_group`: of the running database, and so of the restored one, which may have to take its place."""
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        place = Place.of(stack, deployment.prefix)
        if deployment.database is None:
            raise ValueError("this environment has no database")
        tests = deployment.backup.restore_tests
        self.handler = PythonHandler(
            self,
            "Function",
            settings=handlers,
            name=NAME,
            description=f"{deployment.prefix}: restores the database beside itself, as it was at a moment",
            package="point_in_time",
            entry="point_in_time.handler.handler",
            environment={
                "CA_BUNDLE": CERTIFICATES,
                "POINT_IN_TIME": stack.to_json_string(
                    {
                        "prefix": deployment.prefix,
                        "database": database.identifier,
                        "name": database.name,
                        "instance_class": deployment.database.instance_class,
                        "subnet_group": database.subnet_group_name,
                        "parameter_group": database.parameter_group_name,
                        "security_group": database_group.security_group_id,
                        "secrets_key_arn": keys.secrets.key_arn,
                        "topic_arn": topic_arn,
                        "records_bucket": records.bucket_name if records and tests else "",
                        "columns": list(tests.newest_columns) if tests else [],
                        "multi_az": deployment.database.multi_az,
                        "backup_days": deployment.backup.retention_days,
                    }
                ),
            },
            statements=[
                *self._restore(place, database),
                *restored_databases(place, f"{database.identifier}-at-*", keys.secrets),
                *(manifests(place, records, "database", keys.data, written=False) if records and tests else []),
                *publish(topic_arn, handlers.logs_key, place),
            ],
            timeout_seconds=LONGEST_SECONDS,
            subnet_ids=subnet_ids,
            security_group_ids=security_group_ids,
            if_it_fails=f"the running database is untouched, and the restore is asked about again; {RUNBOOK} goes on from here",
        )
        self.workflow = PollingWorkflow(
            self,
            "Workflow",
            settings=handlers,
            name=NAME,
            machine_name=f"{deployment.prefix}-{NAME}",
            definition=point_in_time_workflow(self.handler.arn),
            statements=[Statement("Ask", ("lambda:InvokeFunction",), (self.handler.arn,))],
        )

    def _restore(self, place: Place, database: Database) -> list[Statement]:
        groups = (
            place.arn("rds", f"subgrp:{database.subnet_group_name}"),
            place.arn("rds", f"pg:{database.parameter_group_name}"),
        )
        return [
            Statement(
                "Restore",
                ("rds:RestoreDBInstanceToPointInTime",),
                (place.arn("rds", f"db:{database.identifier}"), *groups),
            ),
            Statement(
                "RestoreOptions",
                ("rds:RestoreDBInstanceToPointInTime",),
                (place.arn("rds", "og:*"),),
                because=GROUPS_REASON,
            ),
            Statement(
                "Beside",
                ("rds:AddTagsToResource", "rds:RestoreDBInstanceToPointInTime"),
                (place.arn("rds", f"db:{database.identifier}-at-*"),),
                because="Databases that this function restored, by the moment that stands in their name.",
            ),
        ]


def point_in_time_workflow(function_arn: str) -> dict[str, Any]:
    """Asks the function until the database is there. Input: `{"environment", "moment", "by"}`; without them it fails at once."""
    return {
        "Comment": "Restores the database beside itself, as it was at a moment",
        "StartAt": "Request",
        "TimeoutSeconds": LIMIT_SECONDS,
        "States": {
            "Request": {
                "Type": "Pass",
                "Parameters": {
                    "request": {
                        "environment.$": "$.environment",
                        "moment.$": "$.moment",
                        "by.$": "$.by",
                        "execution.$": "$$.Execution.Name",
                    }
                },
                "Next": "Ask",
            },
            **polling(
                function={"FunctionName": function_arn},
                payload={"request.$": "$.request"},
                succeeded={"Type": "Succeed", "OutputPath": "$.answer.Payload"},
                failed={
                    "Type": "Fail",
                    "Error": "NotRestored",
                    "Cause": "The database was not restored: the answer of the last step says why",
                },
            ),
        },
    }
