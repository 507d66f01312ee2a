"""Deployments by CodeDeploy, under which ECS refuses to force one: the AppSpec of what is live goes out once more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from secret_refresh.deployments import Deployment, NothingLive, Phase, UnderWay
from shared import app_spec, failures
from shared.aws import client, is_error
from shared.refreshes import CLOCKS_APART_SECONDS
from shared.unfinished import UNFINISHED_BY_CODEDEPLOY

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.type_defs import DeploymentInfoTypeDef

ENDED: Final[dict[str, Phase]] = {
    "Succeeded": "succeeded",
    "Failed": "failed",
    "Stopped": "failed",
}
"""Every other status is on the way to one of them."""


@dataclass(frozen=True, slots=True)
class CodeDeploy:
    """Of the service `service` in the application and cluster `prefix`."""

    prefix: str
    service: str

    @property
    def group(self) -> str:
        """Name of the deployment group."""
        return f"{self.prefix}-{self.service}"

    def under_way(self) -> str | None:
        """A rollback is one too."""
        found = client("codedeploy").list_deployments(
            applicationName=self.prefix, deploymentGroupName=self.group, includeOnlyStatuses=UNFINISHED_BY_CODEDEPLOY
        )["deployments"]
        return found[0] if found else None

    def start(self, mark: str, live: Collection[str]) -> str | None:  # noqa: ARG002 - the PRIMARY task set says it
        """With the group's own configuration, alarms and rollback."""
        content = self._live()
        try:
            return client("codedeploy").create_deployment(
                applicationName=self.prefix,
                deploymentGroupName=self.group,
                revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": content}},
                description=mark,
            )["deploymentId"]
        except Exception as failure:
            # What CodeDeploy answers while the group has a deployment that has not ended.
            if is_error(failure, "DeploymentLimitExceededException"):
                raise UnderWay from failure
            raise

    def made(self, mark: str, claimed_at: float) -> str | None:
        """By its description."""
        since = datetime.fromtimestamp(claimed_at - CLOCKS_APART_SECONDS, UTC)
        found = client("codedeploy").list_deployments(
            applicationName=self.prefix, deploymentGroupName=self.group, createTimeRange={"start": since}
        )["deployments"]
        return next((one for one in found if self._deployment(one).get("description") == mark), None)

    def read(self, deployment: str) -> Deployment:
        """With what CodeDeploy says about a failure."""
        found = self._deployment(deployment)
        phase: Phase = ENDED.get(found.get("status", ""), "under way")
        ended = found.get("completeTime")
        return Deployment(
            deployment,
            phase,
            ended.timestamp() if ended and phase != "under way" else None,
            failures.of_codedeploy(found) if phase == "failed" else (),
        )

    def _live(self) -> str:
        """The AppSpec by which the task set that has all requests came. Raises NothingLive."""
        services = client("ecs").describe_services(cluster=self.prefix, services=[self.service])["services"]
        task_sets = services[0].get("taskSets") or [] if services else []
        primary = next((one for one in task_sets if one.get("status") == "PRIMARY"), None)
        if primary is None or not primary.get("externalId"):
            raise NothingLive(f"no deployment brought what {self.service} runs")
        content = app_spec.content(self._deployment(primary.get("externalId", "")))
        if app_spec.task_definition(content) != primary.get("taskDefinition"):
            raise NothingLive(
                f"{self.service} runs {primary.get('taskDefinition')}, of which its deployment {primary.get('externalId')} "
                "says nothing"
            )
        return content

    def _deployment(self, deployment: str) -> DeploymentInfoTypeDef:
        return client("codedeploy").get_deployment(deploymentId=deployment)["deploymentInfo"]
