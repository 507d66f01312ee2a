"""Numbers for alarms, at a resolution of seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.aws import client

NAMESPACE: Final = "Understudy/Recovery"
ASKS: Final = "WaitsForAPerson"
LONG: Final = "TakesTooLong"


def put(prefix: str, numbers: Mapping[str, float]) -> None:
    """Of the environment `prefix`, now."""
    client("cloudwatch").put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": [{"Name": "Environment", "Value": prefix}],
                "Value": value,
                "StorageResolution": 1,
            }
            for name, value in numbers.items()
        ],
    )
