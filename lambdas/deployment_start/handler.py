"""Entry of the custom resource `Custom::EcsDeployment`.

When a release has failed, CodeDeploy has gone back to the old version before CloudFormation hears of it, and then
CloudFormation updates this resource back. The library's provider would deploy the old version a second time, beside
itself: minutes for nothing, and while the alarm that ended the release is still red, CodeDeploy ends that deployment too
and leaves the stack in UPDATE_ROLLBACK_FAILED. So an update to what is live already is answered at once; everything
else goes on to the provider, which answers by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from deployment_start.live import Deployment, live
from shared.aws import client
from shared.cloudformation import Request
from shared.log import logger


def handler(event: Mapping[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda passes both
    """Answer, or hand the event on."""
    request = msgspec.convert(event, Request)
    logger.append_keys(resource=request.logical_resource_id, request_type=request.request_type)
    try:
        wanted = msgspec.convert(request.resource_properties, Deployment)
        deployment = _live(request, wanted)
        if deployment is None:
            _hand_on(event, wanted.provider)
    except Exception as failure:  # noqa: BLE001 - whatever it is, CloudFormation must hear of it
        logger.exception("The deployment could not be started")
        reason = f"The deployment could not be started: {type(failure).__name__}; the function's log has the rest"
        request.answer("FAILED", reason, request.physical_resource_id or request.request_id)
        return
    if deployment is not None:
        told = f"{wanted.task_definition} is live already, by {deployment}: there is nothing to deploy"
        logger.info(told)
        physical_id = request.physical_resource_id or deployment
        request.answer("SUCCESS", told, physical_id, {"deploymentId": physical_id})


def _live(request: Request, wanted: Deployment) -> str | None:
    """In doubt it is not live: then the provider does what it would have done without us."""
    if request.request_type != "Update":
        return None
    try:
        return live(wanted)
    except Exception:  # noqa: BLE001 - as said above
        logger.exception("It could not be found out what is live")
        return None


def _hand_on(event: Mapping[str, Any], provider: str) -> None:
    """As CloudFormation itself calls it: asynchronously."""
    client("lambda").invoke(FunctionName=provider, InvocationType="Event", Payload=json.dumps(event).encode())
