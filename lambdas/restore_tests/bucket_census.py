"""Counts and samples the objects of a bucket."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from typing import Any, Final

from shared import clock
from shared.aws import client, error_sentence, is_error
from shared.census import Census, Part, Unreadable

PART: Final = "objects"
SAMPLED: Final = 50
RECENT: Final = 20
LISTED: Final = 500_000
"""More are not counted: five hundred calls, some two minutes."""
HASHED_BYTES: Final = 32 * 1024 * 1024
"""Of a larger object the size alone is compared."""
CHUNK: Final = 1024 * 1024
UNREADABLE: Final = (
    "403",
    "AccessDenied",
    "KMS.DisabledException",
    "KMS.KMSInvalidStateException",
    "KMS.NotFoundException",
)
"""A copy whose key is disabled, gone, or not for its reader (S3 API, error responses; KMS)."""


def take(bucket: str) -> Census:
    """Of the live bucket. Those objects are sampled whose keys have the smallest hashes: the same ones each time, however
    many come in between.
    """
    taken_at = clock.epoch()
    count, stopped, sampled, recent = _listed(bucket)
    sample = {key: digest for key in sampled if (digest := _digest(bucket, key)) is not None}
    part = Part(
        count,
        estimated=stopped,
        newest=max(recent.values(), default=None),
        sample=sample,
        recent=recent,
    )
    return Census(taken_at, {PART: part})


def take_of_copy(bucket: str, expected: Part) -> Census:
    """Of a restored bucket: what the manifest sampled, and which of its newest are there. Raises Unreadable.

    A restored object says when it was restored; when it was written stands in the manifest.
    """
    taken_at = clock.epoch()
    count, stopped, _, _ = _listed(bucket)
    sample = {key: digest for key in expected.sample if (digest := _digest(bucket, key)) is not None}
    there = {key: moment for key, moment in expected.recent.items() if _exists(bucket, key)}
    newest = max(there.values(), default=None)
    return Census(taken_at, {PART: Part(count, estimated=stopped, newest=newest, sample=sample, recent=there)})


def _listed(bucket: str) -> tuple[int, bool, Collection[str], dict[str, float]]:
    """Number of objects, whether there are more, keys of the sample, the newest with their times."""
    smallest: list[tuple[int, str]] = []
    newest: list[tuple[float, str]] = []
    count = 0
    for item in _items(bucket):
        count += 1
        key = item["Key"]
        _keep(smallest, (-int(hashlib.sha256(key.encode()).hexdigest()[:16], 16), key), SAMPLED)
        _keep(newest, (item["LastModified"].timestamp(), key), RECENT)
        if count == LISTED:
            break
    return count, count == LISTED, [key for _, key in smallest], {key: moment for moment, key in newest}


def _keep(heap: list[Any], item: Any, most: int) -> None:  # noqa: ANN401 - pairs of either kind
    if len(heap) < most:
        heapq.heappush(heap, item)
    else:
        heapq.heappushpop(heap, item)


def _items(bucket: str) -> Iterator[Any]:
    for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from page.get("Contents", [])


def _digest(bucket: str, key: str) -> str | None:
    """None where there is no such object."""
    answer = _asked(key, lambda: client("s3").get_object(Bucket=bucket, Key=key))
    if answer is None:
        return None
    size = int(answer["ContentLength"])
    with closing(answer["Body"]) as body:
        if size > HASHED_BYTES:
            return f"{size} bytes"
        digest = hashlib.sha256()
        for chunk in body.iter_chunks(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _exists(bucket: str, key: str) -> bool:
    return _asked(key, lambda: client("s3").head_object(Bucket=bucket, Key=key)) is not None


def _asked(key: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - S3's answer
    """None where there is no such object. Raises Unreadable for one that KMS or a policy lets nobody read.

    Whoever may list a bucket hears of what is not there that it is not there.
    """
    try:
        return call()
    except Exception as failure:
        if is_error(failure, "404", "NoSuchKey", "NotFound"):
            return None
        if is_error(failure, *UNREADABLE):
            raise Unreadable(f"the object {key} cannot be read: {error_sentence(failure)}") from None
        raise
