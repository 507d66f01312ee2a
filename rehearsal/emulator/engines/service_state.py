"""A service of ECS as the engines know it, beside what moto keeps of it."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.ecs.models import ecs_backends

from rehearsal.emulator.engines import task_definitions, task_sets
from rehearsal.emulator.engines.setting import SETTING, now
from rehearsal.emulator.engines.task_sets import TaskSet


@dataclass(kw_only=True, eq=False)
class Revision:
    """What a service deployment brings: ECS's service revision, and the task set that is its body."""

    arn: str
    body: TaskSet
    given: dict[str, Any] = field(default_factory=dict)
    "What CreateService or UpdateService said."
    created: datetime = field(default_factory=now)


@dataclass(eq=False)
class ServiceState:
    """One per service; moto's object is `service`."""

    service: Any
    account: str
    region: str
    live: Revision | None = None
    "What users' requests go to."
    given: dict[str, Any] = field(default_factory=dict)
    "What CreateService said, or the last UpdateService."
    revisions: list[Revision] = field(default_factory=list)
    deployments: list[Any] = field(default_factory=list)
    "ServiceDeployments of ECS's own engine, the latest last."
    awaited: Any = None
    "The ServiceDeployment that the last CreateService or UpdateService began."

    @property
    def controller(self) -> str:
        """ECS, CODE_DEPLOY or EXTERNAL."""
        kind: str = self.service.deployment_controller["type"]
        return kind

    @property
    def configuration(self) -> dict[str, Any]:
        """The service's deploymentConfiguration."""
        return getattr(self.service, "deployment_configuration", None) or {}

    def revision(
        self, load_balancers: list[dict[str, Any]], *, task_definition: str, external_id: str = ""
    ) -> Revision:
        """Return a new revision; nothing of it runs yet."""
        definition = task_definitions.definition_of(task_definition, account=self.account, region=self.region)
        body = TaskSet(
            account=self.account,
            region=self.region,
            cluster_arn=self.service.cluster_arn,
            service_arn=self.service.arn,
            task_definition=definition.arn,
            count=int(self.service.desired_count or 0),
            load_balancers=load_balancers,
            external_id=external_id,
        )
        place = self.service.arn.replace(":service/", ":service-revision/")
        revision = Revision(arn=f"{place}/{uuid.uuid4().int % 10**19:019d}", body=body)
        self.revisions.append(revision)
        return revision

    def settle(self, revision: Revision) -> None:
        """Have this revision be the one that users' requests go to."""
        for other in self.revisions:
            if not other.body.ended:
                other.body.status = "ACTIVE"
        revision.body.status = "PRIMARY"
        self.live = revision
        self.service.task_definition = revision.body.task_definition

    def show(self) -> None:
        """Bring moto's object up to date, for DescribeServices."""
        bodies = [revision.body for revision in self.revisions]
        counts = {body.id: [task.status for task in body.tasks()] for body in bodies}
        self.service.running_count = sum(many.count("RUNNING") for many in counts.values())
        self.service.pending_count = sum(many.count("PENDING") for many in counts.values())
        shown = [body for body in bodies if not body.ended or any(status != "STOPPED" for status in counts[body.id])]
        if self.controller == "ECS":
            self._show_deployments(counts)
        else:
            self.service.task_sets = [_task_set(body, counts[body.id]) for body in shown]

    def _show_deployments(self, counts: dict[str, list[str]]) -> None:
        shown: list[dict[str, Any]] = []
        for deployment in reversed(self.deployments):
            body = deployment.target.body
            statuses = counts.get(body.id, [])
            if body.ended and "RUNNING" not in statuses:
                continue
            shown.append(
                {
                    "id": deployment.id,
                    "status": "PRIMARY" if not shown else "ACTIVE",
                    "taskDefinition": body.task_definition,
                    "desiredCount": body.count,
                    "runningCount": statuses.count("RUNNING"),
                    "pendingCount": statuses.count("PENDING"),
                    "failedTasks": len(deployment.failed_tasks),
                    "createdAt": deployment.created,
                    "updatedAt": deployment.updated,
                    "rolloutState": deployment.rollout_state,
                    "rolloutStateReason": deployment.reason
                    or f"ECS deployment {deployment.id} {deployment.rollout_state.lower()}.",
                    "launchType": "FARGATE",
                }
            )
        self.service.deployments = shown
        under_way = next((one for one in self.deployments if not one.over), None)
        self.service.current_service_deployment = under_way.arn if under_way else None
        self.service.current_service_revisions = [
            {
                "arn": revision.arn,
                "requestedTaskCount": revision.body.count,
                "runningTaskCount": counts[revision.body.id].count("RUNNING"),
                "pendingTaskCount": counts[revision.body.id].count("PENDING"),
            }
            for revision in self.revisions
            if not revision.body.ended
        ]


def _task_set(body: TaskSet, statuses: list[str]) -> dict[str, Any]:
    steady = statuses.count("RUNNING") >= body.count and "PENDING" not in statuses
    return {
        "id": body.id,
        "taskSetArn": body.arn,
        "serviceArn": body.service_arn,
        "clusterArn": body.cluster_arn,
        "startedBy": "CODE_DEPLOY",
        "externalId": body.external_id,
        "status": body.status,
        "taskDefinition": body.task_definition,
        "computedDesiredCount": body.count,
        "runningCount": statuses.count("RUNNING"),
        "pendingCount": statuses.count("PENDING"),
        "createdAt": body.created,
        "updatedAt": body.created,
        "launchType": "FARGATE",
        "loadBalancers": [
            {name: value for name, value in one.items() if name != "advancedConfiguration"}
            for one in body.load_balancers
        ],
        "scale": {"value": 0.0 if body.ended else 100.0, "unit": "PERCENT"},
        "stabilityStatus": "STEADY_STATE" if steady else "STABILIZING",
        "stabilityStatusAt": body.created,
    }


def state_of(service: Any, *, account: str, region: str) -> ServiceState:  # noqa: ANN401  # moto's
    """Return what the engines know of a service: kept on moto's object, so that a new one of its name starts anew."""
    state: ServiceState | None = getattr(service, "rehearsed", None)
    if state is None:
        state = service.rehearsed = ServiceState(service, account, region)
    return state


def find(service: str, *, cluster: str, account: str, region: str) -> ServiceState | None:
    """Return the state of a service by name or ARN, None when there is no such active service."""
    found, _ = ecs_backends[account][region].describe_services(cluster, [service])
    active = [one for one in found if one.status == "ACTIVE"]
    return state_of(active[0], account=account, region=region) if active else None


def all_states() -> list[ServiceState]:
    """Return the states of all active services."""
    return [
        state_of(service, account=account, region=region)
        for account, regions in list(ecs_backends.items())
        for region, backend in list(regions.items())
        for service in list(backend.services.values())
        if service.status == "ACTIVE"
    ]


def remove(state: ServiceState) -> None:
    """End everything that a service runs."""
    for body in task_sets.of_service(state.service.arn):
        if not body.ended:
            body.end()
        if not SETTING.played:
            task_sets.forget(body)
