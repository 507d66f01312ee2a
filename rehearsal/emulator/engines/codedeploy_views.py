"""Deployments as CodeDeploy's API shows them."""

from typing import Any

from rehearsal.emulator.engines.codedeploy import Deployment


def info(deployment: Deployment) -> dict[str, Any]:
    """Return a deployment as GetDeployment shows it."""
    group = deployment.group
    shown = {
        "applicationName": group["applicationName"],
        "deploymentGroupName": group["deploymentGroupName"],
        "deploymentConfigName": deployment.config,
        "deploymentId": deployment.id,
        "revision": deployment.revision,
        "status": deployment.status,
        "errorInformation": deployment.error or None,
        "createTime": deployment.created,
        "startTime": deployment.started,
        "completeTime": deployment.completed,
        "description": deployment.description or None,
        "creator": deployment.creator,
        "autoRollbackConfiguration": group.get("autoRollbackConfiguration"),
        "rollbackInfo": deployment.rollback or None,
        "deploymentStyle": group.get("deploymentStyle"),
        "blueGreenDeploymentConfiguration": group.get("blueGreenDeploymentConfiguration"),
        "loadBalancerInfo": group.get("loadBalancerInfo"),
        "instanceTerminationWaitTimeStarted": deployment.terminating,
        "computePlatform": "ECS",
    }
    return {name: value for name, value in shown.items() if value is not None}


def target_id(deployment: Deployment) -> str:
    """Return the ID of a deployment's one target: `cluster:service`."""
    service = deployment.plan.state.service
    return f"{service.cluster_name}:{service.name}"


def target(deployment: Deployment) -> dict[str, Any]:
    """Return a deployment's target as GetDeploymentTarget shows it."""
    plan = deployment.plan
    place = f"arn:aws:codedeploy:{deployment.region}:{deployment.account}"
    sets = [_task_set(plan.original.body, "Blue", plan.original_group, 100 - deployment.production_share)]
    if deployment.replacement:
        body = deployment.replacement.body
        sets.append(_task_set(body, "Green", plan.replacement_group, deployment.production_share))
    status = {"Created": "Pending", "InProgress": "InProgress", "Succeeded": "Succeeded"}.get(
        deployment.status, "Failed"
    )
    return {
        "deploymentTargetType": "ECSTarget",
        "ecsTarget": {
            "deploymentId": deployment.id,
            "targetId": target_id(deployment),
            "targetArn": f"{place}:deploymenttarget/{deployment.id}/{target_id(deployment)}",
            "lastUpdatedAt": deployment.completed or deployment.started or deployment.created,
            "lifecycleEvents": [dict(event) for event in deployment.events.values()],
            "status": status,
            "taskSetsInfo": sets,
        },
    }


def _task_set(body: Any, label: str, group: str, share: int) -> dict[str, Any]:  # noqa: ANN401  # a TaskSet
    statuses = [task.status for task in body.tasks()]
    return {
        "identifer": body.id,  # as the API spells it
        "desiredCount": body.count,
        "pendingCount": statuses.count("PENDING"),
        "runningCount": statuses.count("RUNNING"),
        "status": body.status,
        "trafficWeight": float(share),
        "targetGroup": {"name": group.split("/")[1]},
        "taskSetLabel": label,
    }
