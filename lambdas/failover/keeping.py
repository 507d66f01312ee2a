"""Where reports are kept, of failovers and of drills."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from failover.run import Run
from shared.aws import client


def keep(run: Run, item: str, key: str, told: Mapping[str, Any]) -> None:
    """Write the report down as the attribute `report` of an item of the table, and as an object of the bucket of records."""
    run.own.put(item, {"report": json.dumps(told)}, instead_of=run.own.read(item))
    client("s3").put_object(
        Bucket=run.settings.records_bucket,
        Key=key,
        Body=json.dumps(told, indent=2).encode(),
        ContentType="application/json",
    )
