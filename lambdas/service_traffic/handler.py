"""Entry of the custom resource `Custom::ServiceTraffic`. Always answers CloudFormation, which otherwise waits an hour."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from service_traffic.traffic import carry_out
from shared.cloudformation import Request
from shared.log import logger
from shared.told import Told


class Environment(msgspec.Struct, frozen=True, rename="upper"):
    """Variables that the template sets."""

    prefix: str


def handler(event: Mapping[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda passes both
    """Carry out the request in `event`, and say what came of it."""
    request = msgspec.convert(event, Request)
    service = request.resource_properties.get("Service", request.logical_resource_id)
    logger.append_keys(service=service, request_type=request.request_type, request_id=request.request_id)
    status, reason, data = _outcome(request)
    # The same in each request, so that CloudFormation never takes an update for a replacement.
    physical_id = request.physical_resource_id or f"{os.environ.get('PREFIX', '')}-{service}-traffic"
    request.answer(status, reason, physical_id, data)


def _outcome(request: Request) -> tuple[Literal["SUCCESS", "FAILED"], str, dict[str, str]]:
    try:
        data = carry_out(request, msgspec.convert(dict(os.environ), Environment).prefix)
    except Told as known:
        logger.warning(str(known))
        return "FAILED", str(known), {}
    except Exception as unforeseen:  # noqa: BLE001 - whatever it is, CloudFormation must hear of it
        logger.exception("The rules could not be brought to what the template wants")
        return "FAILED", _unforeseen(unforeseen), {}
    logger.info("The rules are as the template wants them", extra={"rules": data})
    return "SUCCESS", "The rules are as the template wants them", data


def _unforeseen(failure: Exception) -> str:
    """What AWS said, as it names the rule or listener at fault; of anything else the kind, as the rest is in the log."""
    response = getattr(failure, "response", None)
    error = response.get("Error", {}) if isinstance(response, dict) else {}
    told = f"{error['Code']}: {error.get('Message', '')}" if "Code" in error else type(failure).__name__
    return f"The rules could not be brought to what the template wants: {told}"
