"""What the workflow asks, and what the template says about the environment and its two sites."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, Final, Literal

import msgspec

from failover.signals import Watching
from shared import recovery_table
from shared.aws import client
from shared.plan import SmokeTest
from shared.told import Told

Mode = Literal["failover", "switchover"]
ALARM: Final = "alarm"
"""`by` of executions that the alarm started. Every other one is a person's."""


class Request(msgspec.Struct, frozen=True):
    """Input of an execution."""

    mode: Mode
    environment: str = ""
    """`<application>-<environment>`: nothing is failed over by whoever cannot name it. The alarm may leave it out."""
    because: str = ""
    by: str = ALARM
    """`alarm`, or a person."""
    accept_loss_seconds: float | None = None
    """How many seconds of writes may be lost, beyond the recovery point."""

    @property
    def by_hand(self) -> bool:
        """Whether somebody asked for it."""
        return self.by != ALARM


class Failure(msgspec.Struct, frozen=True):
    """How a step ended."""

    step: str
    reason: str = "it gave no answer, and its function's log says why"


class Event(msgspec.Struct, frozen=True):
    """One look of one step."""

    step: str
    execution: str
    """ARN."""
    started_at: str
    """Of the execution, ISO 8601."""
    input: Any
    """The execution's input, read by whoever can tell somebody that it is wrong."""
    failed: Failure | None = None
    """Of a step that deals with another one's failure."""


class Database(msgspec.Struct, frozen=True):
    """Of the site that the function is in."""

    identifier: str
    host: str
    port: int
    administrator: str
    """ARN of the secret."""
    backup_days: int
    """Automated backups, which a replica has none of."""
    backup_window: str
    """`hh:mm-hh:mm`, UTC."""


class Files(msgspec.Struct, frozen=True):
    """Of the site that the function is in."""

    file_system: str
    """Its ID."""
    patience_seconds: float
    """From the beginning of the promotion: how long a failover waits for them."""


class Service(msgspec.Struct, frozen=True):
    """Tasks of the active site."""

    name: str
    desired: int
    """How many run at the least."""
    maximum: int
    """How many there may be. As many as `desired` where nothing scales them."""
    least: int
    """How many can do without the others for a while."""
    scales: bool
    """Whether Application Auto Scaling has it between bounds."""


class Plan(msgspec.Struct, frozen=True):
    """The parameter `/<prefix>/failover`: more than a function's variables may hold."""

    approval: bool
    """Whether a person approves what the alarm began."""
    watching: Watching
    rto_seconds: float | None
    """null: none is promised."""
    rpo_seconds: float | None
    """null: none is promised, and a failover goes on whatever it loses."""
    services: list[Service]
    domain: str
    """Where users find the application."""
    expected_status: str = "200"
    """Of the readiness check that probes ask for, as the spec writes it."""
    database: Database | None = None
    """None where the environment has none: then nothing is promoted, and nothing can be lost."""
    files: Files | None = None
    """None where the environment has none."""
    smoke_tests: list[SmokeTest] = []
    """Those that only read, and that come in from outside."""


class Settings(msgspec.Struct, frozen=True, rename=str.upper):
    """One function: one environment, one site."""

    application: str
    environment: str
    prefix: str
    """Of every physical name; the cluster is named so."""
    aws_region: str
    """This site's."""
    peer_region: str
    """The other site's."""
    witness_region: str = ""
    """Empty without one."""
    topic_arn: str = ""
    records_bucket: str = ""
    key_value_store_arn: str = ""

    @property
    def table(self) -> str:
        """Name of the recovery table, in both sites and at the witness."""
        return recovery_table.name(self.prefix)


@cache
def settings() -> Settings:
    """Of this function. Raises msgspec.ValidationError when a variable is missing or wrong."""
    return msgspec.convert(dict(os.environ), Settings)


def parameter_name(prefix: str) -> str:
    """Of the parameter that holds the plan."""
    return f"/{prefix}/failover"


def plan(prefix: str) -> Plan:
    """As the template wrote it. Raises msgspec.ValidationError."""
    text = client("ssm").get_parameter(Name=parameter_name(prefix))["Parameter"]["Value"]
    return msgspec.json.decode(text, type=Plan)


class Refused(Told):
    """What was asked for is not done, now or later."""


def request(given: Any, environment: str) -> Request:  # noqa: ANN401 - whatever somebody typed
    """The input of an execution for `environment`. Raises Refused if it is none, or names another environment."""
    try:
        asked = msgspec.convert(given, Request)
    except msgspec.ValidationError as wrong:
        raise Refused(f"the input is none of a failover: {wrong}") from None
    if asked.environment != environment and (asked.by_hand or asked.environment):
        raise Refused(f"the input names the environment {asked.environment!r}, and this one is {environment!r}")
    return asked
