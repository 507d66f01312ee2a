"""Which region users' requests go to: key `active` of the key-value store at the edge.

The store's API is a data plane that belongs to no region (`<account>.cloudfront-kvs.global.api.aws`) and takes signatures of
version 4A alone: a function that uses this has the signing layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared import aws
from shared.told import Told

KEY: Final = "active"
ATTEMPTS: Final = 5
"""Nobody else writes into the store but a failover of the other site, and their lock and lease let only one of them get here."""


@dataclass(frozen=True, slots=True)
class Switched:
    """What the store said before, None without the key; and whether that was anything else than what it says now."""

    before: str | None
    changed: bool


def active(store_arn: str) -> str | None:
    """The region that the store names; None as long as nobody has ever switched, and the spec's active region holds."""
    try:
        return aws.client("cloudfront-keyvaluestore").get_key(KvsARN=store_arn, Key=KEY)["Value"]
    except Exception as failure:
        if aws.is_error(failure, "ResourceNotFoundException") and _exists(store_arn):
            return None
        raise


def switch(store_arn: str, region: str) -> Switched:
    """Have requests go to `region`. What is so already is left alone, so a step that died can be run again.

    Edge locations hear of it within about half a minute (decision 18); `probe.routed` tells what the nearest one knows.

    Raises:
        Told: somebody else changed the store each time between reading and writing.
    """
    before: str | None = None
    for attempt in range(ATTEMPTS):
        # The ETag first: whatever is changed after it makes the writing fail, so what is read now is what is replaced.
        etag = _etag(store_arn)
        found = active(store_arn)
        before = found if attempt == 0 else before
        if found == region:
            return Switched(before, changed=before != region)
        try:
            aws.client("cloudfront-keyvaluestore").put_key(KvsARN=store_arn, Key=KEY, Value=region, IfMatch=etag)
        except Exception as failure:
            if not aws.is_error(failure, "ConflictException"):
                raise
            continue
        return Switched(before, changed=True)
    raise Told(
        f"the key-value store was changed by somebody else {ATTEMPTS} times: who switches traffic besides this failover?"
    )


def _etag(store_arn: str) -> str:
    return aws.client("cloudfront-keyvaluestore").describe_key_value_store(KvsARN=store_arn)["ETag"]


def _exists(store_arn: str) -> bool:
    """A store that is gone answers as a key that is not there: then this raises what it says of the store."""
    return bool(_etag(store_arn))
