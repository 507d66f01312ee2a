"""Requirement R6: a drill from its first look to its report, by the functions themselves and their state machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from drilling import rds
from drilling.names import COPY, LOGIN, REPLICA, TERMS, UNMEASURED
from drilling.tasks import HEALTHY, STARTING
from drilling.world import Drilling
from failing_over.ends import changed_nothing, taken_over
from failing_over.names import BEAT, LEASE, PREFIX, THERE
from permissions.recorded_aws import Refused

from failover.drill import control as drill_control
from shared.postgresql_scram import verifier
from understudy.drill_workflow import STEPS

Begin = Callable[..., Drilling]
PRODUCTION = ("lease", "lock", "failover", "signals", "question", "answer", "handover")


def test_R6_a_drill_is_held_and_nothing_of_it_is_left(drilling: Begin) -> None:
    """Every step in its order, on a copy; then both databases and all tasks are gone."""
    world = drilling()
    assert "Held" == world.drill()
    assert [] == world.left
    entered = list(dict.fromkeys(world.history))
    names = ["".join(part.capitalize() for part in step.split("_")) for step, _ in STEPS]
    assert [*names, "Remove", "Report", "Held"] == [
        state for state in entered if not state.endswith(("Wait", "Verdict"))
    ]
    assert (1, 1, {COPY, REPLICA}) == (world.rds.restores, world.rds.promotions, set(world.rds.deleted))
    assert "held" == world.newest["state"]


def test_R6_production_is_not_touched(drilling: Begin) -> None:
    """Lease, locks and records, traffic, tasks and the waiting replica are as they were; the active site takes writes all the while."""
    world = drilling()
    before = {name: dict(world.item(name)) for name in PRODUCTION if name not in {"lease", "signals"}}
    assert "Held" == world.drill()
    assert before == {name: dict(world.item(name)) for name in before}
    assert changed_nothing(world)
    assert {"us-west-2"} == set().union(*(sites for _, sites in world.writable))
    assert {} == world.bounds


def test_R6_the_newest_whole_backup_in_the_region_is_what_is_restored(drilling: Begin) -> None:
    """One that is still being copied does not count."""
    world = drilling()
    world.drill()
    assert "awsbackup:copyjob-new" == world.result["snapshot"]


def test_R6_every_part_that_a_copy_can_tell_is_measured(drilling: Begin) -> None:
    """Beside what the spec expects; what it cannot tell counts as the spec has it, and is said to be so."""
    world = drilling()
    world.drill()
    parts = {part["what"]: part for part in world.result["terms"]}
    assert TERMS == {what: part["expected_seconds"] for what, part in parts.items()}
    assert set(UNMEASURED) == {what for what, part in parts.items() if part["measured_seconds"] is None}
    measured = {what: part["measured_seconds"] for what, part in parts.items()}
    assert measured["promotion"] == pytest.approx(rds.PROMOTING, abs=11)
    assert STARTING == measured["start of tasks"]
    assert measured["health checks"] == pytest.approx(HEALTHY, abs=6)
    whole = sum(TERMS[what] for what in UNMEASURED) + sum(
        measured[what] or 0 for what in TERMS if what not in UNMEASURED
    )
    assert world.result["recovery_seconds"] == pytest.approx(whole, abs=0.1)


def test_R6_what_would_be_lost_is_read_from_the_waiting_replica(drilling: Begin) -> None:
    """As the gate of a failover would count it: since the newest heartbeat, to the end of the lease."""
    world = drilling()
    world.drill()
    assert LEASE - BEAT <= world.result["lost_seconds"] <= LEASE + BEAT


def test_R6_the_application_logs_in_by_a_password_that_stands_in_no_statement(drilling: Begin) -> None:
    """It is the drill's, valid for hours, and known to the drill's secret alone."""
    world = drilling()
    world.drill()
    (login,) = world.logins
    told = json.loads(login)
    assert "application" == told["username"]
    said = "\n".join(world.database_session.statements)
    assert 'ALTER ROLE "application" LOGIN PASSWORD \'SCRAM-SHA-256$' in said
    assert told["password"] not in said + json.dumps(world.result) + "".join(body for _, body in world.messages)
    assert len(verifier(told["password"])) > 100
    assert LOGIN.endswith("drill-1")


def test_R6_tasks_know_the_copy_and_no_other_database(drilling: Begin) -> None:
    """By what they are started with."""
    world = drilling()
    world.drill()
    host = f"{REPLICA}.internal"
    wanted = {"DATABASE_HOST": host, "DATABASE_PORT": "5432", "DATABASE_READER_HOSTS": host}
    assert [(f"{PREFIX}-drill-web", wanted), (f"{PREFIX}-drill-api", wanted)] == [
        (task.family, task.variables) for task in world.ecs.there.values()
    ]


def test_R8_people_read_what_came_of_it(drilling: Begin) -> None:
    """Once, with each part of the recovery time, and where the runbook goes on."""
    world = drilling()
    world.drill()
    ((subject, body),) = world.messages
    assert subject.startswith(f"{PREFIX}: drill held: recovery ")
    assert "  promotion: measured 2" in body
    assert "  switch: not measured, a copy cannot tell, expected 35 s" in body
    assert "Runbook: docs/runbooks/drill.md" in body


def test_R6_a_drill_that_misses_an_objective_says_so_and_rings(drilling: Begin) -> None:
    """A promotion of a quarter of an hour cannot be within it; everything is removed all the same."""
    world = drilling()
    world.rds.promoting_seconds = 900
    assert "NotHeld" == world.drill()
    assert ("missed", ["recovery_seconds"]) == (world.result["state"], list(world.result["missed"]))
    assert ("DrillMissed", 1.0) in world.metrics
    assert "drill missed an objective" in world.messages[-1][0]
    assert [] == world.left


def test_R6_a_replica_that_is_too_far_behind_misses_the_recovery_point(drilling: Begin) -> None:
    """Nobody need wait for the loss of a region to hear of it."""
    world = drilling()
    world.lag = 400.0
    world.sleep(460)
    assert "NotHeld" == world.drill()
    assert ["lost_seconds"] == list(world.result["missed"])


def test_R6_the_trend_is_kept(drilling: Begin) -> None:
    """Newest last, and each with its numbers; of one that failed there are none."""
    world = drilling()
    world.drill("drill-1")
    world.rds.refusal = Refused("InsufficientDBInstanceCapacity")
    world.drill("drill-2")
    held, failed = json.loads(str(world.item("drills")["drills"]))["drills"]
    assert ("drill-1", "held") == (held["id"], held["state"])
    assert held["recovery_seconds"] > held["promotion_seconds"] > held["lost_seconds"] > 0
    assert ("drill-2", "failed", None) == (failed["id"], failed["state"], failed["recovery_seconds"])
    assert {"drill#drill-1", "drill#drill-2"} <= set(world.tables.regions[THERE])


def _without_backups(world: Drilling) -> None:
    world.rds.snapshots.clear()


def _promoted(world: Drilling) -> None:
    world.promoted_at = 1.0


@pytest.mark.parametrize(
    ("what", "step", "because"),
    [
        (_without_backups, "restore", "no copy of a backup of shop-prod-db is in us-east-1"),
        (lambda w: setattr(w.rds, "refusal", Refused("StorageQuotaExceeded")), "restore", "RDS refuses"),
        (lambda w: setattr(w.ecs, "refusal", "Capacity is unavailable"), "start", "Capacity is unavailable"),
        (lambda w: setattr(w.ecs, "healthy", False), "healthy", "not healthy yet: web, api"),
        (lambda w: w.smoke.append("front: answered 500"), "verify", "front: answered 500"),
        (_promoted, "point", "follows no other one"),
        (lambda w: w.silent.add("open"), "open", "its function's log says why"),
    ],
)
def test_R6_a_step_that_fails_is_told_and_everything_is_removed(
    drilling: Begin, what: Callable[[Drilling], object], step: str, because: str
) -> None:
    """The report says which, and why."""
    world = drilling()
    what(world)
    assert "NotHeld" == world.drill()
    assert [] == world.left
    failed: Mapping[str, Any] = world.result["failed"]
    assert step == failed["step"]
    assert because in failed["because"]
    assert "drill not held" in world.messages[-1][0]
    assert because in world.messages[-1][1]


@pytest.mark.parametrize(
    ("given", "because"),
    [
        ({"environment": "shop-staging"}, "names the environment 'shop-staging'"),
        ({"environment": 7}, "the input is none of a drill"),
    ],
    ids=str,
)
def test_R6_what_is_not_asked_for_rightly_is_refused(drilling: Begin, given: dict[str, Any], because: str) -> None:
    """At once; the execution's last answer says why."""
    world = drilling()
    assert "NotHeld" == world.drill(**given)
    assert (0, []) == (world.rds.restores, world.messages)
    assert because in world.last_reason


def test_R6_a_drill_is_not_held_where_the_active_site_is(drilling: Begin) -> None:
    """After a failover, until the other region follows."""
    world = drilling()
    world.die()
    world.sleep(80)
    assert "FailedOver" == world.failover("failover-1")
    assert "NotHeld" == world.drill()
    assert 0 == world.rds.restores
    assert "is not the region that waits" in world.last_reason


def test_R6_two_drills_are_never_held_at_once(drilling: Begin) -> None:
    """The second ends by itself and takes nothing from the first."""
    world = drilling()
    ended: list[str] = []
    world.when("Promote", lambda: ended.append(world.drill("drill-2")))
    assert "Held" == world.drill("drill-1")
    assert ["NotHeld"] == ended
    assert 1 == world.rds.restores


@pytest.mark.parametrize("step", [step for step, _ in STEPS] + ["remove", "report"])
def test_R6_a_failover_does_not_wait_for_a_drill(drilling: Begin, step: str) -> None:
    """It comes when the drill is at that step, and goes through as if there were none. The drill gives way, and is removed."""
    state = step.capitalize()
    alone = drilling()
    alone.die()
    alone.sleep(80)
    alone.failover("failover-1")
    world = drilling()
    took: list[float] = []

    def lost() -> None:
        world.die()
        world.sleep(80)
        assert "FailedOver" == world.failover("failover-1")
        told = [json.loads(each) for each in world.objects]
        took.append(next(each["seconds"]["from_detection"] for each in told if "seconds" in each))

    world.when(state, lost)
    ended = world.drill()
    assert taken_over(world)
    assert took == [pytest.approx(alone.report["seconds"]["from_detection"], abs=6)]
    assert [] == world.left
    assert ("Held" if step in {"remove", "report"} else "NotHeld") == ended


@pytest.mark.parametrize("state", ["Assess", "Gate", "Take", "Promote", "Scale", "Verify"])
def test_R6_a_drill_gives_way_while_a_failover_is_at_work(drilling: Begin, state: str) -> None:
    """Asked in the middle of one, a drill that runs answers so; one that would begin is refused."""
    world = drilling()
    answers: list[str] = []

    def both() -> None:
        execution = str(world.item("drill").get("execution"))
        event = {"step": "restore", "execution": execution, "started_at": "2027-01-15T08:00:00+00:00", "input": {}}
        answers.append(str(drill_control.handler(event, object())["reason"]))
        assert "NotHeld" == world.drill("drill-2")

    def lost() -> None:
        world.die()
        world.sleep(80)
        world.when(state, both)
        assert "FailedOver" == world.failover("failover-1")

    world.when("Follow", lost)
    assert "NotHeld" == world.drill("drill-1")
    (answer,) = answers
    expected = "is not the region that waits" if state in {"Promote", "Scale", "Verify"} else "a failover is at work"
    assert expected in answer or state == "Assess"
    assert taken_over(world)
    assert 1 == world.rds.restores
