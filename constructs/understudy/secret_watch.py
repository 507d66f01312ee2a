"""Who looks at secrets every hour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aws_cdk import Stack
from constructs import Construct

from understudy.python_handler import HandlerSettings, PythonHandler
from understudy.regular_call import call_regularly
from understudy.secret_alarms import NAMESPACE, silence_alarm
from understudy.statement import Statement

NUMBERS_REASON: Final = (
    "CloudWatch has no resource for the metrics of a namespace (Service Authorization Reference); the condition holds it "
    "to the one of secrets."
)
WATCH_SECONDS: Final = 120


class SecretWatch(Construct):
    """A function that writes down, hourly, how old secrets are, and whether a rotation is on its way or late.

    `secrets`: ARNs by the name in their metrics. Never a value: the function may not read any.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, handlers: HandlerSettings, name: str, secrets: Mapping[str, str]
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        self.handler = PythonHandler(
            self,
            "Function",
            settings=handlers,
            name=name,
            description=f"{handlers.prefix}: how old secrets are",
            package="secret_rotation",
            entry="secret_rotation.watch.handler",
            environment={
                "PREFIX": handlers.prefix,
                "SECRETS": stack.to_json_string([{"arn": arn, "name": each} for each, arn in secrets.items()]),
            },
            statements=[
                Statement(
                    "Secrets",
                    ("secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"),
                    tuple(secrets.values()),
                ),
                Statement(
                    "Numbers",
                    ("cloudwatch:PutMetricData",),
                    ("*",),
                    {"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
                    NUMBERS_REASON,
                ),
            ],
            timeout_seconds=WATCH_SECONDS,
        )
        call_regularly(
            self,
            "Hourly",
            function=self.handler,
            every="1 hour",
            description=f"{handlers.prefix}: looks how old secrets are",
            target="Watch",
        )
        handlers.alarms.add([silence_alarm(name, next(iter(secrets)))])
