"""Every minute, where a site is active and the other one follows: secrets there get the values of those here.

A region that has lost the lease copies nothing, whatever its stacks still say: its values are the old ones, and the other
region's may have changed since.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from secret_mirror.mirror import Found, mirror
from secret_mirror.models import Copy, copies, settings
from shared import clock, refreshes
from shared.attempt import attempt
from shared.aws import client
from shared.lease_table import holder
from shared.log import logger
from shared.told import Told

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

NAMESPACE: Final = "Understudy/Secrets"
BEHIND: Final = "CopyBehindSeconds"


def handler(event: Mapping[str, Any], context: object) -> Mapping[str, object]:  # noqa: ARG001 - Lambda passes both
    """Copy what has changed. Raises Told, after all others are copied, if one cannot be."""
    # As the waiting site's table says, which a site that takes over writes first.
    held = attempt(lambda: holder(settings().prefix, settings().peer_region), {"part": "lease"})
    if held.failure is not None:
        raise Told(f"Who holds the lease is not known, so nothing is copied: {held.failure}")
    if held.value != settings().region:
        logger.info("Nothing is copied", extra={"lease": held.value})
        return {"copied": [], "because": f"the lease is held by {held.value or 'nobody'}"}
    done = {copy.name: attempt(lambda copy=copy: _carry(copy), {"secret": copy.name}) for copy in _all()}  # type: ignore[misc]
    if failures := [f"{name}: {outcome.failure}" for name, outcome in done.items() if outcome.failure is not None]:
        raise Told("; ".join(failures))
    return {"copied": [name for name, outcome in done.items() if outcome.value and outcome.value.copied]}


def _all() -> list[Copy]:
    known = attempt(lambda: copies(settings().prefix), {"part": "parameter"})
    if known.value is None:
        raise Told(f"What is to be copied is not known: {known.failure}")
    return known.value


def _carry(copy: Copy) -> Found:
    found = mirror(copy)
    datum: MetricDatumTypeDef = {
        "MetricName": BEHIND,
        "Dimensions": [{"Name": "Secret", "Value": copy.name}],
        "Timestamp": clock.now(),
        "Value": found.behind_seconds,
    }
    client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[datum])
    if found.copied:
        logger.info("Copied", extra={"secret": copy.name, "version": found.version})
        if copy.refreshed:
            refreshes.start(settings().refresh_arn, found.version)
    return found
