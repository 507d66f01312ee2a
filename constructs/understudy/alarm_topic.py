"""Where alarms go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from understudy.alarm import Alarm
from understudy.metric import Metric

OPERATORS: Final = {"above": "GreaterThanThreshold", "below": "LessThanThreshold"}

_Query = cloudwatch.CfnAlarm.MetricDataQueryProperty


class AlarmTopic(Construct):
    """An encrypted topic, the people who hear it, and the alarms that speak on it, when they ring and when they end.

    Only CloudWatch's alarms of this account may publish, and only over TLS. `key` must admit
    cloudwatch.amazonaws.com: alarms publish as themselves and not by a role.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        name: str,
        key: kms.IKey,
        addresses: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        self._prefix = prefix
        stack = Stack.of(self)
        topic = sns.CfnTopic(
            self, "Resource", topic_name=name, display_name=f"{prefix} alarms", kms_master_key_id=key.key_arn
        )
        self.arn = topic.ref
        sns.CfnTopicPolicy(
            self,
            "Policy",
            topics=[topic.ref],
            policy_document={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Alarms",
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudwatch.amazonaws.com"},
                        "Action": "sns:Publish",
                        "Resource": topic.ref,
                        "Condition": {"StringEquals": {"aws:SourceAccount": stack.account}},
                    },
                    {
                        "Sid": "TlsOnly",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "sns:Publish",
                        "Resource": topic.ref,
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                ],
            },
        )
        for index, address in enumerate(addresses):
            sns.CfnSubscription(self, f"Email{index}", topic_arn=topic.ref, protocol="email", endpoint=address)

    def add(self, alarms: Iterable[Alarm]) -> list[str]:
        """Create the alarms; their ARNs."""
        stack = Stack.of(self)
        # From the names: asking each alarm for its ARN is a round trip to CDK's process each time.
        arns = f"arn:{stack.partition}:cloudwatch:{stack.region}:{stack.account}:alarm:{self._prefix}-"
        found = []
        for alarm in alarms:
            self._add(alarm)
            found.append(arns + alarm.name)
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
            datapoints_to_alarm=alarm.periods,
            treat_missing_data=alarm.missing,
            alarm_actions=[self.arn],
            ok_actions=[self.arn],
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
    ] + [_Query(id="value", expression=str(alarm.value), label=alarm.what, return_data=True)]
