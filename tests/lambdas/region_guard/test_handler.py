"""The guard as its workflow asks it, with tables in three regions; the database is apart (test_database.py)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from killing import Killed, watched
from leasing.recovery_tables import recovery_tables

from region_guard import places
from region_guard.handler import LOOP_SECONDS, handler
from region_guard.settings import settings
from shared import aws, clock, lease
from shared.handover import Handover, HandoverTable
from shared.lease import Taken
from shared.lease_table import LeaseTable

HOME, STAND_IN, THIRD = "us-west-2", "us-east-1", "us-east-2"
TABLE = "shop-prod-recovery"


@pytest.fixture(autouse=True)
def guard(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Of the home, in an environment without a database."""
    document = {
        "prefix": "shop-prod",
        "region": HOME,
        "peer_region": STAND_IN,
        "witness_region": THIRD,
        "active": True,
        "stands_in": True,
        "heartbeat_seconds": 5,
        "lease_seconds": 45,
    }
    monkeypatch.setenv("GUARD", json.dumps(document))
    settings.cache_clear()
    with recovery_tables(TABLE, (HOME, STAND_IN, THIRD)):
        yield
    settings.cache_clear()


def look(seconds_ago: float = 1) -> dict[str, Any]:
    """By an execution that began then."""
    started = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return handler({"started": started.isoformat().replace("+00:00", "Z")}, None)


def until(region: str) -> float:
    """What the table of a region says."""
    found = LeaseTable(TABLE, region).read()
    assert found is not None
    return found.until


def test_R2_the_first_look_begins_the_lease_and_the_next_one_renews_it(capsys: pytest.CaptureFixture[str]) -> None:
    """At the witness and in the other site's table; its own says that it was so."""
    answer = look()
    assert ("IN_PROGRESS", "first") == (answer["status"], answer["reason"])
    assert 1 <= answer["wait_seconds"] <= 5
    first = until(THIRD)
    assert 40 < first - time.time() <= 45
    assert {"first", "holder"} == {answer["reason"], look()["reason"]}
    assert first < until(THIRD) == until(STAND_IN)
    own = LeaseTable(TABLE, HOME).read()
    assert own is not None
    assert (HOME, 1, 0.0) == (own.holder, own.epoch, own.until)
    numbers = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert {"Completed": [1.0], "Fenced": [0.0], "RefusedByWitness": [0.0], "RefusedByPeer": [0.0]}.items() <= numbers[
        -1
    ].items()
    assert "shop-prod" == numbers[-1]["Environment"]
    assert [0.0] == numbers[-1]["NothingStandsIn"]


def test_R2_an_older_execution_ends_when_a_newer_one_looks() -> None:
    """And the newest one when its time is over."""
    assert "IN_PROGRESS" == look(seconds_ago=60)["status"]
    assert "IN_PROGRESS" == look(seconds_ago=1)["status"]
    assert "SUCCEEDED" == look(seconds_ago=60)["status"]
    assert "IN_PROGRESS" == look(seconds_ago=1)["status"]


def test_R2_an_execution_ends_in_time() -> None:
    """Before AWS ends it."""
    assert "SUCCEEDED" == look(seconds_ago=LOOP_SECONDS)["status"]


def test_R2_a_place_that_is_not_there_costs_no_look(capsys: pytest.CaptureFixture[str]) -> None:
    """The other one grants the lease, and the numbers say which does not."""
    look()
    before = until(STAND_IN)
    aws.client("dynamodb", THIRD).delete_table(TableName=TABLE)
    look()
    assert before < until(STAND_IN)
    (*_, numbers) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert ([1.0], [0.0]) == (numbers["RefusedByWitness"], numbers["RefusedByPeer"])


def test_R2_a_place_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look is over in less than a heartbeat."""
    look()
    before = until(STAND_IN)
    whole = LeaseTable.read

    def hanging(table: LeaseTable) -> Any:
        if table.region == THIRD:
            time.sleep(8)
        return whole(table)

    monkeypatch.setattr(LeaseTable, "read", hanging)
    monkeypatch.setattr(places, "PLACE_SECONDS", 1.0)
    began = time.monotonic()
    look()
    assert time.monotonic() - began < 5
    monkeypatch.undo()
    assert before < until(STAND_IN)


def test_R2_who_lost_the_lease_renews_nothing() -> None:
    """The stand-in took it meanwhile."""
    look()
    own, witness = LeaseTable(TABLE, STAND_IN), LeaseTable(TABLE, THIRD)
    later = clock.epoch() + 60
    assert Taken(2) == lease.take(STAND_IN, own, witness, now=later, lease_seconds=45)
    before = witness.read()
    assert "other" == look()["reason"]
    assert before == witness.read()


def test_R2_a_site_without_a_database_hands_over_at_once() -> None:
    """And goes on when the request is withdrawn."""
    look()
    requests = HandoverTable(TABLE, HOME)
    assert requests.ask(Handover("one", STAND_IN, clock.epoch() + 60), now=clock.epoch())
    look()
    acknowledged = requests.look()
    assert acknowledged is not None
    assert acknowledged.fenced_at is not None
    assert acknowledged.position is None
    assert max(until(THIRD), until(STAND_IN)) <= clock.epoch()
    requests.withdraw("another")
    look()
    assert until(THIRD) <= clock.epoch()
    requests.withdraw("one")
    look()
    assert until(THIRD) > clock.epoch()


def test_R2_requests_to_hand_over() -> None:
    """One at a time; again by the same changes nothing; what is over is replaced, and not heeded."""
    requests, now = HandoverTable(TABLE, HOME), clock.epoch()
    assert requests.look() is None
    first = Handover("one", STAND_IN, now + 60)
    assert requests.ask(first, now=now)
    assert requests.acknowledge("one", fenced_at=now, position="0/1")
    assert requests.ask(first, now=now)
    found = requests.look()
    assert found is not None
    assert "0/1" == found.position
    assert not requests.ask(Handover("two", STAND_IN, now + 60), now=now)
    assert not requests.acknowledge("two", fenced_at=now, position=None)
    assert requests.ask(Handover("two", STAND_IN, now + 120), now=now + 62)
    found = requests.look()
    assert found is not None
    assert ("two", None) == (found.execution, found.fenced_at)


def test_R2_a_request_that_is_over_is_not_heeded() -> None:
    """A workflow that was lost keeps nobody shut out."""
    look()
    HandoverTable(TABLE, HOME).ask(Handover("one", STAND_IN, clock.epoch() - 1), now=clock.epoch())
    look()
    assert until(THIRD) > clock.epoch()


@pytest.mark.parametrize("beginning", [False, True], ids=["renewing", "first"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_R2_a_look_that_dies_at_any_call_is_followed_by_one_that_finds_its_way(*, beginning: bool, after: bool) -> None:
    """The lease is renewed at both places."""
    if not beginning:
        look()
    with watched() as calls:
        look()
    for number in range(len(calls.made)):
        if beginning:
            for region in (HOME, STAND_IN, THIRD):
                aws.client("dynamodb", region).delete_item(TableName=TABLE, Key={"item": {"S": "lease"}})
        with watched(number, after=after), pytest.raises(Killed):
            look()
        for _ in range(2):
            assert "IN_PROGRESS" == look()["status"]
        for region in (STAND_IN, THIRD):
            assert until(region) > clock.epoch() + 40
