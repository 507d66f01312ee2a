"""Objectives are sums of the values an environment is built from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec import Deployment, SpecError, load
from spec.objectives import assess, interruptions, zone_loss
from spec.release import Release
from spec.release_objectives import release
from spec.services import Health

ROOT = Path(__file__).parent.parent.parent
PRODUCTION = load(ROOT / "apps" / "generator-platform.yaml").for_environment("prod")


def reached(deployment: Deployment, objective: str) -> float:
    """What the environment reaches."""
    return next(found.reached for found in assess(deployment) if found.objective == objective)


def with_services(**changes: object) -> Deployment:
    """Production with the same change to each service's data."""
    services = {name: service.model_copy(update=changes) for name, service in PRODUCTION.services.items()}
    return PRODUCTION.model_copy(update={"services": services})


def test_production_keeps_every_promise() -> None:
    """The specification's figures are met, each by its own sum."""
    assessments = assess(PRODUCTION)
    promised = {"deploy_minutes": 5, "rollback_minutes": 5, "rto_minutes": 15, "rpo_minutes": 5, "uptime": 99.9}
    of_the_region = {"region_rto_minutes": 15, "region_rpo_minutes": 5, "objects_minutes": 15}
    assert promised | of_the_region == {found.objective: found.target for found in assessments}
    assert {True} == {found.met for found in assessments}


def test_every_term_has_a_source() -> None:
    """Nobody has to believe a figure."""
    for found in assess(PRODUCTION):
        for term in found.terms:
            assert len(term.source) > 10, term


@given(st.integers(0, 3600), st.integers(2, 120))
def test_a_rolling_release_takes_as_long_as_its_slowest_service(deregistration: int, stop: int) -> None:
    """Start, checks, deregistration, stop and what the alarms need add up; services move side by side."""
    rolling = Release(engine="ecs", strategy="rolling")
    deployment = with_services(
        deregistration_seconds=deregistration,
        stop_timeout_seconds=stop,
        health=Health(),
        release=rolling,
        migration=None,
    )
    fixed = 0.5 + (40 + 10 * 2) / 60 + 2
    assert pytest.approx(fixed + (deregistration + stop) / 60) == sum(term.minutes for term in release(deployment))


@given(st.booleans(), st.integers(0, 2), st.sampled_from(["cluster", "single"]))
def test_standing_alone_never_helps(multi_az: bool, cache_replicas: int, brokers: str) -> None:
    """Recovery and interruptions of anything that stands alone are at least those of production."""
    assert PRODUCTION.database is not None
    assert PRODUCTION.cache is not None
    assert PRODUCTION.queue is not None
    weaker = PRODUCTION.model_copy(
        update={
            "database": PRODUCTION.database.model_copy(update={"multi_az": multi_az}),
            "cache": PRODUCTION.cache.model_copy(update={"replicas_per_shard": cache_replicas}),
            "queue": PRODUCTION.queue.model_copy(update={"deployment": brokers}),
        }
    )
    for terms in (zone_loss, interruptions):
        assert sum(term.minutes for term in terms(PRODUCTION)) <= sum(term.minutes for term in terms(weaker))


def test_data_lost_is_none_with_a_synchronous_standby_and_five_minutes_without() -> None:
    """A single instance is restored from transaction logs."""
    assert PRODUCTION.database is not None
    single = PRODUCTION.model_copy(update={"database": PRODUCTION.database.model_copy(update={"multi_az": False})})
    assert (0.0, 5.0) == (reached(PRODUCTION, "rpo_minutes"), reached(single, "rpo_minutes"))


def test_a_release_that_takes_too_long_is_refused_with_its_sum(tmp_path: Path) -> None:
    """The sum stands term by term in the message."""
    text = (
        (ROOT / "apps" / "storefront.yaml")
        .read_text()
        .replace(
            "port: 3000", "port: 3000\n    deregistration_seconds: 240\n    release: {engine: ecs, strategy: rolling}"
        )
    )
    (tmp_path / "storefront.yaml").write_text(text)
    with pytest.raises(
        SpecError, match=r"8 minutes misses the objective of 5: CloudFormation 0\.5 \+ .*deregistration 4\.0"
    ):
        load(tmp_path / "storefront.yaml").for_environment("prod")


def test_an_objective_of_null_promises_nothing() -> None:
    """Development does not promise an uptime."""
    development = load(ROOT / "apps" / "generator-platform.yaml").for_environment("dev")
    assert "uptime" not in {found.objective for found in assess(development)}
