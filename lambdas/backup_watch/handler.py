"""Entry of the watch: AWS Backup's events of jobs that failed, and every quarter of an hour the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from backup_watch.message import message
from backup_watch.models import Settings, Watched, settings
from backup_watch.numbers import Look
from shared import clock
from shared.aws import client, error_sentence
from shared.log import logger
from shared.told import Told

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

NAMESPACE: Final = "Understudy/Backups"
SOURCE: Final = "aws.backup"


def handler(event: Mapping[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda passes both
    """Tell people, or write down the numbers. Raises Told, after all others are written, if a resource's cannot be."""
    mine = settings()
    if event.get("source") == SOURCE:
        told = message(event, mine)
        if told is not None:
            client("sns").publish(TopicArn=mine.topic_arn, Subject=told.subject, Message=told.body)
        return
    look = Look.at_once(mine)
    failures = [failure for resource in mine.resources if (failure := _written(look, resource)) is not None]
    if failures:
        raise Told("; ".join(failures))


def _written(look: Look, resource: Watched) -> str | None:
    """Why the numbers of `resource` are not written; None if they are."""
    try:
        client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=_data(look, look.mine, resource))
    except Exception as failure:  # noqa: BLE001 - the others are to be looked at all the same
        logger.exception("no numbers", extra={"resource": resource.name})
        return f"{resource.name}: {error_sentence(failure) or type(failure).__name__}"
    return None


def _data(look: Look, mine: Settings, resource: Watched) -> list[MetricDatumTypeDef]:
    dimensions = [{"Name": "Environment", "Value": mine.prefix}, {"Name": "Resource", "Value": resource.name}]
    return [
        {"MetricName": name, "Dimensions": dimensions, "Timestamp": clock.now(), "Value": value}  # type: ignore[typeddict-item]
        for name, value in look.of(resource).items()
    ]
