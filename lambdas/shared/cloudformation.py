"""What CloudFormation sends to a custom resource, and how it is answered.

Shapes: CloudFormation User Guide, "Custom resource request objects" and "response objects".
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.error import URLError

import msgspec

ANSWER_SECONDS: Final = 5
ANSWER_ATTEMPTS: Final = 3
LONGEST_REASON: Final = 2000
"""CloudFormation takes 4096 bytes of answer in all."""


class Request(msgspec.Struct, frozen=True, rename="pascal"):
    """One event. The properties are read apart from it, so that unreadable ones are answered too."""

    request_type: Literal["Create", "Update", "Delete"]
    stack_id: str
    request_id: str
    logical_resource_id: str
    response_url: str = msgspec.field(name="ResponseURL")
    """Signed: whoever has it may answer. Never logged."""
    physical_resource_id: str | None = None
    resource_properties: Mapping[str, Any] = {}
    old_resource_properties: Mapping[str, Any] = {}

    def answer(
        self, status: Literal["SUCCESS", "FAILED"], reason: str, physical_id: str, data: Mapping[str, str] | None = None
    ) -> None:
        """Tell CloudFormation. Raises URLError after some attempts; the URL, which is a credential, is in no message."""
        answer = {
            "Status": status,
            "Reason": reason[:LONGEST_REASON],
            "PhysicalResourceId": physical_id,
            "StackId": self.stack_id,
            "RequestId": self.request_id,
            "LogicalResourceId": self.logical_resource_id,
            "Data": dict(data or {}),
        }
        # S3 has signed the request without a content type.
        request = urllib.request.Request(  # noqa: S310 - CloudFormation's own URL
            self.response_url, data=json.dumps(answer).encode(), method="PUT", headers={"Content-Type": ""}
        )
        for attempt in range(ANSWER_ATTEMPTS):
            try:
                with urllib.request.urlopen(request, timeout=ANSWER_SECONDS):  # noqa: S310
                    return
            except OSError:
                if attempt == ANSWER_ATTEMPTS - 1:
                    raise URLError("CloudFormation's address took no answer") from None
