"""What the loss of a region costs is a sum of the spec's own values, for each strategy."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from failover.loss import Loss, written_until
from spec import Deployment, SpecError, load
from spec.assessment import total
from spec.change import Change, changed
from spec.cheapest_recovery import _candidates, cheapest_recovery
from spec.objectives import assess
from spec.recovery_objectives import assess_region, lost_objects, lost_with_region, region_loss
from spec.recovery_times import enough_beats, launch_seconds
from spec.rules import recovery as rules

ROOT = Path(__file__).parent.parent.parent
PRODUCTION = load(ROOT / "apps" / "generator-platform.yaml").for_environment("prod")
STANDING_IN = ("pilot_light", "warm_standby")
STRATEGIES = ("backup_restore", *STANDING_IN)


def with_recovery(deployment: Deployment = PRODUCTION, **values: Any) -> Deployment:
    """Production, with a stand-in that has these values."""
    chosen: dict[str, Any] = {
        "strategy": "warm_standby",
        "region": "us-east-1",
        "witness_region": "us-east-2",
        "failover": "approval",
        "active": None,
        "generation": 2,
    }
    recovery = type(deployment.recovery).model_validate({**chosen, **values})
    return deployment.model_copy(update={"recovery": recovery})


def minutes(terms: Any, what: str) -> float:
    """Minutes of the terms whose name starts with `what`."""
    return float(sum(term.minutes for term in terms if term.what.startswith(what)))


def test_R7_a_warm_standby_is_the_sum_of_its_parts() -> None:
    """Noticing, a person, the lease, the database, tasks and cache, the switch, the tests."""
    noticing, person, lease = 3 * 20 + 60, 4 * 60, 45 + 5
    database, tasks, cache = 10 + 5 * 60 + 5, 40 + 2 * 10, 60
    expected = (noticing + person + lease + database + tasks + cache + 35 + 15) / 60
    assert pytest.approx(expected) == total(region_loss(with_recovery()))


def test_R7_an_automatic_failover_waits_for_no_person_but_for_the_lease() -> None:
    """If there is a witness; without one a person is asked all the same."""
    automatic = region_loss(with_recovery(failover="automatic"))
    assert pytest.approx((0, 50 / 60)) == (minutes(automatic, "decision"), minutes(automatic, "lease"))
    alone = region_loss(with_recovery(failover="automatic", witness_region=None))
    assert 4 == minutes(alone, "decision")


def test_R7_a_pilot_light_starts_services_one_after_the_other() -> None:
    """Web needs api, api needs generator: nothing of them runs yet."""
    terms = region_loss(with_recovery(strategy="pilot_light"))
    started = [term.what.removeprefix("start of tasks of ") for term in terms if term.what.startswith("start of tasks")]
    assert ["generator", "api", "web"] == started
    assert total(terms) > total(region_loss(with_recovery()))


@given(st.integers(1, 2000))
def test_R7_many_tasks_start_no_quicker_than_fargate_lets_them(tasks: int) -> None:
    """A hundred at once, then twenty a second."""
    assert max(0, (tasks - 100) / 20) == launch_seconds(tasks)
    services = {"web": PRODUCTION.services["web"].model_copy(update={"replicas": tasks, "dependencies": ()})}
    crowd = PRODUCTION.model_copy(update={"services": services})
    cold, warm = (region_loss(with_recovery(crowd, strategy=strategy)) for strategy in STANDING_IN)
    assert pytest.approx(launch_seconds(tasks) / 60) == minutes(cold, "launch rate")
    assert minutes(warm, "launch rate") <= minutes(cold, "launch rate")


def test_R7_copies_of_backups_are_counted_with_their_frequency() -> None:
    """A day, and what it takes until a copy has arrived; not even hourly ones are five minutes."""
    terms = lost_with_region(with_recovery(strategy="backup_restore"))
    assert (24 * 60, 27 * 60) == (minutes(terms, "copy frequency"), total(terms))
    hourly = changed(with_recovery(strategy="backup_restore"), [Change("backup.copies.every_hours", 1, 0)])
    assert 4 * 60 == total(lost_with_region(hourly))


def test_R7_backups_are_restored_beside_the_other_stores() -> None:
    """The slowest store counts; without a database and a queue it is the cache."""
    whole = region_loss(with_recovery(strategy="backup_restore"))
    assert 30 == minutes(whole, "broker replacement") + minutes(whole, "database from its copy")
    little = PRODUCTION.model_copy(update={"database": None, "queue": None})
    assert 13 == minutes(region_loss(with_recovery(little, strategy="backup_restore")), "cache replacement")


@given(st.integers(2, 15), st.integers(10, 600), st.integers(20, 300))
def test_R7_lost_data_is_a_heartbeat_the_lag_and_the_lease(heartbeat: int, lag: int, lease: int) -> None:
    """All from the spec. Without a witness a person says that the region is off, and no lease has an end."""
    seconds: dict[str, Any] = {"heartbeat_seconds": heartbeat, "lag_seconds": lag, "lease_seconds": lease}
    assert pytest.approx((heartbeat + lag + lease) / 60) == total(lost_with_region(with_recovery(**seconds)))
    alone = lost_with_region(with_recovery(**seconds, witness_region=None))
    assert pytest.approx((heartbeat + lag) / 60) == total(alone)


PART = st.floats(0, 1)


@given(st.integers(2, 15), st.integers(10, 600), st.integers(20, 300), PART, PART, PART)
def test_R7_the_gate_counts_no_more_than_the_objective(
    heartbeat: int, lag: int, lease: int, since_beat: float, since_replayed_beat: float, behind: float
) -> None:
    """The region is lost at any moment between two beats, and the replica is behind by what no alarm tells of."""
    site = with_recovery(heartbeat_seconds=heartbeat, lag_seconds=lag, lease_seconds=lease)
    lost_at = 10_000.0
    renewed = lost_at - since_beat * heartbeat
    replayed = lost_at - behind * lag - since_replayed_beat * heartbeat
    gated = Loss(replayed, written_until(known=lost_at, lease_until=renewed + lease))
    assert gated.seconds <= 60 * total(lost_with_region(site)) + 1e-6


def test_R7_objects_are_promised_for_themselves() -> None:
    """Fifteen minutes whatever the database can do; nothing where nothing is stored."""
    assert 15 == total(lost_objects(with_recovery()))
    found = {each.objective: each for each in assess_region(with_recovery(objects_minutes=10.0))}
    assert not found["objects_minutes"].met
    assert ("recovery", "objects_minutes") == found["objects_minutes"].path
    storage = PRODUCTION.storage.model_copy(update={"data": None, "assets": None, "files": None})
    nothing = with_recovery(PRODUCTION.model_copy(update={"storage": storage}))
    assert "objects_minutes" not in {each.objective for each in assess_region(nothing)}


def test_R7_the_region_is_a_second_row_of_the_same_promise() -> None:
    """Zone and region are held against the same minutes; without a stand-in there is no second row."""
    rows = {each.objective: each for each in assess(with_recovery())}
    assert (15, 15) == (rows["rto_minutes"].target, rows["region_rto_minutes"].target)
    assert (5, 5) == (rows["rpo_minutes"].target, rows["region_rpo_minutes"].target)
    assert ("objectives", "rto_minutes") == rows["region_rto_minutes"].path
    assert () == assess_region(with_recovery(strategy="none"))


def test_R7_after_a_failover_nothing_is_promised_until_the_other_region_follows() -> None:
    """Then the promise is about the loss of the region that is active now."""
    assert () == assess_region(with_recovery(active="us-east-1", generation=2))
    found = assess_region(with_recovery(active="us-east-1", generation=3))
    assert "after the loss of us-east-1 meets the objective" in found[0].explained


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_R7_every_term_has_a_source_and_says_whether_it_was_measured(strategy: str) -> None:
    """Of a promotion between regions nobody has published a measurement."""
    deployment = with_recovery(strategy=strategy)
    terms = [term for each in assess_region(deployment) for term in each.terms]
    assert [] == [term for term in terms if len(term.source) <= 10]
    assumed = {term.what for term in terms if term.assumed}
    expected = (
        {"promotion", "switch", "warm-up"} if strategy in STANDING_IN else {"noticing", "copy to the other region"}
    )
    assert expected == assumed


def test_R7_a_strategy_that_is_too_slow_is_refused_with_its_sum_and_the_cheapest_change(tmp_path: Path) -> None:
    """Writing what it says makes the file sound."""
    data = YAML(typ="safe").load(ROOT / "apps" / "generator-platform.yaml")
    data["environments"]["prod"]["recovery"] = {"strategy": "pilot_light", "region": "us-east-1"}
    file = tmp_path / "generator-platform.yaml"
    with file.open("w", encoding="utf-8") as stream:
        YAML().dump(data, stream)
    with pytest.raises(SpecError) as refused:
        load(file).for_environment("prod")
    (problem,) = refused.value.problems
    assert "objectives.rto_minutes" == problem.path
    assert (
        "16.42 minutes after the loss of us-west-2 misses the objective of 15: probes 1.0 + alarm 1.0" in problem.reason
    )
    assert "promotion ~5.0" in problem.reason
    assert "The cheapest change that fits: recovery.failover: automatic, recovery.witness_region: " in problem.remedy
    for path, value in advised(problem.remedy):
        _write(data["environments"]["prod"], path.split("."), value)
    with file.open("w", encoding="utf-8") as stream:
        YAML().dump(data, stream)
    assert load(file).for_environment("prod").recovery.stands_in


def advised(remedy: str) -> list[tuple[str, Any]]:
    """Paths and values of a remedy."""
    changes = remedy.removeprefix("The cheapest change that fits: ").split(", ")
    return [
        (path, int(value) if value.isdigit() else value) for path, value in (change.split(": ") for change in changes)
    ]


def _write(data: dict[str, Any], path: list[str], value: Any) -> None:
    name, *rest = path
    if rest:
        _write(data.setdefault(name, {}), rest, value)
    else:
        data[name] = value


SPECS = st.fixed_dictionaries(
    {
        "strategy": st.sampled_from(STRATEGIES),
        "failover": st.sampled_from(["automatic", "approval"]),
        "witness_region": st.sampled_from([None, "us-east-2"]),
        "approval_minutes": st.floats(1, 30),
        "promotion_minutes": st.floats(1, 12),
        "heartbeat_seconds": st.integers(2, 15),
        "lease_seconds": st.integers(20, 300),
        "probe_seconds": st.integers(10, 60),
        "probe_failures": st.integers(2, 10),
        "lag_seconds": st.integers(10, 600),
    }
)


@given(SPECS, st.sampled_from([region_loss, lost_with_region, lost_objects]), st.floats(1, 200))
def test_R7_the_cheapest_change_really_fits_and_breaks_no_rule(
    values: dict[str, Any], terms_of: Any, target: float
) -> None:
    """Or it says that none does: then not even everything together would."""
    deployment = with_recovery(**values)
    assume(enough_beats(deployment.recovery) and total(terms_of(deployment)) > target)
    advice = cheapest_recovery(deployment, terms_of, target)
    if advice.startswith("No setting is enough"):
        for changes in combinations(_candidates(deployment), 2):
            with_them = changed(deployment, changes)
            assert not enough_beats(with_them.recovery) or total(terms_of(with_them)) > target
        return
    with_them = changed(deployment, [Change(path, value, 0) for path, value in advised(advice)])
    assert total(terms_of(with_them)) <= target
    assert [] == list(rules.check(with_them))
    assert re.match(r"The cheapest change that fits: (recovery|services)\.", advice)
