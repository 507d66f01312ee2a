"""Releases that the chosen engine cannot do, or that could not be watched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

from spec.deployment import Deployment
from spec.problem import Finding, Path
from spec.release import READING_METHODS, Release
from spec.release_times import (
    METRIC_DELAY_SECONDS,
    METRIC_PERIOD_SECONDS,
    MOST_MINUTES_OF_A_DEPLOYMENT,
    detection_seconds,
    step_percentages,
    total_limit_seconds,
    window_seconds,
)
from spec.services import Service

MOST_CHARACTERS_OF_TESTS: Final = 3000
"""Of the 8 KiB that a parameter holds (Systems Manager quotas, advanced parameters), beside everything else of the plan."""

MOST_PATTERNS_OF_ECS: Final = 1
"""ECS shifts one production listener rule for each target group pair (ECS API, AdvancedConfiguration)."""


def check(deployment: Deployment) -> Iterator[Finding]:
    """Each service's release, then how they wait for each other, then freezes."""
    for name, service in deployment.services.items():
        path: Path = ("services", name, "release")
        yield from _engine(deployment, name, service, path)
        yield from _interval(service.release, path)
        yield from _lasting(service, path)
        yield from _tests(service, path)
        yield from _migration(service, ("services", name, "migration"))
        yield from _after(deployment, name, service, path)
    yield from _circle(deployment)
    yield from _way_out(deployment)
    yield from _freezes(deployment)
    yield from _broken_glass(deployment)


def _engine(deployment: Deployment, name: str, service: Service, path: Path) -> Iterator[Finding]:
    release, called = service.release, bool(deployment.dependents(name))
    about: tuple[Path, ...] = (("services", name, "public"), ("services",))
    if release.engine == "codedeploy" and not release.shifts:
        reason = "CodeDeploy knows no rolling update of an ECS service; ECS itself does"
        yield Finding((*path, "strategy"), reason, "Write engine: ecs, or strategy: canary")
    if release.shifts and not (service.public or called):
        reason = (
            f"{release.strategy} shifts requests, and no listener sends this service any: it has no path, and no other "
            "service depends on it"
        )
        yield Finding((*path, "strategy"), reason, "Write release: {engine: ecs, strategy: rolling}", about)
    elif release.shifts and release.engine == "codedeploy":
        if called and service.public and deployment.edge.entry == "load_balancer":
            reason = (
                "CodeDeploy shifts one listener, and this service has two: users come by the public load balancer, other "
                "services by the private one"
            )
            yield Finding((*path, "engine"), reason, "Write engine: ecs", (*about, ("edge", "entry")))
    elif release.shifts and len(service.public) > MOST_PATTERNS_OF_ECS:
        reason = f"ECS shifts one listener rule, and {len(service.public)} paths are as many rules"
        yield Finding((*path, "engine"), reason, "Write engine: codedeploy, or keep one path", about)
    if release.engine == "ecs" and release.keep_old_minutes:
        reason = "ECS takes the old version away once the bake is over"
        yield Finding((*path, "keep_old_minutes"), reason, "Use bake_minutes, or engine: codedeploy")


def _interval(release: Release, path: Path) -> Iterator[Finding]:
    if release.strategy not in {"canary", "linear"}:
        return
    watched, needed = window_seconds(release), detection_seconds(release)
    if watched < needed:
        field = f"{release.strategy}_minutes"
        steps = " → ".join(f"{percent} %" for percent in step_percentages(release))
        reason = (
            f"the shift {steps} takes {watched} s, and no alarm could stop it: one needs {needed} s "
            f"({METRIC_PERIOD_SECONDS} s × {release.alarms.datapoints} datapoints + {METRIC_DELAY_SECONDS} s delay of the numbers)"
        )
        least = -(-needed // (60 * (len(step_percentages(release)) - 1)))
        yield Finding((*path, field), reason, f"{least} or more", ((*path, "alarms"),))


def _lasting(service: Service, path: Path) -> Iterator[Finding]:
    minutes = total_limit_seconds(service) / 60
    if minutes > MOST_MINUTES_OF_A_DEPLOYMENT - 3:
        reason = (
            f"everything at its limit, and the time the old version is kept, take {minutes:.0f} minutes; CloudFormation "
            f"waits {MOST_MINUTES_OF_A_DEPLOYMENT} for a deployment"
        )
        yield Finding(path, reason, "Shorten keep_old_minutes, bake_minutes, the steps or the hooks' limits")


def _tests(service: Service, path: Path) -> Iterator[Finding]:
    names = {
        "smoke_tests": [test.name for test in service.release.smoke_tests],
        "endpoints": [endpoint.name for endpoint in service.release.endpoints],
    }
    for kind, listed in names.items():
        for index, name in enumerate(listed):
            if name in listed[:index]:
                yield Finding((*path, kind, index, "name"), f"{name!r} stands twice", "Give each a name of its own")
    if service.release.shifts:
        yield from _reachable(service, path)
    size = sum(len(test.model_dump_json()) for test in service.release.smoke_tests)
    if size > MOST_CHARACTERS_OF_TESTS:
        reason = f"the tests have {size} characters together, and hooks read them from a parameter that holds few more"
        yield Finding(
            (*path, "smoke_tests"),
            reason,
            f"At most {MOST_CHARACTERS_OF_TESTS}: shorten bodies, keep the tests that matter",
        )
    for index, test in enumerate(service.release.smoke_tests):
        if test.request_body is not None and test.method in READING_METHODS:
            reason = f"{test.method} sends no body"
            yield Finding((*path, "smoke_tests", index, "request_body"), reason, "Use POST, PUT or PATCH, or remove it")


def _reachable(service: Service, path: Path) -> Iterator[Finding]:
    """The test listener has the paths of the production listener, and answers 404 to any other."""
    if not service.public:
        return  # found by its name, at any path

    def reached(asked: str) -> bool:
        return any(fnmatchcase(asked.partition("?")[0], pattern) for pattern in service.public)

    patterns = ", ".join(service.public)
    release, ready = service.release, service.health.readiness.path
    for index, test in enumerate(release.smoke_tests):
        if not reached(test.path):
            reason = f"{test.path} reaches another service: this one has {patterns}"
            yield Finding((*path, "smoke_tests", index, "path"), reason, "Ask a path below those")
    if not release.smoke_tests and not reached(ready):
        reason = f"without smoke tests {ready} is asked, and no request to it reaches this service: it has {patterns}"
        yield Finding((*path, "smoke_tests"), reason, "Write one: smoke_tests: [{name: ..., path: ...}]")
    if release.load is not None and not reached(release.load.path):
        reason = f"{release.load.path} reaches another service: this one has {patterns}"
        yield Finding((*path, "load", "path"), reason, "Ask a path below those, or write load: null")


def _migration(service: Service, path: Path) -> Iterator[Finding]:
    if service.migration is None:
        return
    if not service.release.shifts:
        reason = "a rolling update runs no hooks, so nothing would run the migration"
        yield Finding(
            path, reason, "Write release: {engine: ecs, strategy: blue_green}, or migrate at the service's start"
        )
    way_back = service.migration.way_back
    if way_back.kind == "command" and not way_back.command:
        yield Finding((*path, "way_back", "command"), "is missing", "Write the program that takes the migration back")
    if way_back.kind == "none" and not way_back.because:
        reason = "a migration that cannot go back is refused unless it says why that is acceptable"
        yield Finding((*path, "way_back", "because"), reason, "Write because: ..., or make the migration compatible")


def _after(deployment: Deployment, name: str, service: Service, path: Path) -> Iterator[Finding]:
    for index, other in enumerate(service.release.after):
        if other == name:
            yield Finding((*path, "after", index), "a release cannot wait for itself", "Remove it")
        elif other not in deployment.services:
            known = ", ".join(sorted(set(deployment.services) - {name})) or "none"
            yield Finding(
                (*path, "after", index),
                f"there is no service {other!r}",
                f"Known here: {known}",
                (("services", other),),
            )


def _circle(deployment: Deployment) -> Iterator[Finding]:
    settled: set[str] = set()
    waiting = {
        name: set(service.release.after) & set(deployment.services) for name, service in deployment.services.items()
    }
    while True:
        ready = {name for name, others in waiting.items() if name not in settled and others <= settled}
        if not ready:
            break
        settled |= ready
    stuck = sorted(name for name in waiting if name not in settled and name not in waiting[name])
    if stuck:
        reason = f"the releases of {', '.join(stuck)} wait for each other in a circle"
        yield Finding(("services", stuck[0], "release", "after"), reason, "Let one of them go first")


def _way_out(deployment: Deployment) -> Iterator[Finding]:
    """Hooks look at dependencies from inside the VPC, and ask AWS from there."""
    shifting = [name for name, service in deployment.services.items() if service.release.shifts]
    if shifting and deployment.network.nat_gateways == 0:
        reason = f"the hooks that release {', '.join(shifting)} reach AWS from the VPC by a NAT gateway"
        remedy = "1 or more, or release: {engine: ecs, strategy: rolling}"
        yield Finding(("network", "nat_gateways"), reason, remedy, (("services",),))


def _freezes(deployment: Deployment) -> Iterator[Finding]:
    for index, freeze in enumerate(deployment.freezes):
        try:
            start, end = datetime.fromisoformat(freeze.start), datetime.fromisoformat(freeze.end)
        except ValueError as error:
            yield Finding(("freezes", index), f"is no moment: {error}", "Write 2026-12-23T18:00:00+01:00")
            continue
        if end <= start:
            yield Finding(("freezes", index, "end"), "is not after its start", "Write a later moment")


def _broken_glass(deployment: Deployment) -> Iterator[Finding]:
    for name in deployment.break_glass:
        if name not in deployment.services:
            yield Finding(("images", name), f"there is no service {name!r}", "Remove it")
