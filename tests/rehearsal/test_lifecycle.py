"""The emulator is started, found again and stopped, whatever happened to it in between."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rehearsal import comparison, embedded_aws, processes
from rehearsal.failure import RehearsalError
from rehearsal.ports import free_port
from rehearsal.processes import Process
from rehearsal.workspace import Record, Workspace

Said = list[str]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A project's workspace, in which nothing runs afterwards."""
    (tmp_path / "cdk.json").write_text("{}")
    made = Workspace(tmp_path)
    made.folder.mkdir()
    yield made
    embedded_aws.stop(made)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process of somebody else."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def started(workspace: Workspace) -> tuple[embedded_aws.EmbeddedAws, Record]:
    """Return a running emulator and its record."""
    emulator = embedded_aws.ensure(workspace, port=free_port(), say=print)
    record = workspace.record()
    assert record is not None
    return emulator, record


def test_it_outlives_its_starter_and_is_found_again(workspace: Workspace) -> None:
    """A second `up` uses the running emulator, which is no child of the terminal's session."""
    emulator, record = started(workspace)
    assert emulator == embedded_aws.ensure(workspace, port=None, say=print)
    assert os.getsid(record.process.pid) == record.process.pid


def test_it_stops_and_says_when_there_was_nothing(workspace: Workspace) -> None:
    """`down` ends the process and forgets it; once more, there is nothing."""
    _, record = started(workspace)
    assert (True, False) == (embedded_aws.stop(workspace), embedded_aws.stop(workspace))
    assert not record.process.alive()
    assert workspace.record() is None


def test_a_stopped_emulators_port_is_free(workspace: Workspace, sleeper: subprocess.Popen[bytes]) -> None:
    """A process's threads may hold its port a moment longer than it lives: `stop` returns when the next can start."""
    process = Process.of(sleeper.pid)
    assert process
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        workspace.write(Record(process=process, port=port, token="t"))
        release = threading.Timer(0.5, held.close)
        release.start()
        assert embedded_aws.stop(workspace)
        with socket.create_server(("127.0.0.1", port)):
            release.join()


def test_a_port_in_use_is_said(workspace: Workspace) -> None:
    """Another program on the port is left alone; the message says what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(RehearsalError, match="is in use by another program") as caught:
            embedded_aws.ensure(workspace, port=other.getsockname()[1], say=print)
    assert "make up PORT=" in caught.value.remedy


def test_it_is_not_moved_to_another_port(workspace: Workspace) -> None:
    """Asked for another port while it runs, it stays and says where."""
    emulator, _ = started(workspace)
    with pytest.raises(RehearsalError, match=f"already runs, on port {emulator.port}"):
        embedded_aws.ensure(workspace, port=free_port(), say=print)


def test_a_killed_emulator_is_replaced(workspace: Workspace) -> None:
    """After a kill the next `up` says so and starts an empty one on the same port."""
    emulator, record = started(workspace)
    os.kill(record.process.pid, signal.SIGKILL)
    os.waitpid(record.process.pid, 0)
    said: Said = []
    again = embedded_aws.ensure(workspace, port=emulator.port, say=said.append)
    assert ["the embedded AWS of the last run is gone, and what it held with it: starting clean"] == said
    assert again.stacks() == []


def test_a_stopped_emulator_that_does_not_answer_is_replaced(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that hangs is ended, although it does not listen, and replaced."""
    _, record = started(workspace)
    monkeypatch.setattr(embedded_aws, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(processes, "PATIENCE_SECONDS", 2.0)
    os.kill(record.process.pid, signal.SIGSTOP)
    said: Said = []
    embedded_aws.ensure(workspace, port=record.port, say=said.append)
    assert ["the embedded AWS of the last run does not answer: stopping it, starting clean"] == said
    assert not record.process.alive()


def test_a_recycled_process_id_is_nobody_of_ours(workspace: Workspace, sleeper: subprocess.Popen[bytes]) -> None:
    """A record whose ID now belongs to another process neither counts as running nor gets that process killed."""
    workspace.write(Record(process=Process(sleeper.pid, "another time"), port=free_port(), token="t"))
    assert embedded_aws.running(workspace) is None
    assert embedded_aws.stop(workspace) is False
    assert sleeper.poll() is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"process": 1}', '{"of": "something else"}'])
def test_an_unreadable_record_is_none(workspace: Workspace, content: str) -> None:
    """Half a record is as good as none."""
    (workspace.folder / "state.json").write_text(content)
    assert workspace.record() is None


def test_a_record_of_another_version_is_understood(workspace: Workspace) -> None:
    """What another version wrote besides is passed over, so that its emulator is found and can be stopped."""
    workspace.write(Record(process=Process(1, "never"), port=1, token="t"))
    file = workspace.folder / "state.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "more": "than this version knows"}))
    assert Record(process=Process(1, "never"), port=1, token="t") == workspace.record()


def test_the_record_is_kept_whole(workspace: Workspace) -> None:
    """What is written is what is read."""
    process = Process(1, "never")
    record = Record(process=process, port=1, token="t", deploying=process)
    workspace.write(record)
    assert record == workspace.record()
    assert json.loads((workspace.folder / "state.json").read_text())["port"] == 1


def test_two_runs_keep_out_of_each_others_way(workspace: Workspace) -> None:
    """While one command works, another is told so."""
    with workspace.alone(), pytest.raises(RehearsalError, match="another `understudy` is at work"), workspace.alone():
        pass


def test_nothing_of_the_users_credentials_reaches_it(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator's environment has no AWS setting of the user."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    _, record = started(workspace)
    assert b"AWS_PROFILE" not in Path(f"/proc/{record.process.pid}/environ").read_bytes()


def test_diff_without_an_emulator_is_said(workspace: Workspace) -> None:
    """Nothing runs, so there is nothing to compare with; the message says what to do."""
    with pytest.raises(RehearsalError, match="is not running") as caught:
        comparison.diff(workspace, app="storefront", environment="dev")
    assert "make up APP=storefront ENV=dev" in caught.value.remedy


def test_down_ends_a_deployment_that_was_left_over(workspace: Workspace, sleeper: subprocess.Popen[bytes]) -> None:
    """A CDK CLI that outlived a killed `up` is ended with the emulator."""
    _, record = started(workspace)
    workspace.write(replace(record, deploying=Process.of(sleeper.pid)))
    embedded_aws.stop(workspace)
    assert sleeper.wait(timeout=10) != 0
