"""Reads and stops a CodeDeploy deployment, and follows the one by which CodeDeploy takes it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from release_watch import limits
from release_watch.models import epoch_of
from release_watch.release import NotOurs, Phase, Release, Return, Versions
from shared import app_spec, clock, failures
from shared.aws import client, is_error
from shared.plan import Plan

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.type_defs import DeploymentInfoTypeDef

PHASES: Final[dict[str, Phase]] = {"Succeeded": "succeeded", "Failed": "failed", "Stopped": "failed"}
"""Every other status is on the way to one of them."""
ROLLBACK_GRACE_SECONDS: Final = 60
"""For CodeDeploy to begin its rollback after a deployment has failed: it says so a moment later."""


@dataclass(frozen=True, slots=True)
class CodeDeploy:
    """The deployment `release_id` of the application `prefix`."""

    release_id: str
    prefix: str

    def service(self) -> str:
        """From the deployment group's name, `<prefix>-<service>`."""
        deployment = self._deployment(self.release_id)
        group = deployment.get("deploymentGroupName", "")
        if deployment.get("applicationName") != self.prefix or not group.startswith(f"{self.prefix}-"):
            raise NotOurs(f"{self.release_id} is no deployment of {self.prefix}")
        if deployment.get("creator") == "codeDeployRollback":
            raise NotOurs(f"{self.release_id} takes another deployment back, whose watch tells of both")
        return group.removeprefix(f"{self.prefix}-")

    def versions(self, plan: Plan) -> Versions:
        """CodeDeploy writes its deployment's id into the task set that it makes; the PRIMARY one beside it is old."""
        deployment = self._deployment(self.release_id)
        task_sets = _task_sets(plan)
        new = next((one for one in task_sets if one.get("externalId") == self.release_id), None)
        others = [one for one in task_sets if one is not new]
        old = next((one for status in ("PRIMARY", "ACTIVE") for one in others if one.get("status") == status), None)
        group = _group(new) or plan.other_target_group(_group(old) or "") or plan.green_arn
        return Versions(
            new_task_definition=_task_definition(deployment),
            old_task_definition=old.get("taskDefinition") if old else None,
            new_target_group=group,
        )

    def release(self, plan: Plan) -> Release:
        """With its phases, unless it has ended and there is nothing to stop."""
        deployment = self._deployment(self.release_id)
        events = self._lifecycle_events(plan)
        began = epoch_of(deployment.get("createTime")) or clock.epoch()
        phase = PHASES.get(deployment.get("status", ""), "under way")
        back, ended = self._going_back(deployment, phase)
        return Release(
            id=self.release_id,
            phase=phase,
            going_back=back,
            began_at=began,
            ended_at=ended,
            users_since=limits.times(events, limits.TRAFFIC)[0],
            causes=failures.of_codedeploy(deployment),
            stop_because=limits.exceeded(
                plan.timeouts_seconds, epoch_of(deployment.get("startTime")), events, clock.epoch()
            )
            if phase == "under way"
            else None,
        )

    def stop(self) -> None:
        """With CodeDeploy's rollback, whatever the group's settings are."""
        try:
            client("codedeploy").stop_deployment(deploymentId=self.release_id, autoRollbackEnabled=True)
        except Exception as failure:
            if not is_error(failure, "DeploymentAlreadyCompletedException"):
                raise

    def _going_back(self, deployment: DeploymentInfoTypeDef, phase: Phase) -> tuple[Return, float | None]:
        ended = epoch_of(deployment.get("completeTime")) if phase != "under way" else None
        if phase != "failed":
            return "none", ended
        rollback_id = (deployment.get("rollbackInfo") or {}).get("rollbackDeploymentId")
        if rollback_id is None:
            waiting = ended is None or clock.epoch() - ended < ROLLBACK_GRACE_SECONDS
            return ("under way" if waiting else "none"), ended
        rollback = self._deployment(rollback_id)
        outcome: dict[Phase, Return] = {"under way": "under way", "succeeded": "succeeded", "failed": "failed"}
        return outcome[PHASES.get(rollback.get("status", ""), "under way")], (
            epoch_of(rollback.get("completeTime")) or ended
        )

    def _lifecycle_events(self, plan: Plan) -> Sequence[Any]:
        # Target ids of ECS are `<cluster>:<service>` (CodeDeploy API Reference, BatchGetDeploymentTargets).
        target = f"{plan.cluster}:{plan.ecs_service.rsplit('/', 1)[-1]}"
        try:
            found = client("codedeploy").get_deployment_target(deploymentId=self.release_id, targetId=target)
        except Exception as failure:
            # One that waits in a queue has none yet.
            if is_error(failure, "DeploymentTargetDoesNotExistException", "DeploymentNotStartedException"):
                return []
            raise
        return found.get("deploymentTarget", {}).get("ecsTarget", {}).get("lifecycleEvents", [])

    def _deployment(self, deployment_id: str) -> DeploymentInfoTypeDef:
        return client("codedeploy").get_deployment(deploymentId=deployment_id)["deploymentInfo"]


def _task_sets(plan: Plan) -> Sequence[Any]:
    services = client("ecs").describe_services(cluster=plan.cluster, services=[plan.ecs_service])["services"]
    return services[0].get("taskSets") or [] if services else []


def _group(task_set: Any) -> str | None:  # noqa: ANN401 - a dict of many shapes
    balancers = (task_set or {}).get("loadBalancers") or []
    return balancers[0].get("targetGroupArn") if balancers else None


def _task_definition(deployment: DeploymentInfoTypeDef) -> str:
    """From the AppSpec. Raises NotOurs when there is none to read."""
    found = app_spec.task_definition(app_spec.content(deployment))
    if found is None:
        raise NotOurs("the deployment's AppSpec names no task definition where JSON has one")
    return found
