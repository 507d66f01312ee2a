"""Every hour: how old secrets are, and whether a rotation is on its way or late. Reads no value."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shared import clock
from shared.attempt import attempt
from shared.aws import client
from shared.secret_versions import CURRENT, PENDING
from shared.told import Told

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

NAMESPACE: Final = "Understudy/Secrets"
DAY_SECONDS: Final = 86_400
MINUTE_SECONDS: Final = 60


class Watched(msgspec.Struct, frozen=True):
    """A secret of the variable SECRETS."""

    arn: str
    name: str
    """Dimension `Secret` of its metrics."""


def handler(event: Mapping[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda passes both
    """Write down three metrics for each secret. Raises Told, after all others are written, if one cannot be read."""
    failures = []
    for secret in msgspec.json.decode(os.environ["SECRETS"], type=list[Watched]):
        outcome = attempt(lambda secret=secret: _watch(secret), {"secret_id": secret.arn})  # type: ignore[misc]
        if outcome.failure is not None:
            failures.append(f"{secret.name}: {outcome.failure}")
    if failures:
        raise Told("; ".join(failures))


def _watch(secret: Watched) -> None:
    data: list[MetricDatumTypeDef] = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": "Secret", "Value": secret.name}],
            "Timestamp": clock.now(),
            "Value": max(0.0, value),
        }
        for name, value in _numbers(secret.arn)
    ]
    client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)


def _numbers(arn: str) -> Iterator[tuple[str, float]]:
    now = clock.epoch()
    described = client("secretsmanager").describe_secret(SecretId=arn)
    # Those with a label, of which a secret has twenty at the most: one page.
    versions = client("secretsmanager").list_secret_version_ids(SecretId=arn, MaxResults=100)["Versions"]
    created = {
        label: version["CreatedDate"].timestamp()
        for version in versions
        for label in version.get("VersionStages", [])
        if "CreatedDate" in version
    }
    if CURRENT in created:
        yield "AgeDays", (now - created[CURRENT]) / DAY_SECONDS
    labels = list((described.get("VersionIdsToStages") or {}).values())
    pending = any(PENDING in each and CURRENT not in each for each in labels)
    # A version that has no value yet may be missing from the list.
    began = created.get(PENDING) or _timestamp(described.get("LastChangedDate"), now)
    yield "PendingMinutes", (now - began) / MINUTE_SECONDS if pending else 0.0
    due = _timestamp(described.get("NextRotationDate"), now) if described.get("RotationEnabled") else now
    yield "OverdueDays", (now - due) / DAY_SECONDS


def _timestamp(moment: Any, otherwise: float) -> float:  # noqa: ANN401 - a datetime or None
    return moment.timestamp() if moment is not None else otherwise
