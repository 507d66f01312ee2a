"""One emulator for all tests of a process, and stacks in it that each test makes from a few lines of JSON."""

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rehearsal.embedded_aws import EmbeddedAws, server_environment
from rehearsal.ports import free_port
from tests.rehearsal.under_test import REGION, Emulator, Stack


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator on a free port, for all tests of this process."""
    port, token = free_port(), uuid.uuid4().hex
    log = tmp_path_factory.mktemp("emulator") / "log"
    aws = EmbeddedAws(port, token)
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.emulator.server", str(port)],
            env=server_environment(aws),
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).parents[2],
        )
        try:
            deadline = time.monotonic() + 60
            while aws.status() is None:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield Emulator(aws.endpoint, port, token)
        finally:
            process.terminate()
            process.wait()


@pytest.fixture
def new_stack(emulator: Emulator) -> Callable[..., Stack]:
    """A function that gives stacks of their own names."""

    def make(region: str = REGION) -> Stack:
        return Stack(emulator, f"test-{uuid.uuid4().hex[:8]}", region)

    return make


@pytest.fixture
def stack(new_stack: Callable[..., Stack]) -> Stack:
    """A stack of its own name in the main region."""
    return new_stack()
