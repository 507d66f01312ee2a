"""Manifests: what there was shortly before each backup, in the bucket of records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from shared.aws import client
from shared.census import Census

DAYS: Final = 40
"""How far back one is looked for: a monthly test may restore a backup that is a month old."""
FORM: Final = "%Y-%m-%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Manifests:
    """Of one store: `manifests/<kind>/<moment>.json`."""

    bucket: str
    kind: str

    def write(self, census: Census) -> str:
        """Keep it; the key. The same moment written twice is one."""
        key = self._key(census.taken_at)
        client("s3").put_object(
            Bucket=self.bucket,
            Key=key,
            Body=msgspec.json.encode(census),
            ContentType="application/json",
            ChecksumAlgorithm="SHA256",
        )
        return key

    def before(self, moment: float) -> tuple[Census | None, Census | None]:
        """The newest from `moment` or earlier, and the one before that; None where there is none."""
        since = moment - timedelta(days=DAYS).total_seconds()
        pages = (
            client("s3")
            .get_paginator("list_objects_v2")
            .paginate(Bucket=self.bucket, Prefix=f"manifests/{self.kind}/", StartAfter=self._key(since))
        )
        last = self._key(moment)
        keys = [item["Key"] for page in pages for item in page.get("Contents", []) if item["Key"] <= last]
        newest, former = ([None, None, *map(self._read, keys[-2:])])[-1:-3:-1]
        return newest, former

    def _read(self, key: str) -> Census:
        body = client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return msgspec.json.decode(body, type=Census)

    def _key(self, moment: float) -> str:
        return f"manifests/{self.kind}/{datetime.fromtimestamp(moment, UTC).strftime(FORM)}.json"
