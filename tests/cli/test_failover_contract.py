"""What the functions of a failover write is what the command reads, and what the command answers is what they wait for."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from rich.console import Console

from cli.failover import UNFINISHED
from cli.failover_view import NO_RETURN, STEPS, came_of_it, progress
from cli.failover_watch import situation
from cli.stand_in import StandIn
from failover import observations, question, record
from failover.signals import Observation
from failover.steps import report
from failover.table import Table
from shared.items import Value
from shared.lease import Lease
from shared.lease_table import LeaseTable
from spec import load
from understudy.failover_workflow import AFTER, BEFORE

ROOT = Path(__file__).parent.parent.parent
PRODUCTION = load(ROOT / "apps" / "storefront.yaml").for_environment("prod")
HOME, STAND_IN = "us-west-2", "us-east-1"
NAME = f"{PRODUCTION.prefix}-recovery"
NOW = time.time()
RECORD = record.Record(
    id="alarm-1",
    mode="failover",
    execution=f"arn:aws:states:{STAND_IN}:123456789012:execution:{PRODUCTION.prefix}-failover:alarm-1",
    state="running",
    because="it is dark",
    by="alarm",
    from_region=HOME,
    to_region=STAND_IN,
    detected_at=NOW - 400,
    failed_at=NOW - 460,
    replayed_to=NOW - 465,
    written_until=NOW - 456,
    no_return_at=NOW - 300,
)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    """The recovery table of the stand-in, as the functions have it."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIA0000123456789012",
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_DEFAULT_REGION": STAND_IN,
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        boto3.client("dynamodb", region_name=STAND_IN).create_table(
            TableName=NAME,
            KeySchema=[{"AttributeName": "item", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "item", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield Table(NAME, STAND_IN)


@pytest.fixture
def there(table: Table) -> StandIn:  # noqa: ARG001 - it has to be there
    """The command's view of the same region."""
    return StandIn(PRODUCTION, STAND_IN)


def shown(*parts: object) -> str:
    """In one line."""
    console = Console(width=200, file=io.StringIO())
    for part in parts:
        console.print(part)
    return said(console)


def said(console: Console) -> str:
    """What was printed to it, in one line."""
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().split())


def test_R5_the_command_knows_every_step_in_its_order() -> None:
    """And the one from which on there is no way back."""
    assert [step for step, _ in (*BEFORE, *AFTER)] == list(STEPS)
    assert AFTER[0][0] == NO_RETURN


def test_R5_states_that_have_to_be_gone_on_with_are_those_of_the_record() -> None:
    """All but the final ones."""
    assert {"running", "asking", "stopped"} == set(UNFINISHED)
    assert not set(UNFINISHED) & set(record.FINAL)


def test_R5_the_record_is_read_as_it_is_written(table: Table, there: StandIn) -> None:
    """Steps that are through, and the one that is not."""
    steps = RECORD.looked("assess", 5.0).through("assess", 9.0, "it is lost").looked("gate", 9.0)
    assert table.put(record.ITEM, steps.item(), instead_of=None)
    found = there.item("failover")
    assert found is not None
    assert "no_return_at" in found
    text = shown(progress(found))
    assert "✓ assess 4 s it is lost" in text
    assert "… gate" in text
    failed = {**RECORD.item(), "failed_step": "gate", "failed_because": "too much would be lost"}
    assert "✗ gate too much would be lost" in shown(progress(failed))


def test_R8_the_report_is_read_as_it_is_written(table: Table, there: StandIn) -> None:
    """Measured times, and the line for the spec."""
    done = RECORD.looked("switch", NOW - 20).through("switch", NOW - 10, "switched")
    values = {"report": json.dumps(report.measured(done))}
    assert table.put(f"{report.ITEM}{done.id}", values, instead_of=None)
    found = there.item("report#alarm-1")
    assert found is not None
    text = shown(came_of_it(found))
    for words in ("450.0 s from the failure", "9.0 s of writes at the most", "write `recovery.active: us-east-1`"):
        assert words in text


def test_R5_an_answer_is_what_the_functions_wait_for(table: Table, there: StandIn) -> None:
    """With whose it is."""
    asked: dict[str, Value] = {
        "id": "alarm-1:approve:0",
        "step": "approve",
        "text": "Shall it?",
        "asked_at": NOW,
        "execution": "arn",
    }
    assert table.put(question.QUESTION, asked, instead_of=None)
    stands = there.item("question")
    assert stands is not None
    there.answer(stands, "approve", "arn:aws:iam::123456789012:user/ada", NOW)
    answer = table.read(question.ANSWER)
    assert answer is not None
    assert ("alarm-1:approve:0", "approve") == (answer["question"], answer["verdict"])
    assert "arn:aws:iam::123456789012:user/ada" == answer["by"]


def test_R5_lease_and_observations_are_read_as_they_are_written(
    table: Table, there: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is active, and what is seen of it."""
    lease = Lease(holder=HOME, epoch=1, until=time.time() + 300)
    assert LeaseTable(NAME, STAND_IN).write(lease, instead_of=None)
    observations.add(table, Observation(at=NOW - 3, probe="ready", heartbeat=NOW - 5, streaming=True))
    monkeypatch.setattr(StandIn, "running", lambda _self: None)
    console = Console(width=200, file=io.StringIO())
    situation(console, PRODUCTION, [there])
    text = said(console)
    for words in (
        "us-west-2; its lease runs out in",
        "its application is ready",
        "its newest heartbeat that arrived was",
        "the replica is connected",
    ):
        assert words in text
