"""The bucket of records with its manifests."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import msgspec

from shared.census import Census


class StoredManifests:
    """Of one kind of store; in the bucket `bucket`."""

    def __init__(self, bucket: str, kind: str, census: Census) -> None:
        self._bucket = bucket
        self._keys = [f"manifests/{kind}/2026-11-{day}T234500Z.json" for day in (26, 27)]
        self._body = msgspec.json.encode(census)

    def answers(self, others: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """By service and operation. `others`: the answers about other buckets."""
        asked = others or {}

        def of(name: str, own: Any) -> Any:
            def answer(parameters: Mapping[str, Any]) -> Any:
                return own(parameters) if parameters["Bucket"] == self._bucket else asked[name](parameters)

            return answer

        return {
            **asked,
            "s3.ListObjectsV2": of(
                "s3.ListObjectsV2", lambda _: {"Contents": [{"Key": key} for key in self._keys], "IsTruncated": False}
            ),
            "s3.GetObject": of(
                "s3.GetObject", lambda _: {"Body": io.BytesIO(self._body), "ContentLength": len(self._body)}
            ),
            "s3.PutObject": {},
        }
