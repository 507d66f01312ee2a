"""CodeDeploy: applications, deployment configurations and groups; moto forgets most of a group and deletes nothing."""

import uuid
from typing import Any

from moto.codedeploy.responses import CodeDeployResponse
from moto.core.responses import ActionResult, EmptyResult

from rehearsal.emulator.engines.codedeploy_plan import STOCK_CONFIGS
from rehearsal.emulator.engines.setting import SETTING
from rehearsal.emulator.supplied.shelf import Things, given, missing, shelf, supply

GROUP = (
    "deploymentConfigName",
    "ecsServices",
    "serviceRoleArn",
    "alarmConfiguration",
    "autoRollbackConfiguration",
    "deploymentStyle",
    "blueGreenDeploymentConfiguration",
    "loadBalancerInfo",
    "triggerConfigurations",
    "outdatedInstancesStrategy",
    "terminationHookEnabled",
)


def applications(response: CodeDeployResponse) -> Things:
    """Return the applications by name."""
    return shelf(response, "codedeploy applications")


def configs(response: CodeDeployResponse) -> Things:
    """Return the deployment configurations by name, AWS's own among them."""
    known = shelf(response, "codedeploy configs")
    for name, routing in STOCK_CONFIGS.items():
        known.setdefault(
            name, {"deploymentConfigName": name, "computePlatform": "ECS", "trafficRoutingConfig": routing}
        )
    return known


def group_of(response: CodeDeployResponse) -> dict[str, Any]:
    """Return the deployment group that a request names."""
    application, name = given(response, "applicationName"), given(response, "deploymentGroupName")
    found = shelf(response, "codedeploy groups").get(f"{application}/{name}")
    if found is None:
        raise missing(response, "DeploymentGroupDoesNotExistException", str(name))
    return found


def create_application(self: CodeDeployResponse) -> ActionResult:
    """Keep an application."""
    name = given(self, "applicationName")
    if name in applications(self):
        raise missing(self, "ApplicationAlreadyExistsException", name)
    made = {
        "applicationId": str(uuid.uuid4()),
        "applicationName": name,
        "computePlatform": given(self, "computePlatform") or "Server",
        "createTime": SETTING.clock.now(),
    }
    applications(self)[name] = made
    return ActionResult({"applicationId": made["applicationId"]})


def get_application(self: CodeDeployResponse) -> ActionResult:
    """Show an application."""
    name = given(self, "applicationName")
    if name not in applications(self):
        raise missing(self, "ApplicationDoesNotExistException", name)
    return ActionResult({"application": applications(self)[name]})


def list_applications(self: CodeDeployResponse) -> ActionResult:
    """List applications."""
    return ActionResult({"applications": list(applications(self))})


def delete_application(self: CodeDeployResponse) -> EmptyResult:
    """Drop an application with its groups."""
    name = given(self, "applicationName")
    applications(self).pop(name, None)
    groups = shelf(self, "codedeploy groups")
    for key in [key for key in groups if key.startswith(f"{name}/")]:
        del groups[key]
    return EmptyResult()


def create_deployment_config(self: CodeDeployResponse) -> ActionResult:
    """Keep a deployment configuration."""
    name = given(self, "deploymentConfigName")
    if name in configs(self):
        raise missing(self, "DeploymentConfigAlreadyExistsException", name)
    made = {
        "deploymentConfigId": str(uuid.uuid4()),
        "deploymentConfigName": name,
        "computePlatform": given(self, "computePlatform") or "Server",
        "trafficRoutingConfig": given(self, "trafficRoutingConfig") or {"type": "AllAtOnce"},
        "createTime": SETTING.clock.now(),
    }
    configs(self)[name] = made
    return ActionResult({"deploymentConfigId": made["deploymentConfigId"]})


def get_deployment_config(self: CodeDeployResponse) -> ActionResult:
    """Show a deployment configuration."""
    name = given(self, "deploymentConfigName")
    if name not in configs(self):
        raise missing(self, "DeploymentConfigDoesNotExistException", name)
    return ActionResult({"deploymentConfigInfo": configs(self)[name]})


def list_deployment_configs(self: CodeDeployResponse) -> ActionResult:
    """List deployment configurations."""
    return ActionResult({"deploymentConfigsList": list(configs(self))})


def delete_deployment_config(self: CodeDeployResponse) -> EmptyResult:
    """Drop a deployment configuration."""
    configs(self).pop(given(self, "deploymentConfigName"), None)
    return EmptyResult()


def create_deployment_group(self: CodeDeployResponse) -> ActionResult:
    """Keep a deployment group."""
    application, name = given(self, "applicationName"), given(self, "deploymentGroupName")
    if application not in applications(self):
        raise missing(self, "ApplicationDoesNotExistException", application)
    groups = shelf(self, "codedeploy groups")
    if f"{application}/{name}" in groups:
        raise missing(self, "DeploymentGroupAlreadyExistsException", name)
    made = {
        "applicationName": application,
        "deploymentGroupName": name,
        "deploymentGroupId": str(uuid.uuid4()),
        "computePlatform": "ECS",
        **{field: value for field in GROUP if (value := given(self, field)) is not None},
    }
    groups[f"{application}/{name}"] = made
    return ActionResult({"deploymentGroupId": made["deploymentGroupId"]})


def update_deployment_group(self: CodeDeployResponse) -> ActionResult:
    """Change what of a deployment group is given."""
    application, name = given(self, "applicationName"), given(self, "currentDeploymentGroupName")
    groups = shelf(self, "codedeploy groups")
    if f"{application}/{name}" not in groups:
        raise missing(self, "DeploymentGroupDoesNotExistException", name)
    changes = {field: value for field in GROUP if (value := given(self, field)) is not None}
    groups[f"{application}/{name}"].update(changes)
    return ActionResult({})


def get_deployment_group(self: CodeDeployResponse) -> ActionResult:
    """Show a deployment group."""
    return ActionResult({"deploymentGroupInfo": group_of(self)})


def list_deployment_groups(self: CodeDeployResponse) -> ActionResult:
    """List an application's groups."""
    application = given(self, "applicationName")
    groups = shelf(self, "codedeploy groups").values()
    names = [group["deploymentGroupName"] for group in groups if group["applicationName"] == application]
    return ActionResult({"applicationName": application, "deploymentGroups": names})


def delete_deployment_group(self: CodeDeployResponse) -> ActionResult:
    """Drop a deployment group."""
    key = f"{given(self, 'applicationName')}/{given(self, 'deploymentGroupName')}"
    shelf(self, "codedeploy groups").pop(key, None)
    return ActionResult({"hooksNotCleanedUp": []})


def install() -> None:
    """Answer these operations from now on."""
    supply(
        CodeDeployResponse,
        create_application=create_application,
        get_application=get_application,
        list_applications=list_applications,
        delete_application=delete_application,
        create_deployment_config=create_deployment_config,
        get_deployment_config=get_deployment_config,
        list_deployment_configs=list_deployment_configs,
        delete_deployment_config=delete_deployment_config,
        create_deployment_group=create_deployment_group,
        update_deployment_group=update_deployment_group,
        get_deployment_group=get_deployment_group,
        list_deployment_groups=list_deployment_groups,
        delete_deployment_group=delete_deployment_group,
    )
