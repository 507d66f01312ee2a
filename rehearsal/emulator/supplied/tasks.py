"""ECS: the tasks of services, and those that run once."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.responses import EC2ContainerServiceResponse

from rehearsal.emulator.engines import one_off_tasks, task_definitions, task_sets
from rehearsal.emulator.supplied.shelf import given, missing, supply

Response = EC2ContainerServiceResponse


def _cluster_arn(response: Response) -> str:
    name = str(given(response, "cluster") or "default").rpartition("/")[2]
    cluster = response.ecs_backend.clusters.get(name)
    if cluster is None:
        raise missing(response, "ClusterNotFoundException", name)
    arn: str = cluster.arn
    return arn


def _tasks(self: Response) -> list[dict[str, Any]]:
    cluster = _cluster_arn(self)
    found = [
        task
        for body in task_sets.all_task_sets()
        if body.cluster_arn == cluster
        for task in task_sets.described_tasks(body)
    ]
    return [*found, *(task.described() for task in one_off_tasks.in_cluster(cluster))]


def describe_tasks(self: Response) -> ActionResult:
    """Show tasks by ARN or ID."""
    wanted = {name.rpartition("/")[2] for name in given(self, "tasks") or []}
    found = [task for task in _tasks(self) if task["taskArn"].rpartition("/")[2] in wanted]
    known = {task["taskArn"].rpartition("/")[2] for task in found}
    failures = [
        {"arn": name, "reason": "MISSING"}
        for name in given(self, "tasks") or []
        if name.rpartition("/")[2] not in known
    ]
    return ActionResult({"tasks": found, "failures": failures})


def list_tasks(self: Response) -> ActionResult:
    """List tasks, those that are wanted to run when nobody says otherwise."""
    service, family, started_by = (given(self, name) for name in ("serviceName", "family", "startedBy"))
    desired = given(self, "desiredStatus") or "RUNNING"
    found = [
        task["taskArn"]
        for task in _tasks(self)
        if task["desiredStatus"] == desired
        and (not service or task["group"] == f"service:{service.rpartition('/')[2]}")
        and (not family or task["taskDefinitionArn"].rpartition("/")[2].rpartition(":")[0] == family)
        and (not started_by or task["startedBy"] == started_by)
    ]
    return ActionResult({"taskArns": found})


def run_task(self: Response) -> ActionResult:
    """Run a task once."""
    cluster = _cluster_arn(self)
    definition = task_definitions.definition_of(
        given(self, "taskDefinition"), account=self.current_account, region=self.region
    )
    task = one_off_tasks.run(
        one_off_tasks.OneOffTask(
            account=self.current_account,
            region=self.region,
            cluster_arn=cluster,
            definition=definition,
            overrides=given(self, "overrides") or {},
            started_by=given(self, "startedBy") or "",
            client_token=given(self, "clientToken") or "",
        )
    )
    return ActionResult({"tasks": [task.described()], "failures": []})


def stop_task(self: Response) -> ActionResult:
    """Stop a one-off task."""
    wanted = str(given(self, "task")).rpartition("/")[2]
    cluster = _cluster_arn(self)
    for task in one_off_tasks.in_cluster(cluster):
        if task.id == wanted:
            task.stopped_reason = given(self, "reason") or "stopped"
            return ActionResult({"task": task.described()})
    raise missing(self, "InvalidParameterException", f"The referenced task {wanted} was")


def install() -> None:
    """Answer these operations from now on."""
    supply(Response, describe_tasks=describe_tasks, list_tasks=list_tasks, run_task=run_task, stop_task=stop_task)
