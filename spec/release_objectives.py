"""How long a release and a rollback take, term by term; what the clock measures is decision 9."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from spec.assessment import Term, total
from spec.deployment import Deployment
from spec.release import HOOKS, HookName
from spec.release_times import (
    bake_minutes,
    hook_limit_seconds,
    rolling_bake_seconds,
    step_percentages,
    window_seconds,
)
from spec.services import Service

STACK_UPDATE: Final = Term("CloudFormation", 0.5, "change set and status polls of one stack update, measured 20-30 s")
REROUTE: Final = Term(
    "traffic back", 10 / 60, "one change of the listener's weights, and the engine's poll that orders it"
)
NOTICED: Final = Term(
    "CloudFormation notices", 15 / 60, "cdk-ecs-codedeploy asks for the deployment's status every 15 s"
)

HOOK_NAMES: Final[dict[HookName, str]] = {
    "before_install": "before install",
    "after_install": "after install",
    "test_traffic": "test traffic",
    "before_traffic": "before traffic",
    "after_traffic": "comparison",
}


def release(deployment: Deployment) -> tuple[Term, ...]:
    """Terms of a release of every service: CloudFormation, then the slowest chain of services that wait for each other."""
    return (STACK_UPDATE, *_slowest_chain(deployment, release_of))


def rollback(deployment: Deployment) -> tuple[Term, ...]:
    """Terms of going back, by itself or by a person, whichever takes longer.

    By itself: the old version still stands, so traffic returns at once; what takes time is CloudFormation's return to a
    settled stack. By a person, when the old version is gone: a release of the old one.
    """
    return max((*_slowest_chain(deployment, automatic_rollback_of),), release(deployment), key=total)


def running(service: Service) -> tuple[Term, ...]:
    """Terms until new tasks get requests."""
    ready, start = service.health.readiness, service.health.startup
    checks = ready.interval_seconds * ready.healthy_threshold
    return (
        Term("start of tasks", start.expected_seconds / 60, "health.startup.expected_seconds"),
        Term("health checks", checks / 60, "health.readiness: interval_seconds × healthy_threshold"),
    )


def leaving(service: Service) -> tuple[Term, ...]:
    """Terms until tasks that get no more requests are gone."""
    return (
        Term("deregistration", service.deregistration_seconds / 60, "deregistration_seconds"),
        Term("stop", service.stop_timeout_seconds / 60, "stop_timeout_seconds"),
    )


def release_of(service: Service) -> tuple[Term, ...]:
    """Terms of one service, every hook at its limit.

    A rolling update starts all new tasks beside the old ones (maximum 200 %, minimum healthy 100 %), and is over when
    the old ones have left and the alarms have seen the new ones. A shift is over when its last verdict is in: the old
    version then only waits to leave.
    """
    if not service.release.shifts:
        return (*running(service), *leaving(service), _watched(service))
    before, *others = (_hook(service, hook) for hook in HOOKS)
    installed, tested, gate, compared = others
    return (before, *running(service), installed, tested, gate, *_shift(service), compared, *_bake(service))


def automatic_rollback_of(service: Service) -> tuple[Term, ...]:
    """Terms from the verdict against the new version to a settled stack that runs the old one, and a schema it likes.

    Where a migration is taken back, that goes on beside the stack's return: the longer of the two counts.
    """
    return max(_settling(service), _schema_back(service), key=total)


def _settling(service: Service) -> tuple[Term, ...]:
    """Terms until CloudFormation is done.

    Under CodeDeploy its custom resource fails, so CloudFormation updates it back; what is live already is not deployed a
    second time (decision 12), and the tasks of the new version leave meanwhile.
    """
    if not service.release.shifts:
        return (STACK_UPDATE, *running(service), *leaving(service))
    noticed = (NOTICED,) if service.release.engine == "codedeploy" else ()
    return (REROUTE, *noticed, *leaving(service), STACK_UPDATE)


def _hook(service: Service, hook: HookName) -> Term:
    source = f"release.hooks.{hook}_seconds"
    if hook == "before_install" and service.migration is not None:
        source += " + migration.timeout_seconds"
    return Term(HOOK_NAMES[hook], hook_limit_seconds(service, hook) / 60, source)


def _shift(service: Service) -> tuple[Term, ...]:
    release = service.release
    window = window_seconds(release)
    if not window:
        return ()
    steps = " → ".join(f"{percent} %" for percent in step_percentages(release))
    return (Term(f"shift {steps}", window / 60, f"release.{release.strategy}_percent, {release.strategy}_minutes"),)


def _watched(service: Service) -> Term:
    """AWS: "Amazon ECS computes this time period based on the alarm configuration", and publishes no formula."""
    seconds = rolling_bake_seconds(service.release)
    return Term("bake", seconds / 60, "ECS Developer Guide, deployment alarms; taken as release.alarms look back")


def _bake(service: Service) -> tuple[Term, ...]:
    minutes = bake_minutes(service.release)
    return (Term("bake", minutes, "release.bake_minutes"),) if minutes else ()


def _schema_back(service: Service) -> tuple[Term, ...]:
    migration = service.migration
    if migration is None or migration.way_back.kind != "command":
        return ()
    return (REROUTE, Term("migration's way back", migration.timeout_seconds / 60, "migration.timeout_seconds"))


def _slowest_chain(deployment: Deployment, terms_of: Callable[[Service], tuple[Term, ...]]) -> tuple[Term, ...]:
    """The longest sum along `release.after`; services that do not wait for each other move side by side."""
    known: dict[str, tuple[Term, ...]] = {}

    def chain(name: str, waiting: tuple[str, ...]) -> tuple[Term, ...]:
        if name not in known:
            service = deployment.services[name]
            # A circle, or a service that is not there, is refused by a rule of its own.
            first = [other for other in service.release.after if other in deployment.services and other not in waiting]
            before = max((chain(other, (*waiting, name)) for other in first), key=total, default=())
            known[name] = (*before, *terms_of(service))
        return known[name]

    return max((chain(name, (name,)) for name in deployment.services), key=total)
