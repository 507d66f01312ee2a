"""The custom resource `Custom::ImageReplication`, and the clock's hourly look whether its rule is still there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from image_replication import registry
from image_replication.models import settings
from shared.attempt import attempt
from shared.cloudformation import Request
from shared.told import Told


def handler(event: Mapping[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda passes both
    """Do what CloudFormation asks for and answer it; or look. Raises Told where the clock asked and it failed."""
    if "RequestType" not in event:
        looked = attempt(lambda: registry.replicate(settings()), {"step": "look"})
        if looked.failure is not None:
            raise Told(looked.failure)
        return
    request = msgspec.convert(event, Request)
    outcome = attempt(lambda: _carry_out(request), {"step": request.request_type, "request_id": request.request_id})
    # The same in every request, so that CloudFormation never takes an update for a replacement.
    physical_id = request.physical_resource_id or f"{settings().prefix}/"
    if outcome.failure is None:
        request.answer("SUCCESS", "The registry copies the environment's images", physical_id)
    else:
        request.answer("FAILED", outcome.failure, physical_id)


def _carry_out(request: Request) -> None:
    if request.request_type == "Delete":
        registry.stop(settings())
    else:
        registry.replicate(settings())
