"""Sets of equal tasks of a service: what ECS and CodeDeploy start, watch and stop."""

import hashlib
import threading
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.elbv2.models import elbv2_backends

from rehearsal.emulator.engines import task_definitions
from rehearsal.emulator.engines.data_plane import TaskSetOrder, TaskState
from rehearsal.emulator.engines.setting import SETTING, now
from rehearsal.emulator.engines.traffic import deregistration_seconds

_BY_SERVICE: dict[str, list["TaskSet"]] = defaultdict(list)
_LOCK = threading.Lock()


@dataclass(kw_only=True, eq=False)
class TaskSet:
    """Tasks of one task definition in the same target groups."""

    account: str
    region: str
    cluster_arn: str
    service_arn: str
    task_definition: str
    count: int
    load_balancers: list[dict[str, Any]]
    "As the service has them, each with its `targetGroupArn`."
    external_id: str = ""
    status: str = "ACTIVE"
    "ACTIVE, PRIMARY or DRAINING."
    id: str = field(default_factory=lambda: f"ecs-svc/{uuid.uuid4().int % 10**19:019d}")
    created: datetime = field(default_factory=now)
    begun: bool = False
    ended: bool = False

    @property
    def service_name(self) -> str:
        """The service's name."""
        return self.service_arn.rpartition("/")[2]

    @property
    def cluster_name(self) -> str:
        """The cluster's name."""
        return self.cluster_arn.rpartition("/")[2]

    @property
    def arn(self) -> str:
        """The task set's ARN."""
        place = f"arn:aws:ecs:{self.region}:{self.account}:task-set"
        return f"{place}/{self.cluster_name}/{self.service_name}/{self.id}"

    @property
    def name(self) -> str:
        """The name by which the data plane knows it."""
        return f"{self.service_name}-{self.id.rpartition('/')[2]}"

    @property
    def target_groups(self) -> tuple[str, ...]:
        """Where its tasks are registered."""
        return tuple(one["targetGroupArn"] for one in self.load_balancers if one.get("targetGroupArn"))

    @property
    def definition(self) -> Any:  # noqa: ANN401  # moto's
        """The task definition."""
        return task_definitions.definition_of(self.task_definition, account=self.account, region=self.region)

    @property
    def main(self) -> dict[str, Any]:
        """The container that requests go to."""
        named = next((one.get("containerName") for one in self.load_balancers), None)
        return task_definitions.container(self.definition, named)

    def begin(self) -> None:
        """Have the tasks started, or as many as the count now says."""
        with _LOCK:
            if self not in _BY_SERVICE[self.service_arn]:
                _BY_SERVICE[self.service_arn].append(self)
        self.begun = True
        port = next((int(one["containerPort"]) for one in self.load_balancers if one.get("containerPort")), 0)
        SETTING.data_plane.start(
            TaskSetOrder(
                id=self.name,
                service=self.service_name,
                count=self.count,
                image_digest=task_definitions.digest(self.main["image"]),
                task_definition=self.task_definition,
                target_groups=self.target_groups,
                port=port,
            )
        )

    def end(self) -> None:
        """Have the tasks drained and stopped."""
        self.status, self.ended, self.count = "DRAINING", True, 0
        if not self.begun:
            return
        groups = elbv2_backends[self.account][self.region].target_groups
        waits = [deregistration_seconds(groups[arn]) for arn in self.target_groups if arn in groups]
        SETTING.data_plane.stop(
            self.name,
            deregistration_seconds=max(waits, default=0),
            stop_seconds=task_definitions.stop_seconds(self.definition),
        )

    def tasks(self) -> list[TaskState]:
        """Return what became of its tasks."""
        if not self.begun:
            return []
        return SETTING.data_plane.tasks(self.name)

    def steady(self) -> bool:
        """Tell whether as many tasks as wanted run, and are healthy wherever they are registered."""
        good = [
            task
            for task in self.tasks()
            if task.status == "RUNNING" and all(task.health.get(arn) == "healthy" for arn in self.target_groups)
        ]
        return len(good) >= self.count

    def failed(self) -> set[str]:
        """Return the IDs of tasks that ended without having been asked to, or that are unhealthy."""
        return {task.id for task in self.tasks() if task.status == "STOPPED" or "unhealthy" in task.health.values()}


def of_service(service_arn: str) -> list[TaskSet]:
    """Return a service's task sets, those that drain included while they have tasks."""
    with _LOCK:
        return list(_BY_SERVICE.get(service_arn, ()))


def all_task_sets() -> list[TaskSet]:
    """Return the task sets of every service."""
    with _LOCK:
        return [one for many in _BY_SERVICE.values() for one in many]


def forget(task_set: TaskSet) -> None:
    """Know a task set no longer."""
    with _LOCK:
        if task_set in _BY_SERVICE[task_set.service_arn]:
            _BY_SERVICE[task_set.service_arn].remove(task_set)


def described_tasks(task_set: TaskSet) -> list[dict[str, Any]]:
    """Return the tasks as DescribeTasks shows them."""
    return [_described(task_set, task) for task in task_set.tasks()]


def _described(task_set: TaskSet, task: TaskState) -> dict[str, Any]:
    name = hashlib.sha256(f"{task_set.name}/{task.id}".encode()).hexdigest()[:32]
    arn = f"arn:aws:ecs:{task_set.region}:{task_set.account}:task/{task_set.cluster_name}/{name}"
    main = task_set.main["name"]
    containers = [
        {
            "name": one["name"],
            "image": one["image"],
            "imageDigest": task_definitions.digest(one["image"]),
            "containerArn": f"{arn.replace(':task/', ':container/')}/{one['name']}",
            "taskArn": arn,
            "lastStatus": task.status,
            "healthStatus": "UNKNOWN",
            "networkInterfaces": [{"attachmentId": name, "privateIpv4Address": task.address}],
            **({"exitCode": task.exit_code} if one["name"] == main and task.exit_code is not None else {}),
        }
        for one in task_set.definition.container_definitions
    ]
    leaving = task_set.ended or task.status == "STOPPED"
    return {
        "taskArn": arn,
        "clusterArn": task_set.cluster_arn,
        "taskDefinitionArn": task_set.task_definition,
        "group": f"service:{task_set.service_name}",
        "startedBy": task_set.id,
        "lastStatus": task.status,
        "desiredStatus": "STOPPED" if leaving else "RUNNING",
        "launchType": "FARGATE",
        "healthStatus": "UNKNOWN",
        "containers": containers,
        "createdAt": task_set.created,
        **({"startedAt": task_set.created} if task.status != "PENDING" else {}),
        **({"stopCode": "EssentialContainerExited"} if task.status == "STOPPED" else {}),
    }


def target_health(group_arn: str) -> list[dict[str, Any]]:
    """Return the targets of a target group as DescribeTargetHealth shows them."""
    return [
        {
            "Target": {"Id": task.address, "Port": task.port},
            "HealthCheckPort": str(task.port),
            "TargetHealth": {"State": task.health[group_arn]},
        }
        for task_set in all_task_sets()
        if group_arn in task_set.target_groups
        for task in task_set.tasks()
        if group_arn in task.health and task.status != "STOPPED"
    ]
