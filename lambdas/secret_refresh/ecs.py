"""Deployments by ECS itself: a forced one runs the service's own strategy, hooks and alarms included."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from secret_refresh.deployments import Deployment, NothingLive, Phase
from shared import failures
from shared.aws import client
from shared.refreshes import CLOCKS_APART_SECONDS
from shared.unfinished import UNFINISHED_BY_ECS

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceDeploymentBriefTypeDef

ENDED: Final[dict[str, Phase]] = {
    "SUCCESSFUL": "succeeded",
    "STOPPED": "failed",
    "ROLLBACK_SUCCESSFUL": "failed",
    "ROLLBACK_FAILED": "failed",
}
"""Every other status is on the way to one of them."""


@dataclass(frozen=True, slots=True)
class Ecs:
    """Of the service `service` in the cluster `cluster`."""

    cluster: str
    service: str

    def under_way(self) -> str | None:
        """ECS has one at a time: the next one takes the place of one that has not ended."""
        found = client("ecs").list_service_deployments(
            cluster=self.cluster, service=self.service, status=list(UNFINISHED_BY_ECS)
        )["serviceDeployments"]
        return found[0].get("serviceDeploymentArn") if found else None

    def start(self, mark: str, live: Collection[str]) -> str | None:  # noqa: ARG002 - ECS keeps no word about it
        """ECS deploys what the service names, so that has to be what serves: after a release that failed and was not taken
        back it is not.
        """
        services = client("ecs").describe_services(cluster=self.cluster, services=[self.service])["services"]
        wanted = services[0].get("taskDefinition") if services else None
        if wanted not in live:
            raise NothingLive(f"{self.service} runs {', '.join(sorted(live))}, but its service names {wanted}")
        client("ecs").update_service(cluster=self.cluster, service=self.service, forceNewDeployment=True)
        return None

    def made(self, mark: str, claimed_at: float) -> str | None:  # noqa: ARG002
        """The first one that began after the claim: it began after the new values were there, whoever wanted it."""
        pages = client("ecs").list_service_deployments(cluster=self.cluster, service=self.service)["serviceDeployments"]
        later = [one for one in pages if _created(one) >= claimed_at - CLOCKS_APART_SECONDS]
        return min(later, key=_created).get("serviceDeploymentArn") if later else None

    def read(self, deployment: str) -> Deployment:
        """By the name that `under_way` and `made` give."""
        found = client("ecs").describe_service_deployments(serviceDeploymentArns=[deployment])["serviceDeployments"]
        if not found:
            return Deployment(deployment, "failed", None, ("ECS does not know this deployment any more",))
        one = found[0]
        ended = one.get("finishedAt") or one.get("stoppedAt") or one.get("updatedAt")
        phase: Phase = ENDED.get(one.get("status", ""), "under way")
        return Deployment(
            deployment,
            phase,
            ended.timestamp() if ended and phase != "under way" else None,
            failures.of_ecs(one) if phase == "failed" else (),
        )


def _created(deployment: ServiceDeploymentBriefTypeDef) -> float:
    moment = deployment.get("createdAt")
    return moment.timestamp() if moment else 0.0
