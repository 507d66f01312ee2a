"""Every command of the AWS CLI in a runbook is one: its service, its operation, its parameters and what is picked from its answer.
Of the CDK CLI: the command and its options.

The shell itself reads the blocks; what it would call is written down instead.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from aws_command import parsed
from cdk_command import wrong_in
from runbooks import BLOCK, FOLDER

FILES = sorted(FOLDER.glob("*.md"))
INLINE = re.compile(r"`((?:aws|cdk) [a-z][^`]+)`")
SAID = "1795886516"
"""What every command answers, and what stands in for what angle brackets name: a number is a name as well."""
RECORD = f"""#!/bin/bash
line=$(printf '%q ' "$(basename "$0")" "$@")
echo "$line" >> "$RECORD"
echo {SAID}
"""
"""In one write: commands that a pipe joins write at the same time."""
STOPPED = ("aws", "understudy", "cdk", "curl", "psql", "redis-cli", "sleep", "python3", "jq", "git")


def called(text: str, folder: Path) -> list[str]:
    """Every command that the blocks and the sentences of a runbook make a shell call."""
    record = folder / "record"
    record.touch()
    for name in STOPPED:
        program = folder / name
        program.write_text(RECORD)
        program.chmod(0o755)
    scripts = BLOCK.findall(text) + INLINE.findall(BLOCK.sub("", text))
    filled = "\n".join(re.sub(r"<[A-Za-z][^>]*>", SAID, script) for script in scripts)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "RECORD": str(record)}
    subprocess.run(
        ["bash"], input=filled, text=True, cwd=folder, env=environment, capture_output=True, check=False, timeout=60
    )
    return record.read_text().splitlines()


@dataclass(frozen=True)
class Runbook:
    """One, and what it makes a shell call."""

    text: str
    lines: list[str]

    def calls(self, program: str) -> list[str]:
        """Of one program."""
        return [line for line in self.lines if line.startswith(f"{program} ")]


@pytest.fixture(scope="module", params=FILES, ids=lambda file: file.name)
def runbook(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Runbook:
    """Each, read by a shell once."""
    text = request.param.read_text(encoding="utf-8")
    return Runbook(text, called(text, tmp_path_factory.mktemp("called")))


def test_every_command_of_the_aws_cli_is_one(runbook: Runbook) -> None:
    """By the models that the CLI itself is made of."""
    commands = runbook.calls("aws")
    assert len(commands) >= len(set(re.findall(r"\baws [a-z]+ [a-z-]+", runbook.text)))
    wrong = {}
    for command in commands:
        try:
            parsed(command)
        except ValueError as error:
            wrong[command] = str(error)
    assert {} == wrong


def test_every_command_of_the_cdk_cli_is_one(runbook: Runbook) -> None:
    """By the registry that the CLI itself is made of."""
    assert [] == [wrong for command in runbook.calls("cdk") for wrong in wrong_in(command)]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("cdk deplay --all", "cdk has no deplay"),
        ("cdk deploy --exclusive data", "cdk deploy takes no --exclusive"),
        ("cdk deploy -x data", "cdk deploy takes no -x"),
        ("cdk deploy --method prepare", "--method of cdk deploy is none of"),
    ],
)
def test_a_command_of_cdk_that_is_none_is_noticed(command: str, said: str) -> None:
    """Each kind of mistake."""
    (wrong,) = wrong_in(command)
    assert said in wrong


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("aws efs describe-replications", "aws efs has no describe-replications"),
        ("aws rds describe-db-instances --db-instance db", "takes no --db-instance"),
        ("aws dynamodb get-item --table-name t", "wants ['Key']"),
        ("aws rdb describe-db-instances", "aws has no rdb"),
        ("aws ecs describe-services --services web --query 'services[0'", "services"),
        ("aws logs tail /group --sinse 5m", "takes no ['--sinse']"),
    ],
)
def test_a_command_that_is_none_is_noticed(command: str, said: str) -> None:
    """Each kind of mistake."""
    with pytest.raises(ValueError, match=re.escape(said)):
        parsed(command)


def test_parameters_are_read_as_the_cli_reads_them() -> None:
    """JSON, words, lists, flags."""
    key = shlex.quote('{"item":{"S":"lock"}}')
    found = parsed(f"aws dynamodb get-item --table-name t --key {key} --consistent-read --query Item.id.S")
    assert ("dynamodb", "GetItem") == (found.service, found.operation)
    assert {"TableName": "t", "Key": {"item": {"S": "lock"}}, "ConsistentRead": True} == found.parameters
    assert {"cluster": "c", "services": ["web", "api"]} == parsed(
        "aws ecs describe-services --cluster c --services web api"
    ).parameters
    assert {"DBInstanceIdentifier": "db", "DeletionProtection": False} == parsed(
        "aws rds modify-db-instance --db-instance-identifier db --no-deletion-protection"
    ).parameters
