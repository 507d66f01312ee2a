"""What the runbooks of a failover name is there, and is called so."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runbooks import FOLDER
from template import Template, properties
from typer.testing import CliRunner

from cli.main import app
from failover import locking, messages, question
from failover.models import request
from failover.steps import approve, assess, gate
from shared import handover
from understudy.failover_workflow import AFTER, BEFORE

OVER, BACK = ((FOLDER / name).read_text(encoding="utf-8") for name in ("fail-over.md", "fail-back.md"))
PREFIX = "storefront-prod"
Synthesized = Callable[[str, str], dict[str, Template]]


@pytest.fixture(scope="module")
def waiting(synthesized: Synthesized) -> Template:
    """The recovery stack of the waiting site."""
    return synthesized("storefront", "prod")["standin-recovery"]


def test_every_alarm_of_a_failover_leads_somewhere(waiting: Template) -> None:
    """And every alarm that the tables name exists."""
    named = set(re.findall(r"`…(-failover-[a-z-]+-(?:warning|critical))`", OVER))
    alarms = {
        each["AlarmName"].removeprefix(PREFIX)
        for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
        for each in properties(waiting, kind)
    }
    assert named == {name for name in alarms if name.startswith("-failover-")}
    assert set(re.findall(r"`…(-region-guard-[a-z-]+)`", BACK)) <= alarms


def test_every_log_group_is_one_of_the_functions(waiting: Template) -> None:
    """By its name."""
    groups = {each["LogGroupName"] for each in properties(waiting, "AWS::Logs::LogGroup")}
    named = set(re.findall(r"/\$PREFIX/function/[a-z-]+", OVER + BACK))
    assert 3 <= len(named)
    assert {name.replace("$PREFIX", PREFIX) for name in named} <= groups


def test_every_section_that_a_message_names_exists() -> None:
    """In the runbook of failovers."""
    headings = set(re.findall(r"^## (.+)$", OVER, re.MULTILINE))
    named = re.findall(r'"([A-Z][^"]+)" in the runbook', inspect.getsource(messages))
    assert 3 <= len(named)
    assert set(named) <= headings
    assert {"It stopped after the point of no return", "It has taken over"} <= headings


def test_every_subject_of_a_message_stands_in_the_table() -> None:
    """So that it can be looked for."""
    for words in ("failover waits for you: ", "not failed over: ", "failover stopped at ", " has taken over from "):
        assert words.strip() in OVER
        assert (
            words
            in inspect.getsource(messages) + (Path(inspect.getfile(messages)).parent / "steps/report.py").read_text()
        )


@pytest.mark.parametrize(
    ("words", "module"),
    [
        ("the spec wants a person's approval", approve),
        ("there is no witness, so nobody but you can tell whether", approve),
        ("the signals do not agree that it is lost", approve),
        ("the active region is back", None),
        ("another failover is at work", locking),
        ("holds the lease: there is nothing to take over", assess),
        ("this site's database follows no other one", gate),
        ("a switchover needs both sites at work", assess),
        ("not through after", None),
    ],
)
def test_what_a_message_says_is_what_the_functions_write(words: str, module: Any) -> None:
    """Word by word."""
    assert words in OVER + BACK
    assert module is None or words in inspect.getsource(module)


def test_every_step_that_can_stop_is_in_the_table() -> None:
    """And every step that can be given up in a switchover."""
    stopped = OVER.partition("## It stopped after the point of no return")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([a-z_, ]+) \|", stopped, re.MULTILINE)
    assert {step for step, _ in AFTER} == {step.strip() for row in rows for step in row.split(",")} - {"step"}
    given_up = BACK.partition("## It was given up")[2].partition("\n## ")[0]
    assert {"fence", "catch_up", "take"} == set(re.findall(r"^\| ([a-z_]+) \|", given_up, re.MULTILINE)) - {"step"}
    assert {"fence", "catch_up", "take"} <= {step for step, _ in BEFORE}


def test_the_input_that_is_typed_is_one_of_a_failover() -> None:
    """And names the environment."""
    (typed,) = re.findall(r'--input "(\{.+\})"', OVER)
    given = json.loads(typed.replace('\\"', '"').replace("$PREFIX", PREFIX))
    assert ("failover", None) == (request(given, PREFIX).mode, request(given, PREFIX).accept_loss_seconds)


def test_the_answer_that_is_typed_is_the_one_that_is_read() -> None:
    """Item and attributes."""
    (typed,) = re.findall(r'--item "(\{.+\})"', OVER)
    item = json.loads(re.sub(r"\$\([^)]*\)", "1", typed.replace('\\"', '"')))
    assert question.ANSWER == item["item"]["S"]
    assert {"item", "question", "verdict", "by", "at"} == set(item)
    assert f'"{question.QUESTION}"' in OVER
    assert f'"{handover.ITEM}"' in BACK


@pytest.mark.parametrize(
    "command",
    sorted(
        {
            " ".join(found)
            for found in re.findall(r"understudy (failover|failback)(?: (status|approve|refuse))?", OVER + BACK)
        }
    ),
)
def test_every_command_of_understudy_exists(command: str) -> None:
    """With the options that are used."""
    words = command.split()
    told = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert 0 == told.exit_code
    assert "--app" in told.output
    assert "--env" in told.output
