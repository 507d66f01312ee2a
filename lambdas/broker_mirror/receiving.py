"""Every few minutes in the waiting site: its broker gets what the active site's consists of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from broker_mirror.broker import administered
from broker_mirror.models import OBJECT, Definitions, Settings, settings
from broker_mirror.writing import write
from shared import clock
from shared.attempt import attempt
from shared.aws import client, is_error
from shared.lease_table import holder
from shared.told import Told

STALE_SECONDS: Final = 3600
"""The active site writes every few minutes."""


def handler(event: Mapping[str, Any], context: object) -> Mapping[str, str]:  # noqa: ARG001 - Lambda passes both
    """Add what is missing, unless this region holds the lease itself. Raises Told."""
    received = attempt(lambda: _receive(settings()), {"part": "receive"})
    if received.value is None:
        raise Told(str(received.failure))
    return {"status": received.value}


def _receive(own: Settings) -> str:
    if holder(own.prefix, own.lease_region) == own.region:
        return "this region takes messages itself"
    found = _read(own)
    with administered(own) as management:
        problems = write(management, found.virtual_hosts)
    age = clock.epoch() - found.written_at
    if age > STALE_SECONDS:
        problems.append(f"the active region has written nothing for {age / 60:.0f} minutes")
    if problems:
        raise Told("; ".join(problems))
    return "in step"


def _read(own: Settings) -> Definitions:
    body = None
    try:
        body = client("s3").get_object(Bucket=own.bucket, Key=OBJECT)["Body"].read()
    except Exception as failure:
        # To whom may not list a bucket, S3 does not say that an object is missing.
        if not is_error(failure, "NoSuchKey", "AccessDenied"):
            raise
    if body is None:
        raise Told(f"There is no object {OBJECT} in {own.bucket} to be read: the active region has written nothing yet")
    return msgspec.json.decode(body, type=Definitions)
