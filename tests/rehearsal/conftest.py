"""One emulator for all tests of a process, and stacks in it that each test makes from a few lines of JSON."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from rehearsal.embedded_aws import EmbeddedAws
from rehearsal.ports import free_port
from tests.rehearsal.under_test import REGION, Emulator, Stack, serving


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator on a free port, for all tests of this process."""
    port, token = free_port(), uuid.uuid4().hex
    aws = EmbeddedAws(port, token)
    with serving(aws, tmp_path_factory.mktemp("emulator") / "log"):
        yield Emulator(aws.endpoint, port, token)


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
