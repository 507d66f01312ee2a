"""Reads a release of CodeDeploy: its deployment's AppSpec, and the service's task sets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from deployment_hooks.release_state import ReleaseState, Unfit, Version, already_live
from deployment_hooks.task_definitions import described
from shared import app_spec
from shared.aws import client
from shared.plan import Plan

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.type_defs import DeploymentInfoTypeDef
    from mypy_boto3_ecs.type_defs import ServiceTypeDef, TaskSetTypeDef


class CodeDeployRelease:
    """The deployment `deployment_id` of the application named `prefix`, for one look."""

    def __init__(self, prefix: str, deployment_id: str) -> None:
        self.prefix = prefix
        self.deployment_id = deployment_id

    def service(self) -> str:
        """From the deployment group's name, `<prefix>-<service>`."""
        deployment = self._deployment
        group = deployment.get("deploymentGroupName", "")
        if deployment.get("applicationName") != self.prefix or not group.startswith(f"{self.prefix}-"):
            raise Unfit(f"{self.deployment_id} is no deployment of {self.prefix}")
        return group.removeprefix(f"{self.prefix}-")

    def state(self, plan: Plan) -> ReleaseState:
        """The new version is the task set that this deployment made; the old one, the task set that serves beside it."""
        services = client("ecs").describe_services(cluster=plan.cluster, services=[plan.ecs_service])["services"]
        if not services:
            raise Unfit(f"there is no service {plan.ecs_service} in {plan.cluster}")
        task_sets = services[0].get("taskSets") or []
        describe = partial(described, container=plan.container)
        target = describe(_task_definition(self._deployment))
        ours = [task_set for task_set in task_sets if task_set.get("externalId") == self.deployment_id]
        old = _old(task_sets, moved=any(task_set.get("status") == "PRIMARY" for task_set in ours), ours=ours)
        return ReleaseState(
            target=target,
            new=_version(ours[0]) if ours else None,
            old=old,
            desired_tasks=services[0].get("desiredCount", 0),
            subnets=_subnets([services[0], *task_sets]),
            live=already_live(target, old, describe),
        )

    @cached_property
    def _deployment(self) -> DeploymentInfoTypeDef:
        return client("codedeploy").get_deployment(deploymentId=self.deployment_id)["deploymentInfo"]


def _subnets(holders: Sequence[ServiceTypeDef | TaskSetTypeDef]) -> tuple[str, ...]:
    """Under CODE_DEPLOY the task sets hold the network configuration; the service does until there is one."""
    for holder in reversed(holders):
        network = holder.get("networkConfiguration")
        if network and (subnets := (network.get("awsvpcConfiguration") or {"subnets": []})["subnets"]):
            return tuple(subnets)
    return ()


def _task_definition(deployment: DeploymentInfoTypeDef) -> str:
    """From the AppSpec that CloudFormation's custom resource handed to CodeDeploy."""
    content = app_spec.content(deployment)
    if not content:
        raise Unfit("the deployment has no AppSpec to read")
    found = app_spec.task_definition(content)
    if found is None:
        raise Unfit("the deployment's AppSpec names no task definition where JSON has one")
    return found


def _old(task_sets: Sequence[TaskSetTypeDef], *, moved: bool, ours: Sequence[TaskSetTypeDef]) -> Version | None:
    """The PRIMARY one serves. Once ours is PRIMARY, the one that did is ACTIVE until CodeDeploy ends it.

    CodeDeploy writes its deployment's id into the task set that it makes, as `externalId`: so ours are known.
    """
    status = "ACTIVE" if moved else "PRIMARY"
    others = [task_set for task_set in task_sets if task_set not in ours and task_set.get("status") == status]
    return _version(others[0]) if len(others) == 1 else None


def _version(task_set: TaskSetTypeDef) -> Version:
    groups = [balancer.get("targetGroupArn") for balancer in task_set.get("loadBalancers") or []]
    desired, running = task_set.get("computedDesiredCount", 0), task_set.get("runningCount", 0)
    return Version(
        task_definition=task_set.get("taskDefinition", ""),
        target_group_arn=groups[0] if groups else None,
        desired=desired,
        running=running,
        steady=task_set.get("stabilityStatus") == "STEADY_STATE" and running >= desired,
        # The first release of a service finds the same tasks that CloudFormation made it with: its migration has not run.
        by_release=bool(task_set.get("externalId")),
    )
