"""The load ends, whatever it meets: here a load balancer that takes connections and then says nothing."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rehearsal.failure import RehearsalError
from rehearsal.release import users
from rehearsal.release.load.record import NO_ANSWER, read
from rehearsal.release.users import Users
from rehearsal.servers.certificates import Authority
from tests.rehearsal.release.engine_by_hand import HOST, until

Begun = Callable[..., Users]


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Begun]:
    """Begin a load whose requests may take so long, in seconds, with other fields of its order as said."""
    started: list[Users] = []
    with socket.create_server(("127.0.0.1", 0), backlog=500) as silent:

        def begin(timeout_seconds: float, **others: object) -> Users:
            order = {
                "port": silent.getsockname()[1],
                "host": HOST,
                "ca_file": str(Authority(tmp_path).file),
                "rate": 50.0,
                "users": 10,
                "slow_share": 0.0,
                "orders_share": 0.0,
                "timeout_seconds": timeout_seconds,
                "connections": 0,
                **others,
            }
            started.append(Users(order, tmp_path))
            return started[-1]

        yield begin
        for load in started:
            load.kill()


def sent(load: Users) -> None:
    """Wait until it has sent some."""
    until(lambda: load.tally["sent"] >= 10)


def test_connecting_may_take_no_longer_than_an_answer(begun: Begun) -> None:
    """What cannot connect has failed, and keeps no load from its end."""
    load = begun(0.2)
    sent(load)
    load.stop()
    records = list(read(load.file))
    assert load.tally == {"sent": len(records), "answered": len(records), "failed": len(records)}
    assert {(NO_ANSWER, "time-out")} == {(record.status, record.target) for record in records}


def test_a_load_without_an_end_is_said_to_have_none(begun: Begun, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is under way too long is no death of the load: the machine does not keep up."""
    monkeypatch.setattr(users, "END_SECONDS", 0.5)
    load = begun(60.0)
    sent(load)
    with pytest.raises(
        RehearsalError, match=r"the load has not ended after 0 s: [1-9]\d* requests are under way"
    ) as caught:
        load.stop()
    assert "let nothing else run beside it" in caught.value.remedy


def test_a_load_that_died_says_why(begun: Begun) -> None:
    """What it wrote last is shown."""
    load = begun(0.2, ca_file="nowhere.pem")
    with pytest.raises(RehearsalError, match="the load has died") as caught:
        load.stop()
    assert "FileNotFoundError" in caught.value.details
