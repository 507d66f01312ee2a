"""The plan of a service's releases, as synthesis wrote it to the parameter `/<prefix>/release/<service>`.

A field that this version does not know is left alone: the plan of a stack and its functions change one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from shared.aws import client
from shared.told import Told

Stage = Literal["before_install", "after_install", "test_traffic", "before_traffic", "after_traffic"]
Engine = Literal["codedeploy", "ecs"]
Strategy = Literal["rolling", "blue_green", "canary", "linear"]


class UnreadablePlan(Told):
    """The plan's parameter is missing or is not a plan; says which."""


class TestListener(msgspec.Struct, frozen=True):
    """Where the new version answers before users reach it."""

    __test__ = False  # the name starts as those that pytest collects

    host: str
    port: int
    server_name: str
    """The name asked for, in TLS and in the Host header."""


class Dependency(msgspec.Struct, frozen=True):
    """Something that the service cannot do without."""

    name: str
    kind: Literal["postgresql", "redis", "amqp", "https"]
    host: str
    port: int
    path: str = "/"
    """For https alone."""


class Migration(msgspec.Struct, frozen=True):
    """A one-off task of the new image that brings the database's schema forward, and its way back."""

    command: list[str]
    timeout_seconds: float
    way_back: Literal["compatible", "command", "none"]
    subnets: list[str]
    security_groups: list[str]
    back_command: list[str] = []
    because: str | None = None


class SmokeTest(msgspec.Struct, frozen=True):
    """One request, and what has to come back."""

    name: str
    path: str
    response_ms: float
    method: str = "GET"
    request_headers: Mapping[str, str] = {}
    request_body: str | None = None
    status: int = 200
    body_contains: str | None = None
    headers: Mapping[str, str] = {}


class Load(msgspec.Struct, frozen=True):
    """A short load at a constant rate."""

    path: str
    requests_per_second: float
    seconds: float


class Comparison(msgspec.Struct, frozen=True):
    """When a difference between two versions counts."""

    confidence_percent: float
    more_errors_percent: float
    slower_percent: float
    least_requests: int
    too_little_data: Literal["synthetic", "accept", "fail"]
    synthetic_requests: int


class Limits(msgspec.Struct, frozen=True):
    """What the new version must keep whatever the old one did. None: no limit."""

    error_rate: float | None = None
    """Share, 0 to 1."""
    response_ms: float | None = None
    """95th percentile."""


class Freeze(msgspec.Struct, frozen=True):
    """A time in which nothing is released. Start and end as ISO 8601 with their offset; the end no longer belongs to it."""

    start: str
    end: str
    because: str


class BreakGlass(msgspec.Struct, frozen=True):
    """Who answers for a release past a red alarm or a freeze."""

    by: str
    because: str


class Timeouts(msgspec.Struct, frozen=True):
    """Seconds that each part of a release may take."""

    before_install: float
    """The migration included."""
    after_install: float
    test_traffic: float
    before_traffic: float
    after_traffic: float
    install: float
    """CodeDeploy's own step: the new tasks' start and health checks."""
    total: float

    def limit(self, stage: Stage) -> float:
        """Seconds that the hook of `stage` may take."""
        return float(getattr(self, stage))


class Plan(msgspec.Struct, frozen=True):
    """Everything that functions need to know about a service's releases."""

    service: str
    engine: Engine
    strategy: Strategy
    active_region: str
    cluster: str
    ecs_service: str
    container: str
    load_balancer: str
    """As a metric's dimension has it: `app/name/id`."""
    blue: str
    """As a metric's dimension has it: `targetgroup/name/id`."""
    blue_arn: str
    test: TestListener
    comparison: Comparison
    timeouts_seconds: Timeouts
    desired_tasks: int
    """Least count; 0 in a stand-in region that runs none."""
    window_seconds: float
    """How long old and new serve users side by side; 0 where all requests move at once."""
    metric_period_seconds: int
    metric_delay_seconds: float
    green: str | None = None
    green_arn: str | None = None
    dependencies: list[Dependency] = []
    secrets: list[str] = []
    """ARNs."""
    migration: Migration | None = None
    smoke_tests: list[SmokeTest] = []
    load: Load | None = None
    limits: Limits = Limits()
    alarms: list[str] = []
    freezes: list[Freeze] = []
    break_glass: BreakGlass | None = None

    def other_target_group(self, arn: str) -> str | None:
        """The ARN of the pair's other target group; None when `arn` is neither, or there is only one."""
        return {self.blue_arn: self.green_arn, self.green_arn: self.blue_arn}.get(arn)

    def dimension(self, arn: str) -> str:
        """The target group's name as a metric's dimension has it."""
        return arn.rsplit(":", 1)[-1]


def parameter_name(prefix: str, service: str) -> str:
    """Name of the parameter that holds the plan."""
    return f"/{prefix}/release/{service}"


def load(prefix: str, service: str) -> Plan:
    """The plan of `service`. Raises UnreadablePlan."""
    name = parameter_name(prefix, service)
    try:
        text = client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    except Exception as failure:
        raise UnreadablePlan(f"the plan {name} cannot be read: {type(failure).__name__}") from failure
    try:
        return msgspec.json.decode(text, type=Plan)
    except msgspec.MsgspecError as failure:
        raise UnreadablePlan(f"the plan {name} is not one: {failure}") from failure
