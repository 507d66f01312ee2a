"""Alarms that speak on a topic, when they ring and when they end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from understudy.alarm import Alarm
from understudy.metric import Metric

OPERATORS: Final = {"above": "GreaterThanThreshold", "below": "LessThanThreshold"}

_Query = cloudwatch.CfnAlarm.MetricDataQueryProperty


class Alarms(Construct):
    """Alarms of one stack, on the topic `topic_arn` of the same region."""

    def __init__(self, scope: Construct, construct_id: str, *, prefix: str, topic_arn: str) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        self._prefix = prefix
        self._topic_arn = topic_arn
        # From the names: asking each alarm for its ARN is a round trip to CDK's process each time.
        self._arns = f"arn:{stack.partition}:cloudwatch:{stack.region}:{stack.account}:alarm:{prefix}-"

    def add(self, alarms: Iterable[Alarm]) -> list[str]:
        """Create the alarms; their ARNs."""
        found = []
        for alarm in alarms:
            self._add(alarm)
            found.append(self._arns + alarm.name)
        return found

    def _add(self, alarm: Alarm) -> None:
        metric = alarm.value if isinstance(alarm.value, Metric) else None
        cloudwatch.CfnAlarm(
            self,
            alarm.name,
            alarm_name=f"{self._prefix}-{alarm.name}",
            alarm_description=alarm.description,
            comparison_operator=OPERATORS[alarm.comparison],
            threshold=alarm.threshold,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.datapoints or alarm.periods,
            treat_missing_data=alarm.missing,
            alarm_actions=[self._topic_arn],
            ok_actions=[self._topic_arn],
            period=alarm.period_seconds if metric else None,
            namespace=metric.namespace if metric else None,
            metric_name=metric.name if metric else None,
            dimensions=[
                cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
                for name, value in metric.dimensions.items()
            ]
            if metric
            else None,
            # Percentiles have a property of their own.
            statistic=metric.statistic if metric and not metric.statistic.startswith("p") else None,
            extended_statistic=metric.statistic if metric and metric.statistic.startswith("p") else None,
            metrics=None if metric else _queries(alarm),
        )


def _queries(alarm: Alarm) -> list[_Query]:
    return [
        _Query(
            id=query_id,
            return_data=False,
            metric_stat=cloudwatch.CfnAlarm.MetricStatProperty(
                period=alarm.period_seconds,
                stat=metric.statistic,
                metric=cloudwatch.CfnAlarm.MetricProperty(
                    namespace=metric.namespace,
                    metric_name=metric.name,
                    dimensions=[
                        cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
                        for name, value in metric.dimensions.items()
                    ],
                ),
            ),
        )
        for query_id, metric in alarm.metrics.items()
    ] + [
        _Query(
            id="value",
            expression=str(alarm.value),
            label=alarm.what,
            return_data=True,
            # A query of Metrics Insights stands on no metric of the alarm whose period would count.
            period=None if alarm.metrics else alarm.period_seconds,
        )
    ]
