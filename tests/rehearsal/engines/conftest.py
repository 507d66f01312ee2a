"""An emulator that is played, fast, on a data plane of this process."""

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rehearsal.clock import Clock
from rehearsal.embedded_aws import EmbeddedAws, server_environment
from rehearsal.ports import free_port
from tests.rehearsal.engines.played import SPEED, Played, TestPlane


@contextmanager
def emulator_at(speed: float, log: Path, *, plays: bool = True) -> Iterator[Played]:
    """An emulator in which time passes and hooks run, unless it does not play."""
    port, token = free_port(), uuid.uuid4().hex
    aws = EmbeddedAws(port, token)
    plane = TestPlane()
    clock = Clock.started_now(speed)
    variables = {**clock.variable, "UNDERSTUDY_DATA_PLANE": plane.url}
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.emulator.server", str(port)],
            env={**server_environment(aws), **(variables if plays else {})},
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).parents[3],
        )
        deadline = time.monotonic() + 60
        while aws.status() is None:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield Played(aws.endpoint, port, token, clock=clock, plane=plane)
        process.terminate()
        process.wait()
        plane.stop()


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """An emulator in which a minute takes a second."""
    with emulator_at(SPEED, tmp_path_factory.mktemp("played") / "log") as emulator:
        yield emulator


@pytest.fixture(scope="session")
def fast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """An emulator in which an hour takes three seconds: too fast for a function to do anything."""
    with emulator_at(20 * SPEED, tmp_path_factory.mktemp("fast") / "log") as emulator:
        yield emulator


@pytest.fixture
def unplayed(tmp_path: Path) -> Iterator[Played]:
    """An emulator that nobody plays on, yet."""
    with emulator_at(1, tmp_path / "log", plays=False) as emulator:
        yield emulator


@pytest.fixture
def new_name() -> Callable[[], str]:
    """A function that gives names that nothing else has."""
    return lambda: f"t{uuid.uuid4().hex[:8]}"


@pytest.fixture
def name(new_name: Callable[[], str]) -> str:
    """A name that nothing else has."""
    return new_name()
