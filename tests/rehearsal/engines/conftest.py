"""An emulator that is played, fast, on a data plane of this process."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rehearsal.clock import Clock
from rehearsal.embedded_aws import EmbeddedAws
from rehearsal.ports import free_port
from tests.rehearsal.engines.played import SPEED, Played, TestPlane
from tests.rehearsal.under_test import serving


@contextmanager
def emulator_at(speed: float, log: Path, *, plays: bool = True) -> Iterator[Played]:
    """An emulator in which time passes and hooks run, unless it does not play."""
    port, token = free_port(), uuid.uuid4().hex
    aws = EmbeddedAws(port, token)
    plane = TestPlane()
    clock = Clock.started_now(speed)
    variables = {**clock.variable, "UNDERSTUDY_DATA_PLANE": plane.url}
    with serving(aws, log, variables if plays else {}):
        yield Played(aws.endpoint, port, token, clock=clock, plane=plane)
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
