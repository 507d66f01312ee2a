"""cdklabs' `EcsDeployment`, played here as its provider does it: that is written for Node.js, which is not run.

Read in cdklabs.ecs-codedeploy 0.0.462 (assets/ecs-deployment-provider): creating and updating call CreateDeployment,
then wait by asking every 15 seconds until the deployment has ended, and its rollback too; a failure is told as
`Deployment <status>: [<code>] <message>`; deleting stops the deployment and ignores every error. The time-out is that
of the provider's waiter state machine. CloudFormation removes the deployment of before, which has another ID, after
an update: for a finished deployment that stops nothing.
"""

import json
from typing import Any

from rehearsal.emulator import custom_resources
from rehearsal.emulator.apis import ApiError, Apis
from rehearsal.emulator.engines.setting import SETTING

ASK_SECONDS = 15.0
TIMEOUT_SECONDS = 1800.0
"Where the waiter cannot be found: the construct's default of 30 minutes."
FINAL = frozenset({"Succeeded", "Failed", "Stopped"})


class DeploymentError(Exception):
    """What the provider's function raises."""


def provide(event: dict[str, Any], function: str, apis: Apis) -> None:
    """Do what the provider does with CloudFormation's event, which `function`, its entry, was called with, and answer."""
    deployment = str(event.get("PhysicalResourceId") or "")
    answer = {"Status": "SUCCESS", **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}}
    try:
        if event["RequestType"] == "Delete":
            _stop(deployment, apis)
        else:
            deployment = _deploy(event["ResourceProperties"], apis)
            answer["Data"] = {"deploymentId": deployment}
            _await_end(deployment, apis, _timeout(function, apis))
    except (ApiError, DeploymentError) as error:
        answer |= {"Status": "FAILED", "Reason": str(error)}
    custom_resources.receive(event["ResponseURL"], json.dumps(answer | {"PhysicalResourceId": deployment}).encode())


def _stop(deployment: str, apis: Apis) -> None:
    """Stop the deployment if it is still going on."""
    try:
        apis.call("codedeploy", "stop_deployment", {"deploymentId": deployment, "autoRollbackEnabled": True})
    except ApiError:
        return  # as the provider: there is nothing to do


def _deploy(properties: dict[str, Any], apis: Apis) -> str:
    """Return the ID of a new deployment."""
    wanted: dict[str, Any] = {
        "applicationName": properties["applicationName"],
        "deploymentGroupName": properties["deploymentGroupName"],
        "revision": {
            "revisionType": "AppSpecContent",
            "appSpecContent": {"content": properties["revisionAppSpecContent"]},
        },
    }
    for name in ("deploymentConfigName", "description"):
        if properties.get(name):
            wanted[name] = properties[name]
    enabled = str(properties.get("autoRollbackConfigurationEnabled", "")).lower()
    if enabled:
        events = str(properties.get("autoRollbackConfigurationEvents") or "")
        wanted["autoRollbackConfiguration"] = {
            "enabled": enabled == "true",
            **({"events": events.split(",")} if enabled == "true" and events else {}),
        }
    return str(apis.call("codedeploy", "create_deployment", wanted)["deploymentId"])


def _await_end(deployment: str, apis: Apis, timeout: float) -> None:
    deadline = SETTING.clock.epoch() + timeout
    while True:
        info = _info(deployment, apis)
        if info["status"] == "Succeeded":
            return
        if info["status"] in FINAL:
            rollback = info.get("rollbackInfo", {}).get("rollbackDeploymentId")
            if not rollback or _info(rollback, apis)["status"] in FINAL:
                error = info.get("errorInformation", {})
                raise DeploymentError(f"Deployment {info['status']}: [{error.get('code')}] {error.get('message')}")
        if SETTING.clock.epoch() > deadline:
            raise DeploymentError("Operation timed out")
        SETTING.clock.sleep(ASK_SECONDS if SETTING.played else 0.05)


def _info(deployment: str, apis: Apis) -> dict[str, Any]:
    info: dict[str, Any] = apis.call("codedeploy", "get_deployment", {"deploymentId": deployment})["deploymentInfo"]
    return info


def _timeout(token: str, apis: Apis) -> float:
    """Return how long the provider's waiter waits: its attempts, one per interval."""
    try:
        settings = apis.call("lambda", "get_function_configuration", {"FunctionName": token})
        machine = settings["Environment"]["Variables"]["WAITER_STATE_MACHINE_ARN"]
        described = apis.call("stepfunctions", "describe_state_machine", {"stateMachineArn": machine})
        states = json.loads(described["definition"])["States"].values()
        retry = next(retry for state in states for retry in state.get("Retry", []))
        return float(retry["IntervalSeconds"] * retry["MaxAttempts"])
    except (ApiError, KeyError, StopIteration):
        return TIMEOUT_SECONDS
