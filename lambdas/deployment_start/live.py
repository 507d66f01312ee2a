"""Whether what CloudFormation wants deployed is live already."""

from __future__ import annotations

import msgspec

from shared import app_spec
from shared.aws import client
from shared.unfinished import UNFINISHED_BY_CODEDEPLOY


class Deployment(msgspec.Struct, frozen=True):
    """Properties of `Custom::EcsDeployment`, as cdk-ecs-codedeploy writes them, and where its own provider is."""

    application_name: str = msgspec.field(name="applicationName")
    """The environment's prefix, and the name of its cluster."""
    group_name: str = msgspec.field(name="deploymentGroupName")
    """`<prefix>-<service>`; the ECS service has the name of the service."""
    app_spec: str = msgspec.field(name="revisionAppSpecContent")
    provider: str = msgspec.field(name="Provider")
    """ARN of the provider's function."""

    @property
    def task_definition(self) -> str | None:
        """ARN of the revision that is wanted; None where the AppSpec is none."""
        return app_spec.task_definition(self.app_spec)


def live(wanted: Deployment) -> str | None:
    """ID of the deployment by which what is wanted went live, if it still has all requests; else None.

    The tasks that came with the service itself, before any deployment, do not count: no hook has looked at them. Nor does
    anything while another deployment is under way.
    """
    revision = wanted.task_definition
    if revision is None:
        return None
    service = wanted.group_name.removeprefix(f"{wanted.application_name}-")
    services = client("ecs").describe_services(cluster=wanted.application_name, services=[service])["services"]
    task_sets = services[0].get("taskSets") or [] if services else []
    serving = [task_set for task_set in task_sets if task_set.get("status") == "PRIMARY"]
    if len(serving) != 1 or serving[0].get("taskDefinition") != revision:
        return None
    if serving[0].get("runningCount", 0) < serving[0].get("computedDesiredCount", 0):
        return None
    unfinished = client("codedeploy").list_deployments(
        applicationName=wanted.application_name,
        deploymentGroupName=wanted.group_name,
        includeOnlyStatuses=UNFINISHED_BY_CODEDEPLOY,
    )
    return None if unfinished.get("deployments") else serving[0].get("externalId") or None
