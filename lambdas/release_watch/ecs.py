"""Reads a service deployment of ECS itself, which takes itself back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from release_watch.models import epoch_of
from release_watch.release import NotOurs, Phase, Release, Return, Versions
from shared import clock, failures
from shared.aws import client
from shared.ledger import HOOKS, Ledger
from shared.plan import Plan
from shared.unfinished import UNFINISHED_BY_ECS

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceDeploymentTypeDef

ENDED: Final[dict[str, tuple[Phase, Return]]] = {
    "SUCCESSFUL": ("succeeded", "none"),
    "STOPPED": ("failed", "none"),
    "ROLLBACK_SUCCESSFUL": ("failed", "succeeded"),
    "ROLLBACK_FAILED": ("failed", "failed"),
}
"""Every other status is on the way to one of them."""
RESOLVED: Final = "watch#service_deployment"


@dataclass(frozen=True, slots=True)
class Ecs:
    """The service deployment `release_id` of a service whose tasks' family is `<prefix>-<service>`."""

    release_id: str
    prefix: str
    ledger: Ledger

    def service(self) -> str:
        """From the family of the new task definition."""
        family = str(self._revision(self._target()).get("taskDefinition", "")).rsplit("/", 1)[-1].rsplit(":", 1)[0]
        if not family.startswith(f"{self.prefix}-"):
            raise NotOurs(f"{self.release_id} is no deployment of {self.prefix}")
        return family.removeprefix(f"{self.prefix}-")

    def versions(self, plan: Plan) -> Versions:
        """The target revision, and the source revision with most running tasks."""
        new = self._revision(self._target())
        sources = self._deployment().get("sourceServiceRevisions") or []
        old = max(sources, key=lambda source: source.get("runningTaskCount", 0), default=None)
        resolved = (new.get("resolvedConfiguration") or {}).get("loadBalancers") or new.get("loadBalancers") or []
        groups = [balancer.get("targetGroupArn") for balancer in resolved]
        return Versions(
            new_task_definition=new.get("taskDefinition", ""),
            old_task_definition=self._revision(old.get("arn", "")).get("taskDefinition") if old else None,
            new_target_group=next((group for group in groups if group in (plan.blue_arn, plan.green_arn)), None),
        )

    def release(self, plan: Plan) -> Release:
        """ECS has limits of its own for hooks and tasks, so there is none to hold it to here."""
        deployment = self._deployment()
        phase, back = ENDED.get(deployment.get("status", ""), ("under way", "none"))
        began = epoch_of(deployment.get("createdAt")) or clock.epoch()
        ended = deployment.get("finishedAt") or deployment.get("stoppedAt") or deployment.get("updatedAt")
        return Release(
            id=self.release_id,
            phase=phase,
            going_back=back,
            began_at=began,
            ended_at=None if phase == "under way" else epoch_of(ended),
            users_since=self._users_since(plan, began),
            causes=failures.of_ecs(deployment),
        )

    def stop(self) -> None:
        """Never asked for: `release` gives no reason to."""
        raise NotImplementedError

    def _users_since(self, plan: Plan, began: float) -> float | None:
        """ECS keeps no times of its stages: users come when the gate before them is passed."""
        if plan.strategy == "rolling":
            return began
        gates = self.ledger.entries(self.release_id, f"{HOOKS}before_traffic#").values()
        passed = [float(gate["started_at"] or 0) for gate in gates if gate.get("verdict") == "SUCCEEDED"]
        return min(passed, default=None)

    def _target(self) -> str:
        return str((self._deployment().get("targetServiceRevision") or {}).get("arn", ""))

    def _deployment(self) -> ServiceDeploymentTypeDef:
        answer = client("ecs").describe_service_deployments(serviceDeploymentArns=[self.release_id])
        if not answer["serviceDeployments"]:
            raise NotOurs(f"there is no service deployment {self.release_id}")
        return answer["serviceDeployments"][0]

    def _revision(self, arn: str) -> Mapping[str, Any]:
        found = client("ecs").describe_service_revisions(serviceRevisionArns=[arn])["serviceRevisions"]
        if not found:
            raise NotOurs(f"there is no service revision {arn}")
        return found[0]


def service_deployment(ledger: Ledger, service_arn: str, deployment_id: str) -> str:
    """ARN of the service deployment that an event told of.

    Events name it `ecs-svc/...`, for which ECS has no look-up: at the first look it is the service's newest one that has
    not ended, else its newest, and the ledger remembers which. Raises NotOurs when there is none.
    """
    if ":service-deployment/" in deployment_id:
        return deployment_id
    known = ledger.read(f"{service_arn}#{deployment_id}", RESOLVED)
    if known is None:
        answer = client("ecs").list_service_deployments(service=service_arn, cluster=service_arn.split("/")[1])
        found = answer.get("serviceDeployments", [])
        if not found:
            raise NotOurs(f"{service_arn} has no service deployment")
        newest = max(
            found, key=lambda one: (one.get("status") in UNFINISHED_BY_ECS, epoch_of(one.get("createdAt")) or 0)
        )
        known, _ = ledger.put_once(
            f"{service_arn}#{deployment_id}", RESOLVED, {"arn": newest.get("serviceDeploymentArn", "")}
        )
    return str(known["arn"])
