"""What the runbook of drills names is there, and is called so."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from runbooks import FOLDER
from template import Template, properties

from failover.drill import begin, clock_call, copying, opening, point, removal, report, run, tasks
from shared import one_off_task, restored_database

RUNBOOK = (FOLDER / "drill.md").read_text(encoding="utf-8")
PREFIX = "storefront-prod"
Synthesized = Callable[[str, str], dict[str, Template]]


@pytest.fixture(scope="module")
def waiting(synthesized: Synthesized) -> Template:
    """The recovery stack of the waiting site."""
    return synthesized("storefront", "prod")["standin-recovery"]


def test_every_alarm_of_a_drill_leads_somewhere(waiting: Template) -> None:
    """And every alarm that the table names exists."""
    named = set(re.findall(r"`…(-drill-[a-z-]+-(?:warning|critical))`", RUNBOOK))
    alarms = {each["AlarmName"].removeprefix(PREFIX) for each in properties(waiting, "AWS::CloudWatch::Alarm")}
    assert named == {name for name in alarms if name.startswith("-drill-")}


def test_every_log_group_is_there(waiting: Template) -> None:
    """Of functions, and of tasks by the service's name."""
    groups = {each["LogGroupName"] for each in properties(waiting, "AWS::Logs::LogGroup")}
    named = set(re.findall(r"/\$PREFIX/(?:function|drill)/[a-z<>-]+", RUNBOOK))
    assert 4 == len(named)
    assert {name.replace("$PREFIX", PREFIX).replace("<service>", "web") for name in named} <= groups


def test_every_section_that_is_named_elsewhere_exists() -> None:
    """By the message of a drill; and those of the other runbooks that this one names."""
    headings = set(re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE))
    named = re.findall(r'"([A-Z][^"]+)" in the runbook', inspect.getsource(report))
    assert ["It was not held"] == named
    assert set(named) <= headings
    for file, section in re.findall(r'\]\((fail-[a-z]+\.md)\), "([^"]+)"', RUNBOOK):
        assert f"\n## {section}\n" in (FOLDER / file).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "module"),
    [
        ("a failover is at work", run),
        ("has to be gone on with", run),
        ("is not the region that waits", run),
        ("another drill is at work", begin),
        ("what an earlier drill has left is being removed", begin),
        ("follows no other one", point),
        ("has no heartbeat of the active site", point),
        ("no copy of a backup", copying),
        ("RDS refuses", copying),
        ("is still a standby", opening),
        ("new password", restored_database),
        ("could not start the task", one_off_task),
        ("has stopped", tasks),
        ("not healthy yet", tasks),
        ("drill not held", report),
        ("drill missed an objective", report),
        ("an objective was missed", report),
        ("bears no tag of a drill", removal),
        ("this region is not the one that waits", clock_call),
        ("was begun within a day", clock_call),
        ("the clock has called", clock_call),
    ],
)
def test_what_it_says_is_what_the_functions_say(words: str, module: Any) -> None:
    """Word by word, so that it can be looked for."""
    assert words in RUNBOOK
    assert words in inspect.getsource(module)


def test_both_databases_are_called_so(waiting: Template) -> None:
    """Those that a person may delete, and no other."""
    deleted = set(re.findall(r"delete-db-instance --db-instance-identifier (\S+)", RUNBOOK))
    assert {"$PREFIX-drill", "$PREFIX-drill-replica"} == deleted
    plan = next(
        str(each["Value"]) for each in properties(waiting, "AWS::SSM::Parameter") if each["Name"].endswith("/drill")
    )
    assert all(f'"{name.replace("$PREFIX", PREFIX)}"' in plan.replace("\\", "") for name in deleted)
