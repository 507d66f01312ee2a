"""Every few minutes in the active site: what the broker consists of is written into the waiting site's bucket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from broker_mirror.broker import administered
from broker_mirror.models import OBJECT, Definitions, Settings, settings
from broker_mirror.reading import virtual_hosts
from shared import clock
from shared.attempt import attempt
from shared.aws import client
from shared.lease_table import holder
from shared.told import Told


def handler(event: Mapping[str, Any], context: object) -> Mapping[str, str]:  # noqa: ARG001 - Lambda passes both
    """Write it, unless another region holds the lease. Raises Told."""
    sent = attempt(lambda: _send(settings()), {"part": "send"})
    if sent.value is None:
        raise Told(str(sent.failure))
    return {"status": sent.value}


def _send(own: Settings) -> str:
    held = holder(own.prefix, own.lease_region)
    if held != own.region:
        return f"the lease is held by {held or 'nobody'}"
    with administered(own) as management:
        found = Definitions(clock.epoch(), virtual_hosts(management))
    client("s3", own.lease_region).put_object(
        Bucket=own.bucket, Key=OBJECT, Body=msgspec.json.encode(found), ContentType="application/json"
    )
    return "written"
