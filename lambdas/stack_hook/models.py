"""What CloudFormation asks a Lambda Hook about an operation of a stack, and what it is answered.

CloudFormation Hooks User Guide, "Create Lambda functions to evaluate resources for Lambda Hooks".
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any, Final, Literal

import msgspec

LONGEST_MESSAGE: Final = 4096
"""Characters; CloudFormation cuts off the rest."""


class Target(msgspec.Struct, frozen=True, rename="camel"):
    """What the operation is about."""

    target_name: str
    """`STACK`."""
    payload: str
    """Where both templates can be had for a while: a presigned URL of S3."""


class Request(msgspec.Struct, frozen=True, rename="camel"):
    """The event."""

    client_request_token: str
    stack_id: str
    request_data: Target


class Payload(msgspec.Struct, frozen=True):
    """What lies at the URL. Templates are text, JSON or YAML as they were handed in; CDK's are JSON."""

    template: str


class Answer(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """`error_code` belongs to FAILED alone: what the hook found, or that it could not look."""

    hook_status: Literal["SUCCESS", "FAILED"]
    message: str
    client_request_token: str
    error_code: Literal["NonCompliant", "InternalFailure"] | None = None

    def told(self) -> dict[str, Any]:
        """As Lambda hands it to CloudFormation."""
        answer: dict[str, Any] = msgspec.to_builtins(self)
        return answer | {"message": self.message[:LONGEST_MESSAGE]}


class Settings(msgspec.Struct, frozen=True):
    """The variable HOOK."""

    prefix: str
    """`<application>-<environment>`."""
    regions: list[str]
    """Where tables with a lease are: this site's own first, then the other one's, then the witness's."""


@cache
def settings() -> Settings:
    """The function's own."""
    return msgspec.json.decode(os.environ["HOOK"], type=Settings)
