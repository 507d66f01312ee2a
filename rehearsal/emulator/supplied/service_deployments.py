"""ECS: service deployments and service revisions, which moto does not know."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.responses import EC2ContainerServiceResponse

from rehearsal.emulator.engines import service_state, task_definitions
from rehearsal.emulator.engines.service_deployment import ServiceDeployment
from rehearsal.emulator.engines.service_state import Revision
from rehearsal.emulator.supplied.shelf import given, missing, supply

Response = EC2ContainerServiceResponse
OF_A_REVISION = (
    "capacityProviderStrategy",
    "networkConfiguration",
    "platformVersion",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "volumeConfigurations",
)


def _deployments(self: Response) -> list[ServiceDeployment]:
    states = [
        one for one in service_state.all_states() if (one.account, one.region) == (self.current_account, self.region)
    ]
    return [deployment for state in states for deployment in state.deployments]


def list_service_deployments(self: Response) -> ActionResult:
    """List a service's deployments, the latest first."""
    service, statuses = given(self, "service"), given(self, "status") or []
    found = [
        one
        for one in reversed(_deployments(self))
        if service in (one.state.service.arn, one.state.service.name) and (not statuses or one.status in statuses)
    ]
    return ActionResult({"serviceDeployments": [_brief(one) for one in found]})


def describe_service_deployments(self: Response) -> ActionResult:
    """Show service deployments by ARN."""
    wanted = given(self, "serviceDeploymentArns")
    found = [one for one in _deployments(self) if one.arn in wanted]
    known = {one.arn for one in found}
    return ActionResult(
        {
            "serviceDeployments": [_whole(one) for one in found],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
        }
    )


def stop_service_deployment(self: Response) -> ActionResult:
    """Stop a service deployment, which goes back to the previous revision."""
    arn = given(self, "serviceDeploymentArn")
    found = next((one for one in _deployments(self) if one.arn == arn and not one.over), None)
    if found is None:
        raise missing(self, "ServiceDeploymentNotFoundException", str(arn))
    found.stop_requested = True
    return ActionResult({"serviceDeploymentArn": arn})


def describe_service_revisions(self: Response) -> ActionResult:
    """Show service revisions by ARN."""
    wanted = given(self, "serviceRevisionArns")
    states = [
        one for one in service_state.all_states() if (one.account, one.region) == (self.current_account, self.region)
    ]
    found = [revision for state in states for revision in state.revisions if revision.arn in wanted]
    known = {one.arn for one in found}
    return ActionResult(
        {
            "serviceRevisions": [_revision(one) for one in found],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
        }
    )


def _brief(deployment: ServiceDeployment) -> dict[str, Any]:
    return {
        "serviceDeploymentArn": deployment.arn,
        "serviceArn": deployment.state.service.arn,
        "clusterArn": deployment.state.service.cluster_arn,
        "createdAt": deployment.created,
        "startedAt": deployment.created,
        **({"finishedAt": deployment.finished} if deployment.finished else {}),
        "targetServiceRevisionArn": deployment.target.arn,
        "status": deployment.status,
        "statusReason": deployment.reason,
    }


def _whole(deployment: ServiceDeployment) -> dict[str, Any]:
    brief = {name: value for name, value in _brief(deployment).items() if name != "targetServiceRevisionArn"}
    test, production = deployment.test_share, deployment.production_share
    sources = [_summary(deployment.source, 100 - test, 100 - production)] if deployment.source else []
    rolled_back = deployment.source if deployment.status.startswith("ROLLBACK") else None
    return {
        **brief,
        "updatedAt": deployment.updated,
        "sourceServiceRevisions": sources,
        "targetServiceRevision": _summary(deployment.target, test, production),
        "lifecycleStage": deployment.stage,
        "deploymentConfiguration": deployment.state.configuration,
        "deploymentCircuitBreaker": {"failureCount": len(deployment.failed_tasks)},
        "alarms": {
            "status": deployment.alarms_status,
            "alarmNames": deployment.alarm_names,
            "triggeredAlarmNames": deployment.triggered,
        },
        **({"rollback": {"reason": deployment.reason, "serviceRevisionArn": rolled_back.arn}} if rolled_back else {}),
    }


def _summary(revision: Revision, test: float, production: float) -> dict[str, Any]:
    statuses = [task.status for task in revision.body.tasks()]
    return {
        "arn": revision.arn,
        "requestedTaskCount": revision.body.count,
        "runningTaskCount": statuses.count("RUNNING"),
        "pendingTaskCount": statuses.count("PENDING"),
        "requestedTestTrafficWeight": float(test),
        "requestedProductionTrafficWeight": float(production),
    }


def _revision(revision: Revision) -> dict[str, Any]:
    body = revision.body
    return {
        "serviceRevisionArn": revision.arn,
        "serviceArn": body.service_arn,
        "clusterArn": body.cluster_arn,
        "taskDefinition": body.task_definition,
        "launchType": "FARGATE",
        **{name: revision.given[name] for name in OF_A_REVISION if revision.given.get(name) is not None},
        "loadBalancers": body.load_balancers,
        "containerImages": [
            {"containerName": one["name"], "image": one["image"], "imageDigest": task_definitions.digest(one["image"])}
            for one in body.definition.container_definitions
        ],
        "createdAt": revision.created,
        "resolvedConfiguration": {
            "loadBalancers": [_resolved(one) for one in body.load_balancers],
        },
    }


def _resolved(balancer: dict[str, Any]) -> dict[str, Any]:
    rule = (balancer.get("advancedConfiguration") or {}).get("productionListenerRule")
    return {"targetGroupArn": balancer.get("targetGroupArn"), **({"productionListenerRule": rule} if rule else {})}


def install() -> None:
    """Answer these operations from now on."""
    supply(
        Response,
        list_service_deployments=list_service_deployments,
        describe_service_deployments=describe_service_deployments,
        stop_service_deployment=stop_service_deployment,
        describe_service_revisions=describe_service_revisions,
    )
