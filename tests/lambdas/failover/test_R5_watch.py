"""Requirement R5: the waiting site's eyes, and what begins when they see that something is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from failing_over.names import BEGIN, HOME, MACHINE, PREFIX, PROBE, THERE
from failing_over.tables import Tables
from failing_over.world import World
from permissions.recorded_aws import RecordedAws, Refused

from failover import replica, start, watch
from shared import aws, clock, lease
from shared.told import Told

Begin = Callable[..., World]
ALARM = f"{PREFIX}-failover-lost-critical"


def test_R5_a_look_is_written_down_with_what_it_means(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the alarms, as metrics of this second."""
    measured: list[Mapping[str, Any]] = []
    world = begin(lost=False)
    world.look = lambda: None
    world.sleep(PROBE)
    monkeypatch.setattr(watch, "_measure", lambda _, seen, lost: measured.append({"at": seen.at, **lost}))
    answer = watch.handler({"started": datetime.fromtimestamp(world.now, UTC).isoformat()}, object())
    assert ("IN_PROGRESS", PROBE) == (answer["status"], answer["wait_seconds"])
    assert [{"at": world.now, "probe": False, "guard": False, "replication": False}] == measured
    last = json.loads(world.item("signals")["observations"])[-1]
    assert ("ready", True) == (last["probe"], last["streaming"])
    assert world.now <= last["lease_here"] == last["lease_witness"]


def test_R5_of_two_executions_one_looks(begin: Begin) -> None:
    """The older one ends a while after the next has begun."""
    world = begin(lost=False)
    before = json.loads(world.item("signals")["observations"])
    started = datetime.fromtimestamp(world.now - 30, UTC).isoformat()
    assert "IN_PROGRESS" == watch.handler({"started": started}, object())["status"]
    started = datetime.fromtimestamp(world.now - 120, UTC).isoformat()
    assert "SUCCEEDED" == watch.handler({"started": started}, object())["status"]
    assert before == json.loads(world.item("signals")["observations"])


def test_R5_what_cannot_be_seen_is_no_signal(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A witness that is not reached, a replica that does not answer."""
    world = begin(lost=False)
    world.witness_reached = False

    def refused(_: Any) -> Any:
        raise Told("PostgreSQL does not answer")

    monkeypatch.setattr(replica, "asking", refused)
    world.sleep(PROBE)
    last = json.loads(world.item("signals")["observations"])[-1]
    assert (None, None, None) == (last["lease_witness"], last["streaming"], last["heartbeat"])
    assert last["lease_here"] > world.now - PROBE


def test_R5_nobody_is_called_about_a_region_that_was_taken_over_from(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may stay dark for days. Until the failover has come to its end the alarm goes on: it might have to be begun again."""
    measured: list[bool] = []
    monkeypatch.setattr(watch, "_measure", lambda _, __, lost: measured.append(lost["probe"]))
    world = begin()
    seen: dict[str, bool] = {}

    def look(when: str) -> None:
        world.sleep(PROBE)
        seen[when] = measured[-1]

    look("before")
    world.when("Promoted", lambda: look("in the middle"))
    assert "FailedOver" == world.failover()
    look("afterwards")
    assert {"before": True, "in the middle": True, "afterwards": False} == seen
    assert "failing" == json.loads(world.item("signals")["observations"])[-1]["probe"]


class Account:
    """What the starting function meets."""

    def __init__(self) -> None:
        self.state = "ALARM"
        self.started: dict[str, str] = {}
        self.running: list[str] = []
        self.tables = Tables({THERE: {}})

    def answers(self) -> dict[str, Any]:
        """Of AWS."""
        return {
            "cloudwatch.DescribeAlarms": lambda _: {
                "CompositeAlarms": [{"AlarmName": ALARM, "StateValue": self.state, "StateReason": "it rings"}]
            },
            "dynamodb.GetItem": lambda asked: self.tables.ask(THERE, "GetItem", asked),
            "stepfunctions.ListExecutions": lambda _: {"executions": [self._execution(each) for each in self.running]},
            "stepfunctions.StartExecution": self._start,
        }

    def _start(self, asked: Mapping[str, Any]) -> Any:
        if asked["name"] in self.started:
            return Refused("ExecutionAlreadyExists")
        self.started[asked["name"]] = asked["input"]
        return {"executionArn": f"{MACHINE}:{asked['name']}", "startDate": datetime.now(UTC)}

    def _execution(self, name: str) -> dict[str, Any]:
        return {
            "executionArn": f"{MACHINE}:{name}",
            "stateMachineArn": MACHINE,
            "name": name,
            "status": "RUNNING",
            "startDate": datetime.now(UTC),
        }


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An alarm that rings, and nobody at work."""
    variables = {"PREFIX": PREFIX, "AWS_REGION": THERE, "STATE_MACHINE_ARN": MACHINE, "ALARM_NAME": ALARM}
    for name, value in {**variables, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(clock, "epoch", lambda: BEGIN)
    start.settings.cache_clear()
    aws.forget_clients()
    found = Account()
    with RecordedAws(answers=found.answers(), passed_on=()).watching(aws._session()):
        yield found
    start.settings.cache_clear()
    aws.forget_clients()


def ringing(name: str = ALARM, value: str = "ALARM", at: str = "2027-01-15T08:03:10.138+0000") -> dict[str, Any]:
    """What CloudWatch invokes a function with (User Guide, "Invoke a Lambda function from an alarm")."""
    return {
        "source": "aws.cloudwatch",
        "alarmArn": f"arn:aws:cloudwatch:{THERE}:123456789012:alarm:{name}",
        "accountId": "123456789012",
        "time": "2027-01-15T08:03:10.150+0000",
        "region": THERE,
        "alarmData": {
            "alarmName": name,
            "state": {"value": value, "reason": f"{HOME} fails", "timestamp": at},
            "previousState": {"value": "OK", "timestamp": "2027-01-15T07:00:00.000+0000"},
            "configuration": {"alarmRule": f"ALARM({PREFIX}-failover-probe-warning)"},
        },
    }


def test_R5_an_alarm_starts_one_execution_for_each_time_that_it_rings(account: Account) -> None:
    """However often CloudWatch invokes the function about it."""
    assert "started" in start.handler(ringing(), object())
    assert "not_started" in start.handler(ringing(), object())
    assert "started" in start.handler(ringing(at="2027-01-15T09:00:00.000+0000"), object())
    assert ["alarm-1800000190-138", "alarm-1800003600-000"] == list(account.started)
    assert {
        "mode": "failover",
        "environment": PREFIX,
        "because": f"{HOME} fails",
        "by": "alarm",
    } == json.loads(account.started["alarm-1800000190-138"])


@pytest.mark.parametrize("event", [ringing(value="OK"), ringing(name="another"), ringing(value="INSUFFICIENT_DATA")])
def test_R5_nothing_else_starts_one(account: Account, event: dict[str, Any]) -> None:
    """Another alarm, or this one when it ends."""
    assert "not_started" in start.handler(event, object())
    assert {} == account.started


def test_R5_two_alarms_at_once_are_one_execution(account: Account) -> None:
    """The second one finds the first at work."""
    start.handler(ringing(), object())
    account.running = list(account.started)
    assert "is at work" in start.handler(ringing(at="2027-01-15T08:03:11.000+0000"), object())["not_started"]


def test_R5_the_clock_looks_again_while_it_rings(account: Account) -> None:
    """An execution that ended undecided is not the last one; every five minutes there is another."""
    assert "started" in start.handler({"scheduled": True}, object())
    assert "not_started" in start.handler({"scheduled": True}, object())
    assert ["alarm-1800000000-000"] == list(account.started)


@pytest.mark.parametrize(("state", "starts"), [("OK", False), ("INSUFFICIENT_DATA", False), ("ALARM", True)])
def test_R5_the_clock_starts_nothing_while_it_does_not_ring(account: Account, state: str, *, starts: bool) -> None:
    """Which is nearly always."""
    account.state = state
    assert starts == ("started" in start.handler({"scheduled": True}, object()))


@pytest.mark.parametrize("state", ["asking", "stopped"])
def test_R5_the_clock_does_not_go_on_in_a_persons_place(account: Account, state: str) -> None:
    """Past the point of no return somebody was asked."""
    account.tables.set(THERE, "failover", {"state": state})
    assert "a person has to go on" in start.handler({"scheduled": True}, object())["not_started"]


@pytest.mark.parametrize("event", [ringing(), {"scheduled": True}], ids=["alarm", "clock"])
@pytest.mark.parametrize(
    ("holder", "state", "starts"),
    [(THERE, "done", False), (THERE, None, False), (THERE, "running", True), (HOME, "done", True), (None, None, True)],
)
def test_R5_a_site_that_has_taken_over_starts_nothing(
    account: Account, event: dict[str, Any], holder: str | None, state: str | None, *, starts: bool
) -> None:
    """Each execution would tell people in the night that there is nothing to take over. One left half-way is gone on with."""
    if holder is not None:
        lease.create(account.tables.lease(THERE), holder, 1, BEGIN)
    if state is not None:
        account.tables.set(THERE, "failover", {"state": state})
    assert starts == ("started" in start.handler(event, object()))
