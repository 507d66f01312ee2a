"""What the runbook of copies names is there, and is called so."""

from __future__ import annotations

import re

import pytest
from runbooks import FOLDER
from sites import ROWS, built
from template import Template, properties

RUNBOOK = (FOLDER / "mend-a-copy.md").read_text(encoding="utf-8")
PREFIX = "generator-platform-prod"
PARTS = {"<bucket>": ("data", "backups"), "<secret>": ("database", "database-administrator")}


@pytest.fixture(scope="module")
def templates() -> dict[str, Template]:
    """Of all stacks of an environment in which everything is copied that can be."""
    return {name: stack.template for name, stack in built(ROWS[0]).items()}


def _expected(name: str) -> list[str]:
    for part, values in PARTS.items():
        if part in name:
            return [name.replace(part, value) for value in values]
    return [name]


def test_every_alarm_of_copies_leads_somewhere(templates: dict[str, Template]) -> None:
    """And every alarm that the table names exists, in the region that the table names."""
    told = {
        alarm["AlarmName"].removeprefix(PREFIX): ("waiting" if stack.startswith("standin-") else "active")
        for stack, template in templates.items()
        for alarm in properties(template, "AWS::CloudWatch::Alarm")
        if "mend-a-copy.md" in str(alarm["AlarmDescription"])
    }
    rows = re.findall(r"^\| (alarm .+?) \| (active|waiting) \|", RUNBOOK, re.MULTILINE)
    named = {
        expected: region
        for row, region in rows
        for name in re.findall(r"`…(-[a-z<>-]+)`", row)
        for expected in _expected(name)
    }
    secrets = {name: region for name, region in told.items() if name.endswith("-secret-not-copied-warning")}
    assert len(secrets) > len(PARTS["<secret>"])
    assert named == {name: region for name, region in told.items() if name not in secrets or name in named}


def test_every_log_group_is_one_of_the_functions(templates: dict[str, Template]) -> None:
    """By its name."""
    groups = {
        each["LogGroupName"]
        for template in templates.values()
        for each in properties(template, "AWS::Logs::LogGroup")
        if isinstance(each.get("LogGroupName"), str)
    }
    named = set(re.findall(r"/\$PREFIX/function/[a-z-]+", RUNBOOK))
    assert 6 == len(named)
    assert {name.replace("$PREFIX", PREFIX) for name in named} <= groups
