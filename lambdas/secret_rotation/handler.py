"""Entry of every rotation function: Secrets Manager's steps, retirement, and CloudFormation's `Custom::Login`, for which a
person asks by `{"Step": "establish", "SecretId": ...}`.

Whatever fails is raised as a sentence without anything of the value in it, as Lambda writes what is raised into its log:
an exception of a driver or of AWS may quote what it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from secret_rotation import attachment, engines, retirement
from secret_rotation.settings import Secret, settings
from secret_rotation.steps import Rotation, Step
from shared.attempt import Attempt, attempt
from shared.cloudformation import Request
from shared.log import logger
from shared.told import Told

LONGEST_SECONDS: Final = 900
"""Lambda's longest time-out."""


class StepRequest(msgspec.Struct, frozen=True, rename="pascal"):
    """Secrets Manager's event (User Guide, "Rotation by Lambda function")."""

    step: Step
    secret_id: str
    client_request_token: Annotated[str, msgspec.Meta(min_length=1)]


class OwnRequest(msgspec.Struct, frozen=True, rename="pascal"):
    """`retire`: the refresh's, when every consumer has moved. `establish`: a person's."""

    step: Literal["retire", "establish"]
    secret_id: str


def handler(event: Mapping[str, Any], context: object) -> Mapping[str, str] | None:
    """Do what the event asks for. Raises Told; a custom resource's failure is answered instead."""
    read = _read(event)
    if read.value is None:
        raise Told(read.failure)
    if isinstance(read.value, Request):
        _answer(read.value)
        return None
    outcome = _carry_out(read.value, context)
    if outcome.failure is not None:
        raise Told(outcome.failure)
    return outcome.value


def _carry_out(request: StepRequest | OwnRequest, context: object) -> Attempt[Mapping[str, str] | None]:
    names = {"secret_id": request.secret_id, "step": request.step}
    if isinstance(request, OwnRequest):
        return attempt(lambda: _own(request, context), names)
    return attempt(lambda: _rotate(request), {**names, "version": request.client_request_token})


def _read(event: Mapping[str, Any]) -> Attempt[StepRequest | OwnRequest | Request]:
    if "RequestType" in event:
        shape: Any = Request
    else:
        shape = OwnRequest if event.get("Step") in ("retire", "establish") else StepRequest
    try:
        return Attempt(msgspec.convert(event, shape))
    except msgspec.ValidationError as failure:
        return Attempt(None, f"This is no request that a rotation function knows: {failure}")


def _rotate(request: StepRequest) -> None:
    secret = _secret(request.secret_id)
    values = engines.values_for(settings(), secret)
    Rotation(settings(), secret, values, request.client_request_token).carry_out(request.step)


def _own(request: OwnRequest, context: object) -> Mapping[str, str]:
    secret = _secret(request.secret_id)
    if request.step == "establish":
        attachment.attach(secret, engines.values_for(settings(), secret))
        return {"status": "SUCCEEDED"}
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    seconds = remaining() / 1000 if remaining is not None else LONGEST_SECONDS
    answer: Any = retirement.retire(settings(), secret, engines.values_for(settings(), secret), seconds)
    logger.info("Retirement", extra={"answer": answer})
    return dict(answer)


def _answer(request: Request) -> None:
    """CloudFormation must hear of it, whatever it is: it waits an hour otherwise."""
    arn = str(request.resource_properties.get("SecretId", ""))
    names = {"secret_id": arn, "step": request.request_type, "request_id": request.request_id}
    outcome = attempt(lambda: _attach(request, arn), names)
    # The same in each request for a secret, so that CloudFormation never takes an update for a replacement.
    physical_id = request.physical_resource_id if request.request_type == "Delete" else arn
    physical_id = physical_id or request.physical_resource_id or request.logical_resource_id
    if outcome.failure is None:
        request.answer("SUCCESS", "The login of the secret is valid", physical_id)
    else:
        request.answer("FAILED", outcome.failure, physical_id)


def _attach(request: Request, arn: str) -> None:
    if request.request_type == "Delete":
        return  # the login goes with its server
    secret = _secret(arn)
    attachment.attach(secret, engines.values_for(settings(), secret))


def _secret(arn: str) -> Secret:
    secret = settings().secret(arn)
    if secret is None:
        raise Told(f"This function does not rotate the secret {arn!r}")
    return secret
