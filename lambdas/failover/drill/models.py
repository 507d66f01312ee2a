"""What the template says about an environment's drills, and what a drill is asked for."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from failover.models import Refused
from shared.aws import client
from shared.plan import SmokeTest

CLOCK: Final = "clock"
"""`by` of drills that the schedule began. Every other one is a person's."""
TAG: Final = "understudy:drill"
"""Of both databases: the drill's name. What has it not is never deleted."""


class Service(msgspec.Struct, frozen=True):
    """A service of which one task is started against the copy."""

    name: str
    family: str
    """Of the task definition, which no service runs."""
    port: int
    smoke_tests: list[SmokeTest] = []
    """Those that are asked of the task itself."""
    unasked: str = ""
    """Why there are none; empty if there are."""


class Term(msgspec.Struct, frozen=True):
    """A part of the time that a failover takes, as the spec counts it."""

    what: str
    seconds: float


class Plan(msgspec.Struct, frozen=True):
    """The parameter `/<prefix>/drill`."""

    days: int | None
    """From one drill to the next; null: the clock begins none."""
    source: str
    """Identifier of the active site's database, of whose backups copies lie in this region."""
    copy: str
    """Identifier of what is restored from the newest of them."""
    replica: str
    """Identifier of its replica, which is promoted."""
    name: str
    """Of the database that services log in to."""
    user: str
    """Whom services log in as."""
    instance_class: str
    subnet_group: str
    parameter_group: str
    security_group: str
    """Of both: only the drill's tasks and the functions of recovery get in."""
    secrets_key_arn: str
    secret_arn: str
    """Of the login that the drill's tasks start with; each drill puts a new one."""
    backup_days: int
    backup_window: str
    subnets: list[str]
    task_security_group: str
    services: list[Service]
    terms: list[Term]
    """All parts of the recovery time, those included that a copy cannot tell."""


class Request(msgspec.Struct, frozen=True):
    """Input of an execution."""

    environment: str
    """`<application>-<environment>`: nothing is drilled by whoever cannot name it."""
    because: str = ""
    by: str = CLOCK


def parameter_name(prefix: str) -> str:
    """Of the parameter that holds the plan."""
    return f"/{prefix}/drill"


def plan(prefix: str) -> Plan:
    """As the template wrote it. Raises msgspec.ValidationError."""
    text = client("ssm").get_parameter(Name=parameter_name(prefix))["Parameter"]["Value"]
    return msgspec.json.decode(text, type=Plan)


def request(given: Any, environment: str) -> Request:  # noqa: ANN401 - whatever somebody typed
    """The input of an execution for `environment`. Raises Refused if it is none, or names another environment."""
    try:
        asked = msgspec.convert(given, Request)
    except msgspec.ValidationError as wrong:
        raise Refused(f"the input is none of a drill: {wrong}") from None
    if asked.environment != environment:
        raise Refused(f"the input names the environment {asked.environment!r}, and this one is {environment!r}")
    return asked
