"""Release and rollback are sums of the spec's own values, for each engine and strategy."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spec import Deployment, SpecError, load
from spec.assessment import total
from spec.cheapest_change import cheapest_change
from spec.release import Release, WayBack
from spec.release_objectives import STACK_UPDATE, automatic_rollback_of, release, release_of, rollback
from spec.release_times import (
    MOST_MINUTES_OF_A_DEPLOYMENT,
    bake_minutes,
    deployment_timeout_minutes,
    detection_seconds,
    step_percentages,
    total_limit_seconds,
    window_seconds,
)
from spec.services import Service

ROOT = Path(__file__).parent.parent.parent
PRODUCTION = load(ROOT / "apps" / "generator-platform.yaml").for_environment("prod")
WEB = PRODUCTION.services["web"]


def service(base: Service = WEB, **changes: Any) -> Service:
    """A service whose release has these values."""
    return base.model_copy(update={"release": base.release.model_copy(update=changes)})


def with_services(**services: Service) -> Deployment:
    """Production with other services."""
    return PRODUCTION.model_copy(update={"services": services})


def minutes(terms: Any, what: str) -> float:
    """Minutes of the terms whose name starts with `what`."""
    return float(sum(term.minutes for term in terms if term.what.startswith(what)))


def test_D5_a_canary_is_the_sum_of_its_parts() -> None:
    """Hooks at their limits, start, checks, the shift."""
    hooks = 10 + 10 + 15 + 5 + 20
    assert pytest.approx((hooks + 40 + 20 + 120) / 60) == total(release_of(WEB))


def test_D5_a_migration_counts_in_before_install() -> None:
    """Its own limit on top of the hook's."""
    api = PRODUCTION.services["api"]
    assert pytest.approx((10 + 45) / 60) == minutes(release_of(api), "before install")


def test_D5_an_automatic_rollback_deploys_nothing_a_second_time() -> None:
    """Requests back, tasks gone, stack settled; CodeDeploy's end has to be noticed."""
    codedeploy, ecs = (automatic_rollback_of(service(engine=engine)) for engine in ("codedeploy", "ecs"))
    for terms in (codedeploy, ecs):
        assert (0, 0) == (minutes(terms, "shift"), minutes(terms, "start of tasks"))
    assert pytest.approx(0.25) == total(codedeploy) - total(ecs)


def test_D5_a_schema_that_is_taken_back_goes_on_beside() -> None:
    """The longer of the two counts."""
    api = PRODUCTION.services["api"]
    assert api.migration is not None
    back = api.migration.model_copy(
        update={"timeout_seconds": 600, "way_back": WayBack(kind="command", command=("undo",))}
    )
    assert pytest.approx(10 + 1 / 6) == total(automatic_rollback_of(api.model_copy(update={"migration": back})))


def test_D5_services_move_side_by_side_unless_one_waits() -> None:
    """The environment takes as long as its slowest chain."""
    one = total(release_of(WEB))
    beside = release(with_services(a=WEB, b=WEB, c=WEB))
    chain = release(with_services(a=WEB, b=service(after=("a",)), c=service(after=("b",))))
    assert pytest.approx((STACK_UPDATE.minutes + one, STACK_UPDATE.minutes + 3 * one)) == (total(beside), total(chain))


def test_D5_a_rollback_is_never_promised_quicker_than_what_a_person_can_do() -> None:
    """Once the old version is gone, going back is a release."""
    assert total(rollback(PRODUCTION)) >= total(release(PRODUCTION))


STRATEGIES = st.sampled_from(["rolling", "blue_green", "canary", "linear"])


@given(STRATEGIES, st.integers(1, 99), st.integers(1, 50), st.integers(1, 5), st.integers(1, 5))
def test_steps_grow_to_all_requests(strategy: str, canary: int, linear: int, minute: int, datapoints: int) -> None:
    """And the window is the time between the first step and the last."""
    made = Release.model_validate(
        {
            "engine": "ecs",
            "strategy": strategy,
            "canary_percent": canary,
            "canary_minutes": minute,
            "linear_percent": linear,
            "linear_minutes": minute,
            "alarms": {"datapoints": datapoints},
        }
    )
    steps = step_percentages(made)
    assert list(steps) == sorted(set(steps))
    assert 100 == steps[-1]
    assert window_seconds(made) == (60 * minute * (len(steps) - 1) if strategy in {"canary", "linear"} else 0)
    assert 60 * (datapoints + 1) == detection_seconds(made)
    if strategy == "blue_green":
        assert 60 * bake_minutes(made) >= detection_seconds(made)


@given(STRATEGIES, st.integers(0, 20), st.integers(0, 20), st.integers(2, 20))
def test_D5_cloudformation_waits_longer_than_a_deployment_can_last(
    strategy: str, bake: int, kept: int, canary: int
) -> None:
    """Else its rollback would start a second deployment beside the first."""
    made = service(strategy=strategy, bake_minutes=bake, keep_old_minutes=kept, canary_minutes=canary)
    assume(total_limit_seconds(made) / 60 <= MOST_MINUTES_OF_A_DEPLOYMENT - 3)  # the rest is refused
    assert deployment_timeout_minutes(made) * 60 > total_limit_seconds(made)
    assert total_limit_seconds(made) / 60 > total(release_of(made)) - 1


@pytest.mark.parametrize(
    ("engine", "strategy"), list(product(["codedeploy", "ecs"], ["blue_green", "canary", "linear"]))
)
def test_D5_defaults_of_every_strategy_keep_the_promise(engine: str, strategy: str) -> None:
    """What nobody tuned fits five minutes, release and rollback."""
    made = service(WEB.model_copy(update={"health": type(WEB.health)()}), engine=engine, strategy=strategy)
    deployment = with_services(web=made)
    assert total(release(deployment)) <= 5
    assert total(rollback(deployment)) <= 5


SLOW = """
name: shop
description: Sells things
owner: shop-team
services:
  web:
    build: {context: ../shop}
    port: 3000
    public: ["/*"]
    vcpu: 0.5
    memory_gib: 1
    health: {startup: {expected_seconds: 90}}
edge: {domain: shop.example.com, hosted_zone: {id: Z0123456789ABCDEFGHIJ, name: example.com}}
monitoring: {notify: [oncall@example.com]}
environments: {prod: {}}
"""


def test_D5_a_release_that_is_too_slow_is_refused_with_its_sum_and_the_cheapest_change(tmp_path: Path) -> None:
    """Writing what it says makes the file sound."""
    file = tmp_path / "shop.yaml"
    file.write_text(SLOW, encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        load(file).for_environment("prod")
    problems = {problem.path: problem for problem in refused.value.problems}
    found = problems["objectives.deploy_minutes"]
    assert "5.333 minutes misses the objective of 5" in found.reason
    assert "start of tasks 1.5" in found.reason
    advice = "services.web.health.readiness.interval_seconds: 5, services.web.release.hooks.after_traffic_seconds: 10"
    assert f"The cheapest change that fits: {advice}" in found.remedy
    cheaper = SLOW.replace(
        "{expected_seconds: 90}", "{expected_seconds: 90}, readiness: {interval_seconds: 5, timeout_seconds: 3}"
    )
    cheaper = cheaper.replace("    vcpu: 0.5", "    release: {hooks: {after_traffic_seconds: 10}}\n    vcpu: 0.5")
    file.write_text(cheaper, encoding="utf-8")
    assert {"rollback_minutes"} >= {problem.path.split(".")[-1] for problem in _problems(file)}


def _problems(file: Path) -> list[Any]:
    try:
        load(file).for_environment("prod")
    except SpecError as error:
        return error.problems
    return []


@given(st.integers(1, 600), st.integers(0, 10), st.integers(2, 30), STRATEGIES)
def test_D5_the_cheapest_change_really_fits(expected: int, bake: int, canary: int, strategy: str) -> None:
    """Or it says that none does; it never advises what would not help."""
    health = WEB.health.model_copy(
        update={"startup": WEB.health.startup.model_copy(update={"expected_seconds": expected})}
    )
    made = service(
        WEB.model_copy(update={"health": health}),
        engine="ecs",
        strategy=strategy,
        bake_minutes=bake,
        canary_minutes=canary,
    )
    deployment = with_services(web=made)
    advice = cheapest_change(deployment, release, 5.0) if total(release(deployment)) > 5 else ""
    if advice and "No setting" not in advice:
        changed = made
        for change in advice.removeprefix("The cheapest change that fits: ").split(", "):
            path, value = change.removeprefix("services.web.").split(": ")
            changed = _written(changed, path.split("."), value)
        assert total(release(with_services(web=changed))) <= 5


def _written(model: Any, path: list[str], value: str) -> Any:
    name, *rest = path
    inner = _written(getattr(model, name), rest, value) if rest else (int(value) if value.isdigit() else value)
    return model.model_copy(update={name: inner})
