"""Twenty rotations at each real server, under load. At once, since they wait for the most part."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from subprocess import CompletedProcess

import pytest

from rehearsal.rotation.plan import ENGINES
from tests.rehearsal.rotation.command import rehearsed


@pytest.fixture(scope="module")
def ended() -> Mapping[str, CompletedProcess[str]]:
    """The command of each engine."""
    with ThreadPoolExecutor(len(ENGINES)) as pool:
        runs = {engine: pool.submit(rehearsed, engine, "--rotations", "20") for engine in ENGINES}
        return {engine: run.result() for engine, run in runs.items()}


@pytest.mark.parametrize("engine", ENGINES)
def test_twenty_rotations_and_nobody_notices(ended: Mapping[str, CompletedProcess[str]], engine: str) -> None:
    """No login refused, no work lost, two live logins at most, no secret value anywhere."""
    done = ended[engine]
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "20 of the application" in done.stdout
    assert "the right outcome" in done.stdout
