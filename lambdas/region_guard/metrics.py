"""Numbers of a look, in the log, from where CloudWatch takes them (CloudWatch User Guide, embedded metric format)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared import clock

NAMESPACE: Final = "Understudy/Recovery"


def write(environment: str, numbers: Mapping[str, float]) -> None:
    """Each by its name, with the dimension `Environment`."""
    from aws_lambda_powertools.metrics import EphemeralMetrics  # noqa: PLC0415 - slow to import

    metrics = EphemeralMetrics(namespace=NAMESPACE)
    metrics.set_timestamp(int(clock.epoch() * 1000))
    metrics.add_dimension(name="Environment", value=environment)
    for name, value in numbers.items():
        metrics.add_metric(name=name, unit="None", value=value)
    metrics.flush_metrics()
