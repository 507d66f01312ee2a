"""A call to AWS as a client makes it, and the request that IAM decides about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

ACTION_PREFIXES: Final = {"monitoring": "cloudwatch", "email": "ses", "models.lex": "lex"}
"""Where IAM's name of a service is not the one that requests are signed for (Service Authorization Reference)."""

ACTION_NAMES: Final = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
}
"""Where an API's operation needs an action of another name (Service Authorization Reference)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation with its parameters."""

    signing_name: str
    """Of the service, as botocore's model has it."""
    operation: str
    region: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """The action that IAM asks about."""
        action = f"{ACTION_PREFIXES.get(self.signing_name, self.signing_name)}:{self.operation}"
        return ACTION_NAMES.get(action, action)


@dataclass(frozen=True, slots=True)
class Request:
    """An action on a resource, as IAM decides about it."""

    action: str
    resource: str
    context: Mapping[str, str | list[str]] = field(default_factory=dict)
    """Condition keys and their values, besides the global ones that every request has."""
    because: str = ""
    """What asks: a call, or the service that runs the function."""
    must: bool = True
    """False for what AWS may do with the role and can do without: it makes a statement needed, and fails nothing."""
