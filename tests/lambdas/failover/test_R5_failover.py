"""Requirement R5: a failover from its first look to its report, by the functions themselves and their state machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from failing_over.ends import changed_nothing, taken_over
from failing_over.names import BEGIN, FULL, HOME, LEASE, THERE
from failing_over.world import World

from failover.steps.give_up import TOLD_SECONDS
from understudy.failover_workflow import AFTER, BEFORE

Begin = Callable[..., Any]


def test_R5_a_region_that_is_lost_is_taken_over(begin: Begin) -> None:
    """All of it, in this order, and people are told once."""
    world = begin()
    assert "FailedOver" == world.failover()
    assert taken_over(world)
    entered = list(dict.fromkeys(world.history))
    steps = ["".join(part.capitalize() for part in step.split("_")) for step, _ in (*BEFORE, *AFTER)]
    assert [*steps[: len(BEFORE)], "PointOfNoReturn", *steps[len(BEFORE) :]] == [
        state for state in entered if state in {*steps, "PointOfNoReturn"}
    ]
    ((subject, body),) = world.messages
    assert f"shop-prod: {THERE} has taken over from {HOME}" == subject
    assert f"`active: {THERE}`" in body
    assert {"web": (4, 8), "api": (2, 2)} == world.bounds


def test_R8_the_report_says_how_long_it_took_and_what_is_lost(begin: Begin) -> None:
    """From the last sign of life, and from the beginning of the execution; at most the rest of a lease is lost."""
    world = begin()
    dead_at = BEGIN + 120
    begun = world.now
    world.failover()
    report = world.report
    assert ("one", "failover", HOME, THERE, "alarm") == tuple(report[key] for key in ("id", "mode", "from", "to", "by"))
    seconds = report["seconds"]
    assert seconds["from_failure"] - seconds["from_detection"] == pytest.approx(begun - dead_at, abs=5)
    assert 60 <= seconds["steps"]["promoted"] < 75
    assert sum(seconds["steps"].values()) >= seconds["from_detection"] - 30
    assert report["lost"]["at_most_seconds"] == pytest.approx(LEASE, abs=5)
    assert f"recovery.active: {THERE}" == report["spec"]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (lambda world: setattr(world, "answers", False), "the signals do not agree"),
        (lambda world: setattr(world, "reaches_us", False), "the signals do not agree"),
    ],
    ids=["users are not served, and the guard is at work", "the waiting region is cut off"],
)
def test_R5_one_signal_alone_moves_nothing(begin: Begin, what: Callable[[World], None], message: str) -> None:
    """It is looked at for half an hour, and people are told what there is."""
    world = begin(lost=False)
    what(world)
    world.sleep(80)
    assert "NotFailedOver" == world.failover()
    assert changed_nothing(world)
    ((_, body),) = world.messages
    assert message in body


def test_R5_an_open_issue_at_aws_is_a_signal(begin: Begin) -> None:
    """With it and no users served, nobody waits for the guard there to be seen dead; the lease is waited for all the same."""
    event = {"service": "ECS", "region": HOME, "statusCode": "open"}
    world = begin(lost=False, health={"events": [event]})
    world.die()
    world.sleep(61)
    assert "FailedOver" == world.failover()
    assert taken_over(world)


def test_R5_a_region_that_flaps_is_left_alone(begin: Begin) -> None:
    """It answers every other minute: no execution finds it lost."""
    world = begin(lost=False)
    for number in range(4):
        world.die()
        world.sleep(50)
        world.rise()
        world.sleep(30)
        assert "NotFailedOver" == world.failover(f"number-{number}")
        assert changed_nothing(world)


@pytest.mark.parametrize("state", ["Approve", "Gate", "Fence", "CatchUp", "Take"])
def test_R5_a_region_that_comes_back_in_time_stays_active(begin: Begin, state: str) -> None:
    """Before the lease is taken; everything is put back."""
    world = begin(approval=True, answer=lambda world, _: "approve" if world.now > BEGIN + 600 else None)
    world.when(state, world.rise)
    world.when(state, lambda: world.sleep(45))
    assert "NotFailedOver" == world.failover()
    assert changed_nothing(world)
    subject, _ = world.messages[-1]
    # What is cut off at a hundred characters must not be the reason.
    assert "the active region is back: probe says alive" in subject or "back: guard says alive" in subject
    world.sleep(30)
    assert world.writes_at_home


def test_R5_a_region_that_comes_back_too_late_stays_fenced(begin: Begin) -> None:
    """From the lease on there is one writable side, whatever comes back."""
    world = begin()
    world.when("Promoted", world.rise)
    assert "FailedOver" == world.failover()
    world.sleep(120)
    assert taken_over(world)
    assert not world.writes_at_home


def test_R5_a_split_is_decided_by_the_witness(begin: Begin) -> None:
    """The active region reaches the witness, and so it stays, though nobody here sees it."""
    world = begin(lost=False)
    world.split()
    world.sleep(80)
    assert "NotFailedOver" == world.failover()
    assert changed_nothing(world)
    assert world.writes_at_home


@pytest.mark.parametrize(
    ("verdict", "ended"), [("approve", "FailedOver"), ("refuse", "NotFailedOver"), (None, "NotFailedOver")]
)
def test_R5_without_a_witness_a_person_says_whether_the_other_side_is_off(
    begin: Begin, verdict: str | None, ended: str
) -> None:
    """Also where the spec wants failovers to be automatic."""
    world = begin(witness=False, answer=lambda *_: verdict)
    assert ended == world.failover()
    question = world.item("question")["text"]
    assert f"there is no witness, so nobody but you can tell whether {HOME} is really off" in question
    assert "s of writes would be lost" in question
    assert (ended == "FailedOver") == (world.promotions == 1)


def test_R5_people_are_called_again_until_somebody_answers(begin: Begin) -> None:
    """Every ten minutes; the answer goes into the report."""
    world = begin(
        approval=True, answer=lambda world, asked: "approve" if world.now > asked["asked_at"] + 1500 else None
    )
    assert "FailedOver" == world.failover()
    calls = [subject for subject, _ in world.messages if "waits for you" in subject]
    assert ["", " (called 2 times)", " (called 3 times)"] == [call.partition("approve")[2] for call in calls]
    assert "somebody" == world.report["approved_by"]


def test_R5_an_answer_to_another_question_counts_for_nothing(begin: Begin) -> None:
    """An approval of yesterday's failover approves nothing today."""
    world = begin(approval=True)
    world.tables.set(THERE, "answer", {"question": "yesterday:approve:0", "verdict": "approve", "by": "x", "at": 1.0})
    assert "NotFailedOver" == world.failover()
    assert changed_nothing(world)


@pytest.mark.parametrize(
    ("lag", "accepted", "ended"),
    [
        (200.0, None, "FailedOver"),
        (400.0, None, "NotFailedOver"),
        (400.0, 300.0, "NotFailedOver"),
        (400.0, 500.0, "FailedOver"),
    ],
)
def test_R7_more_than_the_recovery_point_is_lost_only_if_somebody_accepts_it(
    begin: Begin, lag: float, accepted: float | None, ended: str
) -> None:
    """The number is told to whoever has to accept it, and covers what it says."""
    world = begin(lost=False)
    world.lag = lag
    world.sleep(int(lag) + 60)
    world.die()
    world.sleep(80)
    given = {} if accepted is None else {"by": "somebody", "accept_loss_seconds": accepted}
    assert ended == world.failover(**given)
    if ended == "FailedOver":
        assert lag <= world.report["lost"]["at_most_seconds"] <= lag + LEASE + 10
    else:
        assert changed_nothing(world)
        ((_, body),) = world.messages
        assert "s of writes would be lost, and the recovery point allows 300 s" in body


def test_R8_of_one_end_that_the_alarm_comes_to_again_people_hear_once_in_half_an_hour(begin: Begin) -> None:
    """However far the replica is behind by then. Whoever began it by hand hears of it each time."""
    world = begin(lost=False)
    world.lag = 400.0
    world.sleep(460)
    world.die()
    world.sleep(80)
    times = []
    for number in range(10):
        told = len(world.messages)
        assert "NotFailedOver" == world.failover(f"alarm-{number}")
        times += [world.now] * (len(world.messages) - told)
        world.sleep(300)
    assert world.now - times[0] > TOLD_SECONDS
    assert [time // TOLD_SECONDS for time in times] == sorted({time // TOLD_SECONDS for time in times})
    assert 2 <= len(times) <= 3
    for number in range(2):
        world.failover(f"by-hand-{number}", by="somebody")
    ends = [body.strip().rpartition(" ")[2] for subject, body in world.messages if "not failed over" in subject]
    assert ["by-hand-0", "by-hand-1"] == ends[len(times) :]


def test_R5_a_promotion_that_hangs_asks_a_person_and_can_be_gone_on_with(begin: Begin) -> None:
    """The person mends it and says so; nothing is asked of RDS twice, and nothing goes back by itself."""
    world = begin(promotes=False)

    def mend(world: World, asked: Mapping[str, Any]) -> str | None:
        if world.now < asked["asked_at"] + 700:
            return None
        world.promoted_at = world.now
        return "approve"

    world.answer = mend
    assert "FailedOver" == world.failover()
    assert taken_over(world)
    assert 1 == world.promotions
    assert "promoted" == world.item("question")["step"]
    assert any("there is no way back, only forward" in body for _, body in world.messages)


@pytest.mark.parametrize("verdict", ["refuse", None])
def test_R5_what_stopped_past_the_point_of_no_return_is_gone_on_with_by_hand(begin: Begin, verdict: str | None) -> None:
    """The alarm starts nothing any more; a person's failover goes on where it stopped."""
    world = begin(answer=lambda *_: verdict, smoke=["front: GET /: answered 500, not 200"])
    assert "Stopped" == world.failover()
    assert ("stopped", "verify") == (world.item("failover")["state"], world.item("failover")["failed_step"])
    assert not world.item("lock")
    assert "failover stopped at verify" in world.messages[-1][0]
    world.smoke = []
    assert "NotFailedOver" == world.failover("alarm-again")
    assert "FailedOver" == world.failover("by-hand", by="somebody")
    assert taken_over(world)
    assert 1 == world.promotions
    assert "one" == world.report["id"]


def test_R5_where_capacity_is_missing_every_service_gets_its_least_first(begin: Begin) -> None:
    """The first one had taken what the other one needs; in the end all are asked for, and the report says what is missing."""
    world = begin(capacity=4)
    assert "FailedOver" == world.failover()
    assert FULL == world.desired
    assert {"web": (4, 8), "api": (2, 2)} == world.bounds
    assert "unable to place a task" in world.report["notes"]


def test_R5_without_even_the_least_a_person_is_asked(begin: Begin) -> None:
    """And it goes on when there is room."""
    world = begin(capacity=1)

    def find_room(world: World, _: Mapping[str, Any]) -> str:
        world.capacity = 100
        return "approve"

    world.answer = find_room
    assert "FailedOver" == world.failover()
    assert "scale" == world.item("question")["step"]
    assert taken_over(world)
    assert world.report["notes"] is None


@pytest.mark.parametrize("mode", ["failover", "switchover"])
def test_R5_an_environment_without_a_database_is_taken_over_too(begin: Begin, mode: str) -> None:
    """By lease, tasks and traffic alone."""
    world = begin(database=False, lost=mode == "failover")
    assert "FailedOver" == world.failover(mode=mode, by="somebody")
    assert (0, THERE, FULL) == (world.promotions, world.active, world.desired)
    assert THERE == world.lease().holder


def test_R5_a_switchover_loses_nothing(begin: Begin) -> None:
    """The active site stops, the replica replays all of it, and nothing waits for a lease to run out."""
    world = begin(lost=False)
    assert "FailedOver" == world.failover(mode="switchover", by="somebody")
    assert taken_over(world)
    assert 0 == world.report["lost"]["at_most_seconds"]
    assert not world.item("handover", HOME)
    world.sleep(60)
    assert not world.writes_at_home


def test_R5_a_switchover_that_cannot_catch_up_lets_the_application_in_again(begin: Begin) -> None:
    """Users were without a writable site for two minutes, and have the old one back."""
    world = begin(lost=False)
    world.lag = 3.0
    assert "NotFailedOver" == world.failover(mode="switchover", by="somebody")
    assert changed_nothing(world)
    world.sleep(10)
    assert world.writes_at_home


@pytest.mark.parametrize(
    ("what", "because"),
    [
        (lambda world: world.die(), "needs both sites at work"),
        (lambda world: setattr(world, "lag", 100.0), "the replica is"),
    ],
    ids=["dead", "far behind"],
)
def test_R5_a_switchover_wants_both_sites(begin: Begin, what: Callable[[World], None], because: str) -> None:
    """Otherwise it is a failover."""
    world = begin(lost=False)
    what(world)
    world.sleep(100)
    assert "NotFailedOver" == world.failover(mode="switchover", by="somebody")
    assert because in world.messages[-1][1]
    assert changed_nothing(world)


@pytest.mark.parametrize(
    ("given", "because"),
    [
        ({"by": "somebody", "environment": "shop-staging"}, "names the environment 'shop-staging'"),
        ({"by": "somebody", "environment": ""}, "names the environment ''"),
        ({"mode": "fail over"}, "the input is none of a failover"),
        ({"by": "somebody", "accept_loss_seconds": "all"}, "the input is none of a failover"),
    ],
    ids=str,
)
def test_R5_what_is_not_asked_for_rightly_is_refused(begin: Begin, given: dict[str, Any], because: str) -> None:
    """At once, and people are told."""
    world = begin()
    begun = world.now
    assert "NotFailedOver" == world.failover(**given)
    assert changed_nothing(world)
    assert because in world.messages[-1][1]
    assert world.now - begun < 60


def test_R5_a_person_cannot_fail_over_from_a_region_that_works(begin: Begin) -> None:
    """A switchover would lose nothing."""
    world = begin(lost=False)
    assert "NotFailedOver" == world.failover(by="somebody")
    assert "a switchover would lose nothing" in world.messages[-1][1]


def test_R5_a_database_that_follows_nobody_takes_nothing_over(begin: Begin) -> None:
    """A region that was abandoned has a database of its own, which is not the active one's copy."""
    world = begin(promoted_at=BEGIN)
    assert "NotFailedOver" == world.failover()
    assert "follows no other one" in world.messages[-1][1]
    assert changed_nothing(world)


def test_R5_a_person_decides_where_the_signals_do_not(begin: Begin) -> None:
    """The lease is what makes it safe: it is waited for, whatever a person believes."""
    world = begin(lost=False, answer=lambda *_: "approve")
    world.die()
    world.sleep(25)
    assert "FailedOver" == world.failover(by="somebody")
    assert "the signals do not agree that it is lost" in world.item("question")["text"]
    assert taken_over(world)


def test_R5_the_active_site_takes_nothing_over(begin: Begin) -> None:
    """Its own state machine, started by mistake after a failover."""
    world = begin()
    assert "FailedOver" == world.failover()
    assert "NotFailedOver" == world.failover("two", by="somebody")
    subject, body = world.messages[-1]
    assert "there is nothing to take over" in subject
    assert f"Nothing is changed: {THERE} is active" in body
    assert 1 == world.promotions


@pytest.mark.parametrize("state", ["Assess", "Lock", "Approve", "Take", "Promoted", "Scale", "Report", "Unlock"])
def test_R5_two_never_run_at_once(begin: Begin, state: str) -> None:
    """A second execution ends by itself, whenever it comes, and takes nothing from the first."""
    world = begin()
    ended: list[str] = []
    world.when(state, lambda: ended.append(world.failover("two", by="somebody")))
    first = world.failover()
    assert sorted(["FailedOver", "NotFailedOver"]) == sorted([first, *ended])
    assert taken_over(world)
    assert 1 == world.promotions
