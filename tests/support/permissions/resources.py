"""On which resources a call acts: from ARNs among its parameters, from names, and where neither tells from a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from permissions.arn import VARIABLE, filled, matches
from permissions.call import Call
from permissions.simulator import ActionReference
from permissions.surroundings import Surroundings


class UnknownNeed(Exception):  # noqa: N818 - reads as what is missing
    """Nobody has said yet which resource an operation acts on; says where to say it."""


def resources(call: Call, around: Surroundings, reference: ActionReference) -> list[str]:
    """ARNs of what `call` acts on; `*` for an action that knows no resource.

    Raises:
        UnknownNeed: they cannot be told from the parameters.
    """
    if not reference.resources:
        return ["*"]
    if call.action in RESOURCES:
        return RESOURCES[call.action](call, around)
    mentioned = [
        text
        for text in _texts(call.parameters)
        if any(matches(text, pattern) for pattern in reference.resources.values())
    ]
    if mentioned:
        return mentioned
    values = {name.lower(): value for name, value in call.parameters.items() if isinstance(value, str)}
    values |= {"partition": "aws", "region": call.region, "account": around.account}
    if not reference.required:
        # None of those that it could name: what is no resource in particular, a statement about all of them allows.
        return [
            VARIABLE.sub(lambda name: values.get(name[1].lower(), "none"), next(iter(reference.resources.values())))
        ]
    found = [filled(reference.resources[name], values) for name in sorted(reference.required)]
    if None in found:
        raise UnknownNeed(
            f"which resource {call.action} acts on cannot be told from {sorted(call.parameters)}: "
            "add it to RESOURCES in permissions/resources.py"
        )
    return [each for each in found if each]


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for part in value.values():
                yield from _texts(part)
        case list() | tuple():
            for part in value:
                yield from _texts(part)


# --- where a parameter is a name, and where one call acts on several resources ---------------------------------------


def _in_cluster(kind: str, parameter: str) -> Callable[[Call, Surroundings], list[str]]:
    def found(call: Call, around: Surroundings) -> list[str]:
        cluster = call.parameters.get("cluster", "default").rpartition("/")[2]
        given = call.parameters[parameter]
        names = [given] if isinstance(given, str) else given
        return [
            name if name.startswith("arn:") else around.arn(call, "ecs", f"{kind}/{cluster}/{name}") for name in names
        ]

    return found


def _revisions(call: Call, around: Surroundings) -> list[str]:
    # The reference marks the service as required beside the revision or the deployment that belongs to it.
    arns = next(value for name, value in call.parameters.items() if name.endswith("Arns"))
    services = {around.arn(call, "ecs", f"service/{'/'.join(arn.split('/')[1:3])}") for arn in arns}
    return [*arns, *sorted(services)]


def _deployment(call: Call, around: Surroundings) -> list[str]:
    ids = call.parameters.get("deploymentIds") or [call.parameters["deploymentId"]]
    missing = [each for each in ids if each not in around.deployment_groups]
    if missing:
        raise UnknownNeed(f"the scenario does not say which group deployment {missing[0]} belongs to")
    return [around.arn(call, "codedeploy", f"deploymentgroup:{around.deployment_groups[each]}") for each in ids]


def _named(service: str, kind: str, *parameters: str) -> Callable[[Call, Surroundings], list[str]]:
    def found(call: Call, around: Surroundings) -> list[str]:
        given = next(call.parameters[name] for name in parameters if name in call.parameters)
        names = [given] if isinstance(given, str) else given
        return [
            name if name.startswith("arn:") else around.arn(call, service, f"{kind}{name.lstrip('/')}")
            for name in names
        ]

    return found


def _groups(call: Call, around: Surroundings) -> list[str]:
    application = call.parameters["applicationName"]
    names = call.parameters.get("deploymentGroupNames") or [call.parameters["deploymentGroupName"]]
    return [around.arn(call, "codedeploy", f"deploymentgroup:{application}/{name}") for name in names]


def _made_from(source: str, of: str, name: str, *, subnets: bool = True) -> Callable[[Call, Surroundings], list[str]]:
    """The source, a `source` by the parameter `of`; the database that is called as the parameter `name` says; and the groups
    that it is made with. Of an option group RDS chooses the default one; a replica has its source's subnets.
    """

    def found(call: Call, around: Surroundings) -> list[str]:
        given = call.parameters
        named = [
            f"{source}:{given[of]}",
            f"db:{given[name]}",
            *([f"subgrp:{given['DBSubnetGroupName']}"] if subnets else []),
            f"pg:{given['DBParameterGroupName']}",
            "og:default:postgres-15",
        ]
        return [around.arn(call, "rds", each) for each in named]

    return found


def _snapshots_of(call: Call, around: Surroundings) -> list[str]:
    return [
        around.arn(call, "rds", f"db:{call.parameters['DBInstanceIdentifier']}"),
        around.arn(call, "rds", "snapshot:awsbackup:copyjob-1"),
    ]


def _of_mount_target(call: Call, around: Surroundings) -> list[str]:
    # A scenario calls a mount target after its file system.
    name = call.parameters["MountTargetId"].replace("fsmt-", "fs-", 1)
    return [around.arn(call, "elasticfilesystem", f"file-system/{name}")]


def _new_revision(call: Call, around: Surroundings) -> list[str]:
    return [around.arn(call, "ecs", f"task-definition/{call.parameters['family']}:1")]


def _log_stream(call: Call, around: Surroundings) -> list[str]:
    given = call.parameters
    return [around.arn(call, "logs", f"log-group:{given['logGroupName']}:log-stream:{given['logStreamName']}")]


def _bucket(call: Call, _: Surroundings) -> list[str]:
    return [f"arn:aws:s3:::{call.parameters['Bucket']}"]


def _run(call: Call, around: Surroundings) -> list[str]:
    # A family alone means its newest revision.
    given = call.parameters["taskDefinition"]
    revision = given if ":" in given else f"{given}:1"
    return [revision if revision.startswith("arn:") else around.arn(call, "ecs", f"task-definition/{revision}")]


def _testing_plan(call: Call, around: Surroundings) -> list[str]:
    # The end of its ARN is AWS's choice.
    return [around.testing_plans[call.parameters["RestoreTestingPlanName"]]]


def _container_instances(call: Call, around: Surroundings) -> list[str]:
    # Fargate has none; IAM is asked about those of the cluster all the same, none in particular.
    cluster = call.parameters["cluster"].rpartition("/")[2]
    return [around.arn(call, "ecs", f"container-instance/{cluster}/none")]


def _tables(call: Call, around: Surroundings) -> list[str]:
    return [around.arn(call, "dynamodb", f"table/{name}") for name in call.parameters["RequestItems"]]


def _object(call: Call, _: Surroundings) -> list[str]:
    # An object's ARN names neither region nor account.
    return [f"arn:aws:s3:::{call.parameters['Bucket']}/{call.parameters['Key']}"]


def _scalable_target(call: Call, around: Surroundings) -> list[str]:
    # Application Auto Scaling chooses its ID.
    return [around.arn(call, "application-autoscaling", "scalable-target/none")]


RESOURCES: Final[Mapping[str, Callable[[Call, Surroundings], list[str]]]] = {
    "application-autoscaling:RegisterScalableTarget": _scalable_target,
    "backup:GetRestoreTestingPlan": _testing_plan,
    "cloudwatch:DescribeAlarms": _named("cloudwatch", "alarm:", "AlarmNames"),
    "codedeploy:BatchGetDeployments": _deployment,
    "codedeploy:CreateDeployment": _groups,
    "codedeploy:GetDeployment": _deployment,
    "codedeploy:GetDeploymentGroup": _groups,
    "codedeploy:ListDeployments": _groups,
    "codedeploy:PutLifecycleEventHookExecutionStatus": _deployment,
    "dynamodb:BatchGetItem": _tables,
    "ecs:DescribeServiceDeployments": _revisions,
    "ecs:DescribeServiceRevisions": _revisions,
    "ecs:DescribeServices": _in_cluster("service", "services"),
    "ecs:DescribeTasks": _in_cluster("task", "tasks"),
    "ecs:ListServiceDeployments": _in_cluster("service", "service"),
    "ecs:ListTasks": _container_instances,
    "ecs:RegisterTaskDefinition": _new_revision,
    "ecs:RunTask": _run,
    "ecs:StopTask": _in_cluster("task", "task"),
    "ecs:UpdateService": _in_cluster("service", "service"),
    "elasticache:DescribeUsers": _named("elasticache", "user:", "UserId"),
    "elasticache:ModifyUser": _named("elasticache", "user:", "UserId"),
    "elasticfilesystem:DeleteMountTarget": _of_mount_target,
    "elasticfilesystem:DeleteReplicationConfiguration": _named(
        "elasticfilesystem", "file-system/", "SourceFileSystemId"
    ),
    "lambda:InvokeFunction": _named("lambda", "function:", "FunctionName"),
    "logs:GetLogEvents": _log_stream,
    "rds:CreateDBInstanceReadReplica": _made_from(
        "db", "SourceDBInstanceIdentifier", "DBInstanceIdentifier", subnets=False
    ),
    "rds:DeleteDBInstance": _named("rds", "db:", "DBInstanceIdentifier"),
    "rds:DescribeDBInstances": _named("rds", "db:", "DBInstanceIdentifier"),
    "rds:DescribeDBSnapshots": _snapshots_of,
    "rds:ModifyDBInstance": _named("rds", "db:", "DBInstanceIdentifier"),
    "rds:PromoteReadReplica": _named("rds", "db:", "DBInstanceIdentifier"),
    "rds:RestoreDBInstanceFromDBSnapshot": _made_from("snapshot", "DBSnapshotIdentifier", "DBInstanceIdentifier"),
    "rds:RestoreDBInstanceToPointInTime": _made_from("db", "SourceDBInstanceIdentifier", "TargetDBInstanceIdentifier"),
    "s3:GetObject": _object,
    "s3:ListBucket": _bucket,
    "s3:PutObject": _object,
    "secretsmanager:DescribeSecret": _named("secretsmanager", "secret:", "SecretId"),
    "secretsmanager:GetSecretValue": _named("secretsmanager", "secret:", "SecretId"),
    "secretsmanager:ListSecretVersionIds": _named("secretsmanager", "secret:", "SecretId"),
    "secretsmanager:PutSecretValue": _named("secretsmanager", "secret:", "SecretId"),
    "secretsmanager:UpdateSecretVersionStage": _named("secretsmanager", "secret:", "SecretId"),
    "ssm:GetParameter": _named("ssm", "parameter/", "Name"),
    "ssm:GetParameters": _named("ssm", "parameter/", "Names"),
}
"""Which resources a call acts on, where neither an ARN among its parameters nor one named like the ARN's variable tells."""
