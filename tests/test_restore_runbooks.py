"""What the runbooks of restoring name is there, and is called so; what they have somebody send is understood."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from runbooks import FOLDER

from point_in_time import models as moment
from restore_tests import models as tested

ROOT: Final = Path(__file__).parent.parent
RESTORE: Final = (FOLDER / "restore.md").read_text(encoding="utf-8")
MOMENT: Final = (FOLDER / "restore-to-a-point-in-time.md").read_text(encoding="utf-8")
PREFIX: Final = "generator-platform-prod"

Synthesized = Callable[[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def backup(synthesized: Synthesized) -> dict[str, Any]:
    """Resources of production's stack of backups."""
    found: dict[str, Any] = synthesized("generator-platform", "prod")["backup"]["Resources"]
    return found


def of(resources: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Properties of those of a type."""
    return [each["Properties"] for each in resources.values() if each["Type"] == kind]


def sections(text: str) -> set[str]:
    """Headings of a runbook."""
    return set(re.findall(r"^#+ (.+)$", text, re.MULTILINE))


def code(*packages: str) -> str:
    """Of packages of lambdas/, with strings that run over two lines put together."""
    files = [file for package in packages for file in sorted((ROOT / "lambdas" / package).glob("*.py"))]
    return re.sub(r'"\s*\n\s*f?"', "", "".join(file.read_text(encoding="utf-8") for file in files))


def test_every_alarm_and_message_leads_to_a_section(backup: dict[str, Any]) -> None:
    """And the table at the beginning has each alarm."""
    alarms = {each["AlarmName"]: str(each["AlarmDescription"]) for each in of(backup, "AWS::CloudWatch::Alarm")}
    ours = {name: text for name, text in alarms.items() if re.search("-(database|data|files)-backup-", name)}
    assert 24 == len(ours)
    for name, text in ours.items():
        (section,) = re.findall(r'First look: "([^"]+)"', text)
        assert section in sections(RESTORE)
        end = re.sub(rf"^{PREFIX}-(database|data|files)", "…", name)
        assert f"`{end}`" in RESTORE
    told = re.findall(r'"([A-Z][^"]+)" in \{RUNBOOK\}', code("restore_tests", "backup_watch"))
    told += re.findall(r"'\"([A-Z][^\"]+)\"'", code("backup_watch"))
    assert {"A restore test failed", "A backup failed", "A copy failed"} == set(told)
    assert set(told) <= sections(RESTORE)
    assert ["It is there"] == re.findall(r'"([A-Z][^"]+)" in \{RUNBOOK\}', code("point_in_time"))
    assert "It is there" in sections(MOMENT)


def test_state_machines_and_vault_are_called_so(backup: dict[str, Any]) -> None:
    """As the runbooks build their names."""
    machines = {each["StateMachineName"] for each in of(backup, "AWS::StepFunctions::StateMachine")}
    assert "stateMachine:$PREFIX-restore-test-$KIND" in RESTORE
    assert "stateMachine:$PREFIX-point-in-time" in MOMENT
    kinds = {f"{PREFIX}-restore-test-{kind}" for kind in re.findall(r"(\w+)\) TYPE=", RESTORE)}
    assert machines == kinds | {f"{PREFIX}-point-in-time"}
    assert "VAULT=$PREFIX-backups" in RESTORE
    assert [f"{PREFIX}-backups"] == [each["BackupVaultName"] for each in of(backup, "AWS::Backup::BackupVault")]
    roles = {each["Description"] for each in of(backup, "AWS::IAM::Role")}
    named = {each.replace("$PREFIX", PREFIX) for each in re.findall(r"`(\$PREFIX: [^`]+)`", RESTORE)}
    assert 2 == len(named & roles) == len(named)


def test_what_is_sent_is_understood() -> None:
    """Word by word: a manifest, a look, a moment."""
    inputs = [json.loads(each) for each in re.findall(r"--input '(\{.+?\})'$", RESTORE, re.MULTILINE)]
    requests = [msgspec.convert(each, tested.Event).request for each in inputs]
    assert ["test", "manifest"] == [each.do for each in requests]
    (sent,) = re.findall(r"--input '(\{.+?\})'$", MOMENT, re.MULTILINE)
    request = msgspec.convert(json.loads(sent.replace("'$PREFIX'", PREFIX)), moment.Request)
    assert PREFIX == request.environment
    assert request.at() is not None


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("it is stale", RESTORE),
        ("is missing", RESTORE),
        ("had not changed since the manifest before", RESTORE),
        ("cannot be read", RESTORE),
        ("there is no manifest from before the backup", RESTORE),
        ("the request names", MOMENT),
        ("RDS refuses: ", MOMENT),
        ("Remove it before asking again", MOMENT),
        ("already that was not restored for", MOMENT),
    ],
)
def test_what_it_says_is_what_the_functions_write(words: str, where: str) -> None:
    """So that it can be looked for."""
    assert words in where
    assert words in code("restore_tests", "point_in_time", "shared")
