"""Retention periods that CloudWatch Logs does not offer."""

from __future__ import annotations

from collections.abc import Iterator

from spec.deployment import Deployment
from spec.problem import Finding, Path
from spec.tables.logs import RETENTION_DAYS


def check(deployment: Deployment) -> Iterator[Finding]:
    """Of the services' logs and of flow logs."""
    yield from _retention(deployment.monitoring.log_retention_days, ("monitoring", "log_retention_days"))
    yield from _retention(deployment.network.flow_log_retention_days, ("network", "flow_log_retention_days"))


def _retention(days: int, path: Path) -> Iterator[Finding]:
    if days not in RETENTION_DAYS:
        next_longer = next((offered for offered in RETENTION_DAYS if offered > days), RETENTION_DAYS[-1])
        yield Finding(path, f"CloudWatch Logs has no retention of {days} days", f"The next longer is {next_longer}")
