"""What is left of a rehearsal that is cut off."""

from __future__ import annotations

import signal

import pytest

from tests.rehearsal.cut_off import cut_off

PROCESSES = {"postgresql": 4, "redis": 8, "rabbitmq": 5}
"""As many run all the time once consumers work: servers, the rehearsal itself, the consumers' process.

PostgreSQL's sessions end too fast to be counted, and write their titles over what they are found by.
"""


@pytest.mark.parametrize(
    ("engine", "number"),
    [
        pytest.param("redis", signal.SIGTERM, marks=pytest.mark.full),
        ("postgresql", signal.SIGKILL),
        pytest.param("postgresql", signal.SIGINT, marks=pytest.mark.full),
        pytest.param("redis", signal.SIGKILL, marks=pytest.mark.full),
        pytest.param("rabbitmq", signal.SIGKILL, marks=pytest.mark.full),
    ],
)
def test_nothing_is_left_when_it_is_cut_off(engine: str, number: signal.Signals) -> None:
    """Neither after a polite end nor after a kill that nobody can hear: no process and no file."""
    cut_off("rehearse-rotation", "--engine", engine, by=number, processes=PROCESSES[engine], seconds=120)
