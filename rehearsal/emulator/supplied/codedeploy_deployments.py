"""CodeDeploy: deployments, played by the engine."""

from typing import Any

from moto.codedeploy.responses import CodeDeployResponse
from moto.core.responses import ActionResult

from rehearsal.emulator.engines import codedeploy_plan
from rehearsal.emulator.engines.codedeploy import Deployment
from rehearsal.emulator.engines.codedeploy_views import info, target, target_id
from rehearsal.emulator.supplied.codedeploy import configs, group_of
from rehearsal.emulator.supplied.shelf import given, missing, shelf, supply


def _deployments(response: CodeDeployResponse) -> dict[str, Any]:
    return shelf(response, "codedeploy deployments")


def _deployment(response: CodeDeployResponse) -> Deployment:
    name = given(response, "deploymentId")
    found: Deployment | None = _deployments(response).get(name)
    if found is None:
        raise missing(response, "DeploymentDoesNotExistException", str(name))
    return found


def create_deployment(self: CodeDeployResponse) -> ActionResult:
    """Begin a deployment; one at a time in a group."""
    group = group_of(self)
    busy = [one for one in _deployments(self).values() if one.group is group and not one.over]
    if busy:
        raise missing(
            self, "DeploymentLimitExceededException", f"deployment {busy[0].id} is under way; room for another"
        )
    config = (
        given(self, "deploymentConfigName") or group.get("deploymentConfigName") or "CodeDeployDefault.ECSAllAtOnce"
    )
    revision = given(self, "revision")
    content = (revision.get("appSpecContent") or revision.get("string") or {})["content"]
    try:
        plan = codedeploy_plan.made(
            group,
            configs(self)[config],
            content,
            account=self.current_account,
            region=self.region,
            rollback=given(self, "autoRollbackConfiguration"),
        )
    except codedeploy_plan.PlanError as error:
        raise missing(self, "InvalidRevisionException", str(error)) from error
    deployment = Deployment(
        plan, group=group, config=config, revision=revision, account=self.current_account, region=self.region
    )
    deployment.description = given(self, "description") or ""
    deployment.start(_deployments(self))
    return ActionResult({"deploymentId": deployment.id})


def get_deployment(self: CodeDeployResponse) -> ActionResult:
    """Show a deployment."""
    return ActionResult({"deploymentInfo": info(_deployment(self))})


def batch_get_deployments(self: CodeDeployResponse) -> ActionResult:
    """Show several deployments."""
    wanted = given(self, "deploymentIds")
    return ActionResult({"deploymentsInfo": [info(one) for one in _deployments(self).values() if one.id in wanted]})


def list_deployments(self: CodeDeployResponse) -> ActionResult:
    """List deployments, the latest first, by application, group and status."""
    application, group, statuses = (
        given(self, name) for name in ("applicationName", "deploymentGroupName", "includeOnlyStatuses")
    )
    found = [
        one.id
        for one in reversed(list(_deployments(self).values()))
        if application in (None, one.group["applicationName"])
        and group in (None, one.group["deploymentGroupName"])
        and (not statuses or one.status in statuses)
    ]
    return ActionResult({"deployments": found})


def stop_deployment(self: CodeDeployResponse) -> ActionResult:
    """Stop a deployment, with its rollback when that is asked for."""
    deployment = _deployment(self)
    if deployment.over:
        raise missing(
            self, "DeploymentAlreadyCompletedException", f"deployment {deployment.id} is complete; a running one"
        )
    deployment.stop_wanted = str(given(self, "autoRollbackEnabled")).lower() == "true"
    return ActionResult({"status": "Pending", "statusMessage": "Stop request received"})


def put_lifecycle_event_hook_execution_status(self: CodeDeployResponse) -> ActionResult:
    """Take a hook's verdict."""
    deployment, execution = _deployment(self), given(self, "lifecycleEventHookExecutionId")
    try:
        deployment.answer(execution, given(self, "status"))
    except KeyError as error:
        raise missing(self, "InvalidLifecycleEventHookExecutionIdException", str(execution)) from error
    return ActionResult({"lifecycleEventHookExecutionId": execution})


def list_deployment_targets(self: CodeDeployResponse) -> ActionResult:
    """Name a deployment's one target."""
    return ActionResult({"targetIds": [target_id(_deployment(self))]})


def get_deployment_target(self: CodeDeployResponse) -> ActionResult:
    """Show a deployment's target."""
    return ActionResult({"deploymentTarget": target(_deployment(self))})


def batch_get_deployment_targets(self: CodeDeployResponse) -> ActionResult:
    """Show a deployment's targets."""
    return ActionResult({"deploymentTargets": [target(_deployment(self))]})


def install() -> None:
    """Answer these operations from now on."""
    supply(
        CodeDeployResponse,
        create_deployment=create_deployment,
        get_deployment=get_deployment,
        batch_get_deployments=batch_get_deployments,
        list_deployments=list_deployments,
        stop_deployment=stop_deployment,
        put_lifecycle_event_hook_execution_status=put_lifecycle_event_hook_execution_status,
        list_deployment_targets=list_deployment_targets,
        get_deployment_target=get_deployment_target,
        batch_get_deployment_targets=batch_get_deployment_targets,
    )
