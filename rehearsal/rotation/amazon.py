"""AWS as a rotation sees it, in this process: secrets, tasks, users of the cache, the refresh's state machine."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from moto import mock_aws
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.models import DEFAULT_ACCOUNT_ID

from rehearsal.rotation.plan import CONSUMERS, Plan
from rehearsal.rotation.secrets_manager import Context, SecretsManager
from rehearsal.rotation.tasks import Tasks
from rehearsal.rotation.versions_as_in_aws import Lasting, install
from secret_rotation.settings import Secret, Settings
from shared.aws import client, is_error

REGION: Final = "us-west-2"
PREFIX: Final = "storefront-rehearsal"
SERVICES: Final = tuple(f"consumer-{number}" for number in range(1, CONSUMERS + 1))


class Amazon:
    """One account and region. Made once in a process, since the rotation function keeps its settings for life."""

    def __init__(self) -> None:
        os.environ |= {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "rehearsal",
            "AWS_SECRET_ACCESS_KEY": "rehearsal",
            "POWERTOOLS_SERVICE_NAME": "secret-rotation",
            "PREFIX": PREFIX,
        }
        self._mock = mock_aws()
        self._mock.start()
        install(Lasting())
        self.secrets = SecretsManager(REGION)
        self.tasks = Tasks(DEFAULT_ACCOUNT_ID, REGION, cluster=PREFIX, prefix=PREFIX, services=list(SERVICES))
        machine = client("stepfunctions").create_state_machine(
            name=f"{PREFIX}-secret-refresh",
            definition=json.dumps({"StartAt": "Refresh", "States": {"Refresh": {"Type": "Pass", "End": True}}}),
            roleArn=f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/{PREFIX}-secret-refresh",
        )
        self._refresh_arn = str(machine["stateMachineArn"])

    def refresh_was_started(self, token: str) -> bool:
        """Whether the rotation to `token` has started the refresh."""
        arn = f"{self._refresh_arn.replace(':stateMachine:', ':execution:')}:rotated-{token}"
        try:
            client("stepfunctions").describe_execution(executionArn=arn)
        except Exception as failure:
            if not is_error(failure, "ExecutionDoesNotExist"):
                raise
            return False
        return True

    def settle(self, plan: Plan, endpoint: Mapping[str, Any], secrets: list[Secret], authority: str) -> None:
        """Give the rotation function its settings, as its template would."""
        settings = Settings(
            engine=plan.engine,
            prefix=PREFIX,
            cluster=PREFIX,
            refresh_arn=self._refresh_arn,
            secrets=secrets,
            **endpoint,
        )
        os.environ |= {"ROTATION": msgspec.json.encode(settings).decode(), "CA_BUNDLE": authority}
        # redis-py reads what the system trusts at every connection; this is shorter.
        os.environ["SSL_CERT_FILE"] = authority

    @staticmethod
    def watch(secrets: list[Secret]) -> str:
        """Have the hourly watch write its metrics, and return all of them, as CloudWatch has them."""
        from secret_rotation import watch  # noqa: PLC0415 - its settings stand in the environment by now

        os.environ["SECRETS"] = json.dumps([{"arn": secret.arn, "name": secret.name} for secret in secrets])
        watch.handler({}, Context())
        metrics = cloudwatch_backends[DEFAULT_ACCOUNT_ID][REGION].metric_data
        return "".join(f"{vars(each)} {[vars(dimension) for dimension in each.dimensions]}\n" for each in metrics)

    @staticmethod
    def handler(plan: Plan) -> Callable[[Any, Any], Any]:
        """The rotation function."""
        module, _, name = plan.handler.partition(":")
        found: Callable[[Any, Any], Any] = getattr(importlib.import_module(module), name)
        return found

    @staticmethod
    def retire(arn: str, handler: Callable[[Any, Any], Any]) -> Mapping[str, str]:
        """What the refresh asks for at its end, and the answer."""
        return dict(handler({"Step": "retire", "SecretId": arn}, Context()))
