"""Reads a release of ECS itself: a service deployment, and the service revisions between which it moves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from deployment_hooks.release_state import ReleaseState, Unfit, Version, already_live
from deployment_hooks.task_definitions import described
from shared.aws import client
from shared.plan import Plan

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceDeploymentTypeDef, ServiceRevisionSummaryTypeDef, ServiceRevisionTypeDef


@dataclass(frozen=True, slots=True)
class EcsRelease:
    """The service deployment `arn` of the service named `service_name` in the spec."""

    arn: str
    service_name: str

    def service(self) -> str:
        """From the hook's details, which the template gives it; `state` holds it against what ECS says."""
        return self.service_name

    def state(self, plan: Plan) -> ReleaseState:
        """The target is the revision that is going live: the old one, once the deployment is rolling back."""
        deployment = self._deployment(plan)
        sources = {source.get("arn", ""): source for source in deployment.get("sourceServiceRevisions") or []}
        going_back = _going_back(deployment)
        summary = sources.get(going_back or "") or deployment.get("targetServiceRevision") or {}
        target_arn = summary.get("arn", "")
        revisions = _revisions({*sources, target_arn})
        if target_arn not in revisions:
            raise Unfit(f"ECS does not say which revision {self.arn} makes live")
        describe = partial(described, container=plan.container)
        target = describe(revisions[target_arn].get("taskDefinition", ""))
        new = _version(summary, revisions[target_arn], plan)
        old = _old(sources, revisions, plan)
        return ReleaseState(
            target=target,
            new=new,
            old=old,
            desired_tasks=new.desired,
            subnets=_subnets(revisions[target_arn]),
            live=already_live(target, new if going_back else old, describe),
        )

    def _deployment(self, plan: Plan) -> ServiceDeploymentTypeDef:
        found = client("ecs").describe_service_deployments(serviceDeploymentArns=[self.arn])["serviceDeployments"]
        if not found:
            raise Unfit(f"there is no service deployment {self.arn}")
        service = found[0].get("serviceArn", "").rsplit("/", 1)[-1]
        if service != plan.ecs_service.rsplit("/", 1)[-1]:
            raise Unfit(f"{self.arn} is no deployment of {plan.service}")
        return found[0]


def _subnets(revision: ServiceRevisionTypeDef) -> tuple[str, ...]:
    network = revision.get("networkConfiguration")
    return tuple((network.get("awsvpcConfiguration") or {"subnets": []})["subnets"]) if network else ()


def _going_back(deployment: ServiceDeploymentTypeDef) -> str | None:
    """ARN of the source revision to which the deployment is rolling back; None while it goes forward."""
    named = (deployment.get("rollback") or {}).get("serviceRevisionArn")
    if named or not deployment.get("status", "").startswith("ROLLBACK_"):
        return named
    sources = deployment.get("sourceServiceRevisions") or []
    return sources[0].get("arn") if len(sources) == 1 else None


def _revisions(arns: Collection[str]) -> dict[str, ServiceRevisionTypeDef]:
    found = client("ecs").describe_service_revisions(serviceRevisionArns=sorted(arn for arn in arns if arn))
    return {revision.get("serviceRevisionArn", ""): revision for revision in found["serviceRevisions"]}


def _old(
    sources: Mapping[str, ServiceRevisionSummaryTypeDef], revisions: Mapping[str, ServiceRevisionTypeDef], plan: Plan
) -> Version | None:
    """The one source revision that runs tasks.

    A deployment that replaces an unfinished one has two, of which one never served all users: then nothing is known to be
    the old version, so nothing is taken for live already, and the new one has to keep the absolute limits alone.
    """
    running = [arn for arn, source in sources.items() if source.get("runningTaskCount", 0) and arn in revisions]
    return _version(sources[running[0]], revisions[running[0]], plan) if len(running) == 1 else None


def _version(summary: ServiceRevisionSummaryTypeDef, revision: ServiceRevisionTypeDef, plan: Plan) -> Version:
    resolved = (revision.get("resolvedConfiguration") or {}).get("loadBalancers") or []
    groups = [balancer.get("targetGroupArn", "") for balancer in resolved or revision.get("loadBalancers") or []]
    desired, running = summary.get("requestedTaskCount", 0), summary.get("runningTaskCount", 0)
    return Version(
        task_definition=revision.get("taskDefinition", ""),
        target_group_arn=next((group for group in groups if group in (plan.blue_arn, plan.green_arn)), None),
        desired=desired,
        running=running,
        steady=running >= desired,
    )
