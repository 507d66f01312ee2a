"""What the function that refreshes services may do, in the words of AWS's APIs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from understudy.release_functions import ReleaseSettings
from understudy.release_permissions import (
    codedeploy_groups,
    describe_alarms,
    describe_services,
    list_in_cluster,
    on_tasks,
    publish,
)
from understudy.statement import Statement

CONFIGURATIONS_REASON: Final = (
    "The steps of a deployment, which CodeDeploy reads in the caller's name: CloudFormation chooses the names of the "
    "environment's own. It reads and changes nothing."
)


def statements(
    settings: ReleaseSettings, *, parameter_arn: str, secret_arns: Sequence[str], function_arns: Sequence[str]
) -> list[Statement]:
    """Look at secrets and tasks, deploy what is live, have old logins made invalid, tell people. No value is read."""
    place = settings.place
    return [
        Statement("Uses", ("ssm:GetParameter",), (parameter_arn,)),
        *settings.common,
        Statement("ReadLedger", ("dynamodb:Query",), (settings.ledger.arn,)),
        Statement("Secrets", ("secretsmanager:DescribeSecret",), secret_arns),
        list_in_cluster(place, "ListTasks", "ecs:ListTasks"),
        on_tasks(place, "ecs:DescribeTasks"),
        *_engines(settings),
        describe_alarms(),
        *([Statement("Retire", ("lambda:InvokeFunction",), function_arns)] if function_arns else []),
        *publish(settings.topic_arn, settings.handlers.logs_key, place),
    ]


def _engines(settings: ReleaseSettings) -> list[Statement]:
    """Deployments by the engines that the environment uses."""
    place, services = settings.place, settings.deployment.services
    of_ecs = [name for name, service in services.items() if service.release.engine == "ecs"]
    found = []
    if of_ecs:
        found += [
            describe_services(
                place, "ecs:DescribeServices", "ecs:DescribeServiceDeployments", "ecs:ListServiceDeployments"
            ),
            Statement(
                "Deploy",
                ("ecs:UpdateService",),
                tuple(place.arn("ecs", f"service/{place.prefix}/{name}") for name in of_ecs),
            ),
        ]
    if len(of_ecs) < len(services):
        found += [] if of_ecs else [describe_services(place, "ecs:DescribeServices")]
        found += [
            codedeploy_groups(
                place,
                "Deployments",
                "codedeploy:CreateDeployment",
                "codedeploy:GetDeployment",
                "codedeploy:ListDeployments",
            ),
            # CreateDeployment asks for both in the caller's name (CodeDeploy User Guide, permissions reference).
            Statement(
                "Revision",
                ("codedeploy:RegisterApplicationRevision",),
                (place.arn("codedeploy", f"application:{place.prefix}"),),
            ),
            Statement(
                "Steps",
                ("codedeploy:GetDeploymentConfig",),
                (place.arn("codedeploy", "deploymentconfig:*"),),
                because=CONFIGURATIONS_REASON,
            ),
        ]
    return found
