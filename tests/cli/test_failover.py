"""`understudy failover` and `failback` as whoever is on call runs them, against a waiting region."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.stepfunctions.models import stepfunctions_backends
from ruamel.yaml import YAML
from typer.testing import CliRunner, Result

from cli import watched
from cli.main import app

ROOT = Path(__file__).parent.parent.parent
PREFIX, ACCOUNT = "storefront-prod", "123456789012"
HOME, STAND_IN = "us-west-2", "us-east-1"
RECOVERY = {"strategy": "warm_standby", "region": STAND_IN, "witness_region": "us-east-2", "failover": "automatic"}
CHOSEN = ("--app", "storefront", "--env", "prod")
CONFIRMED = (*CHOSEN, "--confirm", PREFIX)


@dataclass
class Region:
    """The recovery stack of a region, and what happens there while somebody watches."""

    name: str
    acts: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make what the stack would make."""
        self.states = boto3.client("stepfunctions", region_name=self.name)
        definition = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
        role = f"arn:aws:iam::{ACCOUNT}:role/any"
        self.states.create_state_machine(name=f"{PREFIX}-failover", definition=json.dumps(definition), roleArn=role)
        self.table = boto3.resource("dynamodb", region_name=self.name).create_table(
            TableName=f"{PREFIX}-recovery",
            KeySchema=[{"AttributeName": "item", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "item", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def executions(self) -> list[Any]:
        """Moto's own, oldest first."""
        machines = stepfunctions_backends[ACCOUNT][self.name].state_machines
        return next(each.executions for each in machines if each.name == f"{PREFIX}-failover")

    def begun(self) -> str:
        """The ARN of an execution that somebody else has started."""
        arn = f"arn:aws:states:{self.name}:{ACCOUNT}:stateMachine:{PREFIX}-failover"
        return str(self.states.start_execution(stateMachineArn=arn, name="alarm-1", input="{}")["executionArn"])

    def put(self, item: str, **values: Any) -> None:
        """An item, as the functions write it."""
        exact = {name: Decimal(str(value)) if isinstance(value, float) else value for name, value in values.items()}
        self.table.put_item(Item={"item": item, **exact})

    def item(self, name: str) -> Any:
        """As it stands there."""
        return self.table.get_item(Key={"item": name}).get("Item")

    def recorded(self, state: str = "running", **steps: float | str) -> Callable[[], None]:
        """An act: what is written down about the execution that was started last."""

        def act() -> None:
            arn = self.executions()[-1].execution_arn
            self.put("failover", id="one", state=state, execution=arn, **steps)

        return act

    def ended(self, status: str, error: str = "", cause: str = "") -> Callable[[], None]:
        """An act: the execution that was started last comes to its end."""

        def act() -> None:
            last = self.executions()[-1]
            last.status, last.error, last.cause = status, error, cause

        return act


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Region]]:
    """Both regions, with credentials to ask them. While the command waits for its next look, the next act is played."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIA0000123456789012",
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_DEFAULT_REGION": "eu-north-1",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        regions = {name: Region(name) for name in (HOME, STAND_IN)}

        def play(_seconds: float) -> None:
            acts = next(region.acts for region in regions.values() if region.acts)
            acts.pop(0)()

        monkeypatch.setattr("cli.watched.time.sleep", play)
        yield regions


@pytest.fixture
def there(amazon: dict[str, Region]) -> Region:
    """The stand-in, which waits; home has the lease."""
    region = amazon[STAND_IN]
    region.put("lease", holder=HOME, epoch=1, until=time.time() + 30, serial=7)
    return region


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A checkout of which only apps/ matters; called, it writes other values of `recovery`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "apps").mkdir()
    data = YAML(typ="safe").load(ROOT / "apps" / "storefront.yaml")

    def write(**values: Any) -> None:
        data["environments"]["prod"]["recovery"] = {**RECOVERY, **values}
        with (tmp_path / "apps" / "storefront.yaml").open("w", encoding="utf-8") as stream:
            YAML().dump(data, stream)

    write()
    return write


def understudy(*arguments: str, typed: str = "") -> Result:
    """The command's result."""
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, arguments, input=typed)


def said(found: Result) -> str:
    """Its output in one line."""
    return " ".join(found.output.split())


REPORT = {
    "from": HOME,
    "to": STAND_IN,
    "serving_at": "2026-11-28T14:00:00.000+00:00",
    "seconds": {"from_failure": 431.2, "from_detection": 371.0, "steps": {}},
    "lost": {
        "after": "2026-11-28T13:52:40.000+00:00",
        "until": "2026-11-28T13:52:49.000+00:00",
        "at_most_seconds": 9.0,
    },
    "notes": None,
    "spec": f"recovery.active: {STAND_IN}",
}


def test_R5_a_failover_is_started_watched_and_reported(there: Region) -> None:
    """In the stand-in, with who and why; then every step, the measured times, and the line for the spec."""
    there.acts = [
        there.recorded(began_assess=1000.0, ended_assess=1004.0, said_assess="probe and guard agree that it is lost"),
        there.recorded(
            ended_assess=1004.0, said_assess="agreed", ended_gate=1010.0, said_gate="at most 9 s of writes are lost"
        ),
        lambda: there.put("report#one", report=json.dumps(REPORT)),
        there.ended("SUCCEEDED"),
    ]
    found = understudy("failover", *CONFIRMED, "--because", "it is dark", "--accept-loss", "400")
    assert 0 == found.exit_code, found.output
    (execution,) = there.executions()
    given = json.loads(execution.execution_input)
    assert {
        "mode": "failover",
        "environment": PREFIX,
        "because": "it is dark",
        "by": given["by"],
        "accept_loss_seconds": 400.0,
    } == given
    assert given["by"].startswith("arn:aws:")
    for words in (
        "storefront-prod: us-east-1 takes over from us-west-2",
        "users are served in about 8.9 minutes",
        "promotion ~5",
        "if it would be more than 5 minutes, nothing is changed unless you accept it",
        "assess: probe and guard agree that it is lost",
        "gate: at most 9 s of writes are lost",
        "431.2 s from the failure",
        "9.0 s of writes at the most",
        "write `recovery.active: us-east-1` into the YAML",
    ):
        assert words in said(found)


def test_R5_nothing_starts_until_the_name_is_typed(there: Region) -> None:
    """The whole of it, not the environment alone."""
    for typed in ("prod\n", "storefront-dev\n", ""):
        found = understudy("failover", *CHOSEN, typed=typed)
        assert (1, []) == (found.exit_code, there.executions()), found.output
    there.acts = [there.ended("SUCCEEDED")]
    assert 0 == understudy("failover", *CHOSEN, typed=f"{PREFIX}\n").exit_code
    assert 1 == len(there.executions())


def test_R5_it_may_be_left_alone(there: Region) -> None:
    """`--no-wait` says how to look again."""
    found = understudy("failover", *CONFIRMED, "--no-wait")
    assert 0 == found.exit_code
    assert "understudy failover status --app storefront --env prod" in said(found)
    assert "RUNNING" == there.executions()[0].status


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        ("NotFailedOver", 1, "nothing is changed: the signals do not agree"),
        ("Stopped", 3, "Stopped: the signals do not agree"),
        ("NotUndone", 3, "docs/runbooks/fail-over.md"),
    ],
)
def test_R5_the_exit_code_says_what_has_become_of_it(there: Region, error: str, code: int, words: str) -> None:
    """One: as before. Three: somebody has to look."""
    there.acts = [
        there.recorded("undone", failed_step="gate", failed_because="the signals do not agree"),
        there.ended("FAILED", error, "see the message"),
    ]
    found = understudy("failover", *CONFIRMED)
    assert code == found.exit_code, found.output
    assert words in said(found)


def test_R5_one_that_wrote_nothing_down_says_why_in_its_history(there: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the lock is taken there is no record."""
    from cli.stand_in import StandIn

    def exited(number: int, status: str, reason: str) -> dict[str, Any]:
        output = json.dumps({"mode": "failover", "answer": {"Payload": {"status": status, "reason": reason}}})
        return {"id": number, "type": "TaskStateExited", "stateExitedEventDetails": {"output": output}}

    events = [
        exited(3, "FAILED", "earlier"),
        {"id": 12, "type": "ExecutionFailed"},
        exited(6, "FAILED", "us-west-2 is alive: the application there answers"),
        exited(9, "SUCCEEDED", "there was nothing to undo"),
    ]
    made = StandIn.__init__

    def with_history(self: StandIn, *given: Any) -> None:
        made(self, *given)
        monkeypatch.setattr(self._states, "get_execution_history", lambda **_asked: {"events": events})

    monkeypatch.setattr(StandIn, "__init__", with_history)
    there.acts = [there.ended("FAILED", "NotFailedOver", "the message says why")]
    found = understudy("failover", *CONFIRMED)
    assert 1 == found.exit_code
    assert "nothing is changed: us-west-2 is alive: the application there answers" in said(found)


def test_R5_a_question_is_shown_and_answered(there: Region) -> None:
    """By the item that the functions wait for; whoever answers has to name the environment."""
    arn = there.begun()
    there.put("question", id="one:approve:0", text="Shall us-east-1 take over?", execution=arn, step="approve")
    wrong = understudy("failover", "approve", *CHOSEN, typed="prod\n")
    assert (1, None) == (wrong.exit_code, there.item("answer"))
    there.acts = [there.ended("SUCCEEDED")]
    found = understudy("failover", "approve", *CONFIRMED)
    assert 0 == found.exit_code, found.output
    assert "Shall us-east-1 take over?" in said(found)
    answer = there.item("answer")
    assert ("one:approve:0", "approve") == (answer["question"], answer["verdict"])
    assert answer["by"].startswith("arn:aws:")
    assert abs(time.time() - float(answer["at"])) < 60


def test_R5_a_refusal_needs_no_name_and_ends_it(there: Region) -> None:
    """It changes nothing."""
    arn = there.begun()
    there.put("question", id="one:approve:0", text="Shall us-east-1 take over?", execution=arn, step="approve")
    there.acts = [there.ended("FAILED", "NotFailedOver", "somebody refused it")]
    found = understudy("failover", "refuse", *CHOSEN)
    assert (1, "refuse") == (found.exit_code, there.item("answer")["verdict"])
    assert "nothing is changed: somebody refused it" in said(found)


def test_R5_of_two_answers_the_first_counts(there: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second person is told who was quicker."""
    from cli.stand_in import StandIn

    question = {"id": "one:approve:0", "text": "Shall it?", "execution": there.begun(), "step": "approve"}
    there.put("question", **question)
    there.put("answer", question="one:approve:0", verdict="refuse", by="arn:aws:iam::123456789012:user/ada")
    assert "nothing waits for an answer" in said(understudy("failover", "approve", *CONFIRMED))
    monkeypatch.setattr(StandIn, "open_question", lambda _self: question)
    found = understudy("failover", "approve", *CONFIRMED)
    assert 1 == found.exit_code
    assert "user/ada has answered already: refuse" in said(found)
    assert "refuse" == there.item("answer")["verdict"]


def test_R5_a_question_of_an_execution_that_has_ended_waits_for_nobody(there: Region) -> None:
    """It is left over."""
    arn = there.begun()
    there.put("question", id="one:approve:0", text="Shall it?", execution=arn, step="approve")
    there.ended("ABORTED")()
    found = understudy("failover", "approve", *CONFIRMED)
    assert (1, None) == (found.exit_code, there.item("answer"))
    assert "nothing waits for an answer" in said(found)


def test_R5_two_never_run(there: Region) -> None:
    """The one that is at work is named."""
    there.begun()
    found = understudy("failover", *CONFIRMED)
    assert (1, 1) == (found.exit_code, len(there.executions()))
    assert "alarm-1 is at work since" in said(found)


def test_R5_a_region_that_is_active_takes_nothing_over(there: Region) -> None:
    """After a failover that nobody has written into the spec yet."""
    there.put("lease", holder=STAND_IN, epoch=2, until=time.time() + 30, serial=9)
    found = understudy("failover", *CONFIRMED)
    assert (1, []) == (found.exit_code, there.executions())
    assert "us-east-1 is active already, and the spec does not say so yet" in said(found)


def test_R5_one_that_stopped_is_gone_on_with(there: Region) -> None:
    """By the same command, although its region has the lease already; by no other."""
    there.put("lease", holder=STAND_IN, epoch=2, until=time.time() + 30, serial=9)
    stopped = {"id": "one", "state": "stopped", "execution": "arn", "no_return_at": 5.0, "failed_step": "scale"}
    there.put("failover", mode="switchover", **stopped)
    other = understudy("failover", *CONFIRMED)
    assert (1, []) == (other.exit_code, there.executions())
    assert "one has to be gone on with first: `understudy failback --app storefront --env prod`" in said(other)
    there.put("failover", mode="failover", **stopped)
    there.acts = [there.ended("SUCCEEDED")]
    found = understudy("failover", *CONFIRMED)
    assert (0, 1) == (found.exit_code, len(there.executions())), found.output
    assert "This goes on with one, which stopped at scale" in said(found)


def test_R5_failback_is_a_switchover_in_the_other_direction(
    amazon: dict[str, Region], folder: Callable[..., None]
) -> None:
    """Started at home, once home follows; nothing is lost."""
    folder(active=STAND_IN, generation=2)
    early = understudy("failback", *CONFIRMED)
    assert 1 == early.exit_code
    assert "us-west-2 was abandoned and follows nothing: write `recovery.generation: 3`" in said(early)
    folder(active=STAND_IN, generation=3)
    home = amazon[HOME]
    home.put("lease", holder=STAND_IN, epoch=2, until=time.time() + 30, serial=9)
    home.acts = [home.ended("SUCCEEDED")]
    found = understudy("failback", *CONFIRMED)
    assert 0 == found.exit_code, found.output
    assert "nothing of the database: us-east-1 stops first, us-west-2 replays everything" in said(found)
    assert "switchover" == json.loads(home.executions()[0].execution_input)["mode"]
    assert [] == amazon[STAND_IN].executions()


def test_R5_the_status_tells_of_both_regions(there: Region) -> None:
    """Lease, what is seen, the last failover step by step."""
    now = time.time()
    seen = [{"at": now - 4, "probe": "failing", "heartbeat": now - 31, "streaming": False}]
    there.put("signals", observations=json.dumps(seen))
    there.put("failover", id="old", state="undone", execution="arn", failed_step="gate", failed_because="no heartbeat")
    found = understudy("failover", "--env", "prod", "status", "--app", "storefront")
    assert 0 == found.exit_code, found.output
    for words in (
        "us-west-2; its lease runs out in",
        "its application is failing; its newest heartbeat that arrived was 3",
        "the replica is not connected",
        "the last one, old, is undone:",
        "✗ gate no heartbeat",
        "nobody yet: no lease was ever granted here",
    ):
        assert words in said(found)


def test_R5_the_status_tells_of_a_lease_that_nobody_writes_by_yet(there: Region) -> None:
    """Between the take and the promoted database's first heartbeat."""
    there.put("lease", holder=STAND_IN, epoch=2, until=0, serial=8)
    found = understudy("failover", "--env", "prod", "status", "--app", "storefront")
    assert 0 == found.exit_code, found.output
    words = f"{STAND_IN}, which has taken the lease and does not write yet; the spec says {HOME}"
    assert f"{words}: write `recovery.active: {STAND_IN}`" in said(found)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("failover",), "Let the stand-in region take over"),
        (("failover", "--app", "storefront"), "Write --env NAME"),
        (("failover", "status"), "Write --env NAME"),
        (("failover", "--app", "storefront", "--env", "dev"), "nothing stands in for storefront-dev"),
        (("failover", "status", "--app", "storefront", "--env", "dev"), "nothing stands in for storefront-dev"),
        (("failover", "--app", "shop", "--env", "prod"), "there is no such file"),
        (("failback", "--app", "storefront", "--env", "test"), "there is no environment 'test'"),
        (("failover", "approve", *CONFIRMED), "nothing waits for an answer"),
    ],
)
@pytest.mark.usefixtures("there")
def test_a_mistake_is_told_and_changes_nothing(arguments: tuple[str, ...], words: str) -> None:
    """No traceback."""
    found = understudy(*arguments)
    assert 0 != found.exit_code
    assert words in said(found)
    assert isinstance(found.exception, SystemExit)


def test_without_a_recovery_stack_it_says_to_deploy_first(there: Region) -> None:
    """Of the state machine and of the table."""
    for machine in there.states.list_state_machines()["stateMachines"]:
        there.states.delete_state_machine(stateMachineArn=machine["stateMachineArn"])
    assert "storefront-prod-failover in us-east-1: deploy the environment first" in said(
        understudy("failover", *CONFIRMED)
    )
    there.table.delete()
    assert "storefront-prod-recovery in us-east-1: deploy the environment first" in said(
        understudy("failover", *CONFIRMED)
    )


@pytest.mark.usefixtures("amazon")
def test_credentials_of_another_account_are_refused(folder: Callable[..., None], tmp_path: Path) -> None:
    """Production's failover is not started in a sandbox."""
    folder()
    file = tmp_path / "apps" / "storefront.yaml"
    file.write_text(file.read_text() + 'account: "210987654321"\n')
    found = understudy("failover", *CONFIRMED)
    assert 1 == found.exit_code
    assert "the credentials are for account 123456789012, the environment is in 210987654321" in said(found)


def test_without_credentials_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a stack trace of the SDK."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    for arguments in (("failover", *CONFIRMED), ("failover", "approve", *CONFIRMED)):
        found = understudy(*arguments)
        assert 1 == found.exit_code
        assert "AWS does not know who you are" in said(found)


def test_a_look_that_fails_is_no_end(there: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    """The failover does not depend on the network of whoever watches."""
    from cli.refusal import RefusedError
    from cli.stand_in import StandIn

    looks: list[int] = []
    really = StandIn.execution

    def execution(self: StandIn, arn: str) -> Any:
        looks.append(1)
        if len(looks) in {2, 3}:
            raise RefusedError("us-east-1 does not answer")
        return really(self, arn)

    monkeypatch.setattr(StandIn, "execution", execution)
    there.acts = [lambda: None, lambda: None, there.ended("SUCCEEDED")]
    assert 0 == understudy("failover", *CONFIRMED).exit_code
    there.acts = [lambda: None] * watched.BLIND_LOOKS

    def dark(_self: StandIn, _arn: str) -> Any:
        raise RefusedError("us-east-1 does not answer")

    monkeypatch.setattr(StandIn, "execution", dark)
    found = understudy("failover", *CONFIRMED)
    assert 3 == found.exit_code
    assert "It goes on, unless it has ended" in said(found)
    assert "Nothing was changed" not in said(found)


def test_whoever_stops_watching_stops_nothing(there: Region) -> None:
    """Ctrl-C ends the command alone."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    there.acts = [interrupt]
    found = understudy("failover", *CONFIRMED)
    assert (130, "RUNNING") == (found.exit_code, there.executions()[0].status)
    assert "it goes on without you" in said(found)
