"""What the runbooks name is there, and is called so."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rotation.world import World, account
from runbooks import BLOCK, FOLDER

from secret_refresh import message
from secret_rotation.handler import handler
from shared.secret_versions import Versions

ROOT = Path(__file__).parent.parent
RUNBOOK = (FOLDER / "mend-a-rotation.md").read_text(encoding="utf-8")
APPLICATION, ENVIRONMENT = "generator-platform", "prod"
PREFIX = f"{APPLICATION}-{ENVIRONMENT}"
"""It has a database, a cache, a queue and secrets of its own."""

Synthesized = Any


@pytest.fixture(scope="module")
def templates(synthesized: Synthesized) -> dict[str, Any]:
    """Of all stacks."""
    found: dict[str, Any] = synthesized(APPLICATION, ENVIRONMENT)
    return found


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


@pytest.fixture(scope="module")
def names(templates: dict[str, Any]) -> set[str]:
    """Every text of every template, and the stacks' own names."""
    return {*_strings(list(templates.values())), *(f"{PREFIX}-{stack}" for stack in templates)}


def _alarms(templates: dict[str, Any]) -> dict[str, str]:
    """Descriptions of those that are about rotation, by name."""
    alarms = (
        resource["Properties"]
        for template in templates.values()
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    )
    described = {alarm["AlarmName"]: str(alarm["AlarmDescription"]) for alarm in alarms}
    return {
        name: text
        for name, text in described.items()
        if "mend-a-rotation.md" in text or re.match(rf"{PREFIX}-(rotate|secret(?!-mirror))-", name)
    }


def test_every_alarm_of_rotation_leads_somewhere(templates: dict[str, Any]) -> None:
    """And every alarm that the table names exists."""
    named = {
        name.replace("<store>", store)
        for name in re.findall(r"`…(-[a-z<>-]+-warning)`", RUNBOOK)
        for store in ("database", "cache", "queue", "generated")
    }
    alarms = _alarms(templates)
    assert alarms
    assert [] == [name for name in alarms if not any(name.endswith(end) for end in named)]
    assert [] == [end for end in named if not any(name.endswith(end) for name in alarms)]


def test_every_name_is_one_of_the_templates(names: set[str]) -> None:
    """Log groups, state machine, parameter, stacks, servers and their users, with whatever stands for a service or a store."""
    found = set(re.findall(r"[\w/.-]*\$PREFIX[/-][\w$/-]*", RUNBOOK))
    assert 12 < len(found)
    own = {"$PREFIX-", "$PREFIX-$SERVICE"}
    for name in found - own - {"$PREFIX/database-administrator", "$PREFIX/queue-administrator"}:
        expected = [name.replace("$PREFIX", PREFIX)]
        for variable, values in {
            "$SERVICE": ("web", "api", "generator"),
            "$STORE": ("database", "cache", "queue", "generated"),
            "$store": ("database", "cache", "queue"),
        }.items():
            expected = [one.replace(variable, value) for one in expected for value in values]
        assert [] == [one for one in expected if one not in names], name
    assert {f"{PREFIX}-{service}" for service in ("web", "api", "generator")} <= names
    for store in ("database", "queue"):
        assert any(f'"name":"{PREFIX}/{store}-administrator"' in name for name in names)
    assert f"{PREFIX}: looks how old secrets are" in names


@pytest.mark.parametrize(
    "name",
    [
        "fail-over",
        "fail-back",
        "drill",
        "roll-back-a-release",
        "restore",
        "restore-to-a-point-in-time",
        "mend-a-rotation",
    ],
)
def test_O3_each_procedure_has_a_runbook(name: str) -> None:
    """With commands, and found from the documentation. Previews' comes with previews."""
    assert BLOCK.search((FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    assert any(f"runbooks/{name}.md" in page.read_text(encoding="utf-8") for page in pages)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.md")), ids=lambda file: file.name)
def test_every_section_that_is_named_exists(file: Path) -> None:
    """Links within the runbook."""
    text = file.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert [] == [anchor for anchor in re.findall(r"\]\(#([^)]+)\)", text) if anchor not in anchors]


def test_every_section_that_a_message_names_exists() -> None:
    """What the refresh tells people to read."""
    named = re.findall(r'"([A-Z][^"]+)" in the runbook', inspect.getsource(message))
    assert 2 <= len(named)
    assert {*named, "An old login stays valid"} <= set(re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE))


@pytest.mark.parametrize(
    "words",
    [
        "have to be replaced first, by the refresh",
        "was given up",
        "The next rotation makes another one",
        "its certificate is not to be trusted",
        "No login of the administrator is taken",
        "refuses the administrator's password",
        "there is no ElastiCache user",
        "Unforeseen failure",
        "The current login alone is valid",
    ],
)
def test_what_a_log_says_is_what_the_functions_write(words: str) -> None:
    """Word by word, so that it can be looked for."""
    folders = (ROOT / "lambdas" / "secret_rotation", ROOT / "lambdas" / "shared")
    code = "".join(file.read_text(encoding="utf-8") for folder in folders for file in folder.glob("*.py"))
    assert words in RUNBOOK
    assert words in code


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.md")), ids=lambda file: file.name)
def test_every_command_can_be_read_by_a_shell(file: Path) -> None:
    """Once what stands in angle brackets is filled in."""
    blocks = BLOCK.findall(file.read_text(encoding="utf-8"))
    script = re.sub(r"<[A-Za-z][^>]*>", "filled-in", "\n".join(blocks))
    checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert "" == checked.stderr


def test_a_login_is_made_valid_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the request that the runbook has somebody send."""
    (event,) = re.findall(r"printf '(\{.+?\})' \$ARN", RUNBOOK)
    with account(monkeypatch, World()) as world:
        world.begin()
        world.rotate()
        world.server.passwords[world.current().username] = ["changed-by-hand"]
        assert {"status": "SUCCEEDED"} == handler(json.loads(event % world.arn), object())
        assert world.server.takes(world.current())


def test_a_version_that_is_put_back_makes_every_task_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that started with the wrong value meanwhile."""
    with account(monkeypatch, World()) as world:
        world.begin()
        good = world.rotate()
        wrong = world.secrets.put(world.arn, {"username": "application", "password": "wrong"})
        world.moved += 10
        world.tasks = [world.versions().changed + 5]
        world.moved += 60
        versions = Versions.read(world.arn)
        assert wrong == versions.current
        versions.make_current(good)
        assert "WAITING" == world.retire()["status"]
