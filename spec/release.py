"""How a new version of a service goes live, what it has to pass, and when it is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field

from spec.model import HttpPath, Model, Name, Percent

Engine = Literal["codedeploy", "ecs"]
Strategy = Literal["rolling", "blue_green", "canary", "linear"]
HookName = Literal["before_install", "after_install", "test_traffic", "before_traffic", "after_traffic"]

HOOKS: Final[tuple[HookName, ...]] = (
    "before_install",
    "after_install",
    "test_traffic",
    "before_traffic",
    "after_traffic",
)
"""In the order in which a release reaches them."""

READING_METHODS: Final = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing (RFC 9110, safe methods)."""

Seconds = Annotated[int, Field(ge=1, le=900)]


class HookLimits(Model):
    """How long each hook may take before it has failed. Releases wait at most for the sum."""

    before_install_seconds: Seconds = 10
    """Dependencies, secrets, capacity. A migration has its own limit, which is added to this one."""
    after_install_seconds: Seconds = 10
    """New tasks healthy, and on the right image."""
    test_traffic_seconds: Seconds = 15
    """Smoke tests, then the short load, against the test listener."""
    before_traffic_seconds: Seconds = 5
    """The last gate: alarms and change freezes."""
    after_traffic_seconds: Seconds = 20
    """The comparison of the new version with the old one. It has the numbers that have arrived by then."""

    def limit(self, hook: HookName) -> int:
        """Seconds that `hook` may take."""
        return int(getattr(self, f"{hook}_seconds"))


class SmokeTest(Model):
    """One request to the new version before users reach it, and what has to come back."""

    name: Name
    path: HttpPath
    method: Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    """One that writes is sent in the active region alone."""
    request_headers: Mapping[str, str] = Field(default_factory=dict)
    """Never a credential: this file is read by many."""
    request_body: Annotated[str, Field(max_length=1000)] | None = None
    status: Annotated[int, Field(ge=100, le=599)] = 200
    body_contains: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    headers: Mapping[str, str] = Field(default_factory=dict)
    """Headers that the answer must have, with exactly these values."""
    response_ms: Annotated[int, Field(ge=1, le=60_000)] | None = None
    """null: the environment's objective."""


class TestLoad(Model):
    """A short load on the new version before users reach it, so that its caches and connections are warm."""

    __test__ = False  # the name starts as those that pytest collects

    path: HttpPath = "/"
    requests_per_second: Annotated[int, Field(ge=1, le=200)] = 20
    seconds: Annotated[int, Field(ge=1, le=60)] = 5


class Comparison(Model):
    """New against old over the same minutes: a difference counts if it is both certain and large enough to matter."""

    confidence_percent: Annotated[float, Field(ge=90, lt=100)] = 99.0
    """How certain a difference must be; each of the two tests, one-sided."""
    more_errors_percent: Annotated[float, Field(ge=0, le=100)] = 0.1
    """Points by which the new version's share of failed requests may lie above the old one's."""
    slower_percent: Annotated[float, Field(ge=0, le=1000)] = 25.0
    """How much longer the new version's 95th percentile may take."""
    least_requests: Annotated[int, Field(ge=20, le=1_000_000)] = 200
    """Requests that each version must have answered for the numbers to say anything."""
    too_little_data: Literal["synthetic", "accept", "fail"] = "synthetic"
    """With fewer requests than that when the hook's time ends. `synthetic`: decide by requests of our own."""
    synthetic_requests: Annotated[int, Field(ge=20, le=2000)] = 200


class ReleaseAlarms(Model):
    """What takes a release back at any moment of the shift. The target group's own numbers, of the new version alone."""

    error_percent: Percent = 1.0
    """Share of the new version's requests answered with 5xx."""
    response_ms: Annotated[int, Field(ge=1)] | None = None
    """95th percentile of the new version. null: the environment's objective."""
    least_requests: Annotated[int, Field(ge=1)] = 20
    """Requests in a period below which a share of errors says nothing."""
    datapoints: Annotated[int, Field(ge=1, le=5)] = 1
    """Periods of one minute in a row that are too bad."""
    others: tuple[Annotated[str, Field(min_length=1, max_length=255)], ...] = ()
    """Names of further CloudWatch alarms, such as one on the application's orders."""


class Endpoint(Model):
    """Something outside that the service cannot do without."""

    name: Name
    url: Annotated[str, Field(pattern=r"^https://[^\s/]+(/\S*)?$")]
    """Any answer below 500 counts as reachable."""


class Release(Model):
    """How a new version of a service goes live."""

    engine: Engine = "codedeploy"
    """`codedeploy`: AWS CodeDeploy shifts traffic. `ecs`: ECS itself does."""
    strategy: Strategy = "canary"
    """`rolling`: task by task. `blue_green`: all requests at once, after tests. `canary`: a share first, then all.
    `linear`: in equal steps."""
    canary_percent: Annotated[int, Field(ge=1, le=99)] = 10
    """Share of the requests that a canary answers."""
    canary_minutes: Annotated[int, Field(ge=1, le=60)] = 2
    """How long, before the rest follows."""
    linear_percent: Annotated[int, Field(ge=1, le=50)] = 34
    """Share that each step adds."""
    linear_minutes: Annotated[int, Field(ge=1, le=60)] = 1
    """Between two steps."""
    bake_minutes: Annotated[int, Field(ge=0, le=60)] | None = None
    """How long alarms watch, and the old version waits, once the new one has all requests.
    null: as long as an alarm needs after blue_green and rolling; not at all after canary and linear, whose steps were
    watched."""
    keep_old_minutes: Annotated[int, Field(ge=0, le=60)] = 0
    """How much longer the old version waits for a person to go back to it."""
    after: tuple[Name, ...] = ()
    """Services whose release must be finished before this one's starts. None: all move side by side, so each version
    must understand its neighbours' last one."""
    hooks: HookLimits = HookLimits()
    endpoints: Annotated[tuple[Endpoint, ...], Field(max_length=10)] = ()
    smoke_tests: Annotated[tuple[SmokeTest, ...], Field(max_length=10)] = ()
    """None: the readiness check's path is asked."""
    load: TestLoad | None = TestLoad()
    """null: no load before users come."""
    comparison: Comparison = Comparison()
    alarms: ReleaseAlarms = ReleaseAlarms()

    @property
    def shifts(self) -> bool:
        """Whether old and new stand side by side behind two target groups."""
        return self.strategy != "rolling"


class WayBack(Model):
    """What becomes of the database when the version that migrated it is taken back."""

    kind: Literal["compatible", "command", "none"]
    """`compatible`: the old version runs on the new schema. `command`: that is run. `none`: it cannot go back."""
    command: tuple[str, ...] = ()
    """For `command`: run in the new version's image once the old one has all requests again."""
    because: str | None = None
    """For `none`: why that is acceptable, for whoever is woken by the rollback."""


class Migration(Model):
    """Brings the database's schema to what the new version needs, before any of it runs: a one-off task of its image."""

    command: Annotated[tuple[str, ...], Field(min_length=1)]
    """Program and arguments; run again after an interruption, so it must recognise what is done already."""
    timeout_seconds: Annotated[int, Field(ge=10, le=3600)] = 60
    """From the task's request to its end, the start of the container included."""
    way_back: WayBack


class Freeze(Model):
    """Days or hours in which nothing is released."""

    start: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$")]
    """With its offset: 2026-12-23T18:00:00+01:00."""
    end: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$")]
    because: Annotated[str, Field(min_length=1)]


class BreakGlass(Model):
    """A release that somebody answers for although an alarm is red or a freeze holds."""

    by: Annotated[str, Field(min_length=1)]
    because: Annotated[str, Field(min_length=1)]
