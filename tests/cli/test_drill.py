"""`understudy drill` as whoever tests the recovery runs it, against a waiting region."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from moto import mock_aws
from moto.stepfunctions.models import stepfunctions_backends
from ruamel.yaml import YAML
from typer.testing import CliRunner, Result

from cli.drill_view import STEPS
from cli.main import app
from failover.drill import record, trend
from failover.drill.record import Drill
from failover.drill.trend import Held, Trend
from failover.table import Table
from understudy.drill_workflow import STEPS as OF_THE_WORKFLOW

ROOT = Path(__file__).parent.parent.parent
PREFIX, ACCOUNT, STAND_IN = "storefront-prod", "123456789012", "us-east-1"
RECOVERY = {"strategy": "warm_standby", "region": STAND_IN, "witness_region": "us-east-2", "failover": "automatic"}
CHOSEN = ("--app", "storefront", "--env", "prod")
MACHINE = f"arn:aws:states:{STAND_IN}:{ACCOUNT}:stateMachine:{PREFIX}-drill"
NOW = 1_800_000_000.0
REPORT: Mapping[str, Any] = {
    "id": "drill-1",
    "state": "missed",
    "terms": [
        {"what": "promotion", "expected_seconds": 300.0, "measured_seconds": 612.0},
        {"what": "switch", "expected_seconds": 35.0, "measured_seconds": None},
    ],
    "recovery_seconds": 921.0,
    "lost_seconds": 47.0,
    "promised": {"recovery_seconds": 900.0, "lost_seconds": 300.0},
    "failed": None,
}


class Region:
    """The recovery stack of the stand-in, and what happens there while somebody watches."""

    def __init__(self) -> None:
        self.acts: list[Callable[[], None]] = []
        definition = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
        self.states = boto3.client("stepfunctions", region_name=STAND_IN)
        self.states.create_state_machine(
            name=f"{PREFIX}-drill", definition=json.dumps(definition), roleArn=f"arn:aws:iam::{ACCOUNT}:role/any"
        )
        boto3.client("dynamodb", region_name=STAND_IN).create_table(
            TableName=f"{PREFIX}-recovery",
            KeySchema=[{"AttributeName": "item", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "item", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.table = Table(f"{PREFIX}-recovery", STAND_IN)

    def executions(self) -> list[Any]:
        """Moto's own, oldest first."""
        return list(stepfunctions_backends[ACCOUNT][STAND_IN].state_machines[0].executions)

    def put(self, item: str, values: Mapping[str, Any]) -> None:
        """As the functions write it."""
        self.table.put(item, values, instead_of=self.table.read(item))

    def recorded(self, **given: Any) -> Callable[[], None]:
        """An act: what is written down about the drill that was begun last."""

        def act() -> None:
            last = self.executions()[-1]
            self.put(record.ITEM, Drill(last.name, last.execution_arn, "x", "", NOW, **given).item)

        return act

    def ended(self, status: str) -> Callable[[], None]:
        """An act: it comes to its end, and its report stands there."""

        def act() -> None:
            last = self.executions()[-1]
            last.status = status
            self.put(f"drill#{last.name}", {"report": json.dumps({**REPORT, "id": last.name})})

        return act


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Region]:
    """With credentials to ask it, and a checkout of which only apps/ matters."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIA0000123456789012",
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_DEFAULT_REGION": STAND_IN,
    }.items():
        monkeypatch.setenv(name, value)
    data = YAML(typ="safe").load(ROOT / "apps" / "storefront.yaml")
    data["environments"]["prod"]["recovery"] = RECOVERY
    (tmp_path / "apps").mkdir()
    with (tmp_path / "apps" / "storefront.yaml").open("w", encoding="utf-8") as stream:
        YAML().dump(data, stream)
    images = (ROOT / "apps" / "storefront.images.yaml").read_text(encoding="utf-8")
    (tmp_path / "apps" / "storefront.images.yaml").write_text(images, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    with mock_aws():
        region = Region()
        monkeypatch.setattr("cli.watched.time.sleep", lambda _: region.acts.pop(0)())
        yield region


def run(*arguments: str) -> Result:
    """The command."""
    return CliRunner().invoke(app, ["drill", *arguments])


def test_R6_a_drill_is_begun_and_watched_to_its_end(there: Region) -> None:
    """Each step once, then the parts of the recovery time beside what the spec expects."""
    steps: dict[str, Any] = {
        "began": {"restore": NOW},
        "ended": {"restore": NOW + 900},
        "said": {"restore": "it is there"},
    }
    there.acts = [there.recorded(**steps), there.recorded(**steps), there.ended("SUCCEEDED")]
    result = run(*CHOSEN, "--because", "the quarter is over")
    assert 0 == result.exit_code, result.output
    assert "touches" in result.output
    assert 1 == result.output.count("restore: it is there")
    assert "612 s" in result.output
    assert "was held" in result.output
    (execution,) = there.executions()
    given = json.loads(execution.execution_input)
    assert (PREFIX, "the quarter is over") == (given["environment"], given["because"])
    assert given["by"].startswith("arn:aws:")


def test_R6_one_that_is_not_held_says_why(there: Region) -> None:
    """And the exit code is 1."""
    there.acts = [there.recorded(failed_step="restore", failed_because="no copy"), there.ended("FAILED")]
    result = run(*CHOSEN)
    assert 1 == result.exit_code
    assert "✗" in result.output
    assert "docs/runbooks/drill.md" in result.output


def test_R6_two_are_not_begun(there: Region) -> None:
    """The second says which one is at work."""
    there.states.start_execution(stateMachineArn=MACHINE, name="clock-1", input="{}")
    result = run(*CHOSEN)
    assert 1 == result.exit_code
    assert "clock-1 is at work since" in result.output
    assert 1 == len(there.executions())


def test_R6_the_trend_is_a_table(there: Region) -> None:
    """Oldest first, with the report of the newest below it."""
    day = 86_400.0
    drills = [
        Held("clock-1", time.time() - 40 * day, "held", 811.0, 290.0, 47.0),
        Held("drill-1", time.time() - 9 * day, "missed", 921.0, 612.0, 47.0),
        Held("drill-2", time.time() - day, "failed", None, None, None),
    ]
    there.put(trend.ITEM, {"drills": msgspec.json.encode(Trend(1.0, drills)).decode()})
    there.put(record.ITEM, Drill("drill-1", "arn:drill-1", "x", "", NOW, state="missed").item)
    there.put("drill#drill-1", {"report": json.dumps(REPORT)})
    result = run("status", *CHOSEN)
    assert 0 == result.exit_code, result.output
    lines = result.output.splitlines()
    first, second, third = (
        next(line for line in lines if f" {name} " in line) for name in ("clock-1", "drill-1", "drill-2")
    )
    assert lines.index(first) < lines.index(second) < lines.index(third)
    assert "811 s" in first
    assert "not held" in third
    assert "9 days ago" in result.output
    assert "at most 900 s" in result.output


@pytest.mark.usefixtures("there")
def test_R6_before_the_first_one_it_says_so() -> None:
    """Nothing is missing but a drill."""
    result = run("status", *CHOSEN)
    assert 0 == result.exit_code, result.output
    assert "none has gone through yet" in result.output


def test_R6_one_at_work_is_shown(there: Region) -> None:
    """With its steps."""
    there.states.start_execution(stateMachineArn=MACHINE, name="clock-2", input="{}")
    there.recorded(began={"restore": NOW}, ended={"begin": NOW}, said={"begin": "nothing is left"})()
    result = run("status", *CHOSEN)
    assert "clock-2 is at work" in result.output
    assert "nothing is left" in result.output


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(
    "arguments", [("--app", "storefront", "--env", "dev"), ("status", "--app", "storefront", "--env", "dev")]
)
def test_R6_without_a_stand_in_there_are_no_drills(arguments: tuple[str, ...]) -> None:
    """It says what would have to be there."""
    result = run(*arguments)
    assert 1 == result.exit_code
    assert "storefront-dev has no drills" in result.output


def test_R6_every_step_of_the_workflow_is_shown() -> None:
    """In its order; the report is what stands below."""
    assert [step for step, _ in OF_THE_WORKFLOW] + ["remove"] == list(STEPS)
