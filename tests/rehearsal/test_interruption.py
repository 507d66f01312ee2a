"""A deployment that was cut off is recognised, and the next one ends clean."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rehearsal import deployment, embedded_aws
from rehearsal.emulator.apis import Apis
from rehearsal.ports import free_port
from rehearsal.processes import Process
from rehearsal.workspace import Workspace

TEMPLATE = json.dumps({"Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}}})
BROKEN = json.dumps({"Resources": {"Group": {"Type": "AWS::Logs::LogStream", "Properties": {"LogGroupName": "x"}}}})


class Heard:
    """What an `up` told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        """Remember what was said."""
        self.said.append(text)

    def stage(self, text: str) -> None:
        """Stages do not matter here."""

    def stack(self, name: str, state: str) -> None:
        """Nor do stacks."""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with a running emulator."""
    made = Workspace(tmp_path)
    made.folder.mkdir()
    embedded_aws.ensure(made, port=free_port(), say=print)
    yield made
    embedded_aws.stop(made)


def emulator_of(workspace: Workspace) -> embedded_aws.EmbeddedAws:
    """Return the emulator that runs."""
    emulator = embedded_aws.running(workspace)
    assert emulator is not None
    return emulator


def call(workspace: Workspace, operation: str, **parameters: str) -> None:
    """Call CloudFormation."""
    apis = Apis(endpoint=emulator_of(workspace).endpoint, account="123456789012", region="us-west-2")
    apis.call("cloudformation", operation, parameters)


def test_a_cdk_left_over_is_ended(workspace: Workspace) -> None:
    """When `up` was killed, its CDK CLI may still deploy: the next one ends it before it begins, and says so.

    It holds its output folder by its ID, which is there as long as nobody has reaped it.
    """
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    workspace.assembly.mkdir()
    for name in ("synth.lock", f"read.{orphan.pid}.1.lock", "manifest.json"):
        (workspace.assembly / name).write_text(str(orphan.pid))
    record = workspace.record()
    assert record is not None
    workspace.write(replace(record, deploying=Process.of(orphan.pid)))
    heard = Heard()
    deployment.end_what_was_cut_off(workspace, heard)
    assert ["the last deployment was interrupted: tidying up after it"] == heard.said
    assert ["manifest.json"] == [file.name for file in workspace.assembly.iterdir()]
    assert orphan.wait(timeout=10) != 0
    after = workspace.record()
    assert after is not None
    assert after.deploying is None


def test_a_stack_under_review_starts_clean(workspace: Workspace) -> None:
    """A stack that got no further than its change set cannot be finished: the next `up` begins with an empty AWS."""
    call(
        workspace,
        "create_change_set",
        StackName="half",
        ChangeSetName="c",
        ChangeSetType="CREATE",
        TemplateBody=TEMPLATE,
    )
    heard, before = Heard(), emulator_of(workspace)
    after = deployment.settled(workspace, before, heard)
    assert ["half cannot be finished any more: starting with an empty AWS"] == heard.said
    assert (before.port, []) == (after.port, after.stacks())


def test_finished_stacks_are_kept(workspace: Workspace) -> None:
    """Complete stacks, and those that were rolled back, are no reason to start over."""
    call(workspace, "create_stack", StackName="whole", TemplateBody=TEMPLATE)
    call(workspace, "create_stack", StackName="rolled-back", TemplateBody=BROKEN)
    heard, before = Heard(), emulator_of(workspace)
    assert before == deployment.settled(workspace, before, heard)
    assert [] == heard.said
    statuses = {stack["name"]: stack["status"] for stack in before.stacks()}
    assert {"whole": "CREATE_COMPLETE", "rolled-back": "ROLLBACK_COMPLETE"} == statuses
