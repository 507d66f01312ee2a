"""What is lost and who took writes when, from what was acknowledged and what the databases hold."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rehearsal.clock import Clock
from rehearsal.failover import ledger
from rehearsal.failover.databases import Committed
from rehearsal.failover.ledger import Acknowledged, Tenure
from rehearsal.release.load.record import Record

HOME, STAND_IN = 5001, 5002


def acknowledged(number: int, at: float = 0.0) -> Acknowledged:
    """Return a write of a user's."""
    return Acknowledged("users", number, at, at)


def committed(number: int, server: int = HOME, at: float = 0.0) -> Committed:
    """Return the same as a server holds it."""
    return Committed("users", number, server, at)


@given(st.sets(st.integers(0, 200)), st.sets(st.integers(0, 200)))
def test_R8_what_is_missing_is_exact(told: set[int], held: set[int]) -> None:
    """Whatever was acknowledged and is not held, and nothing else, the oldest first."""
    found = ledger.missing([acknowledged(number, float(number)) for number in told], [committed(one) for one in held])
    assert sorted(told - held) == [one.number for one in found]


def test_R8_a_write_of_another_writer_is_another_one() -> None:
    """Numbers count for each writer."""
    assert [acknowledged(1)] == ledger.missing([acknowledged(1)], [Committed("keeps", 1, HOME, 0.0)])


def test_R8_two_servers_at_once_are_seen() -> None:
    """A server that commits after another one has begun overlaps with it, by just that time."""
    rows = [committed(1, HOME, 10.0), committed(2, STAND_IN, 20.0), committed(3, HOME, 23.5)]
    tenures = ledger.tenures(rows)
    assert [Tenure(HOME, 10.0, 23.5), Tenure(STAND_IN, 20.0, 20.0)] == tenures
    assert 3.5 == ledger.overlap_seconds(tenures)
    assert -10.0 == ledger.overlap_seconds(ledger.tenures(rows[:2]))
    assert 0.0 == ledger.overlap_seconds(ledger.tenures(rows[:1]))


def test_R8_outages_are_what_users_waited() -> None:
    """Only spans longer than a moment count, from the fault on, and one that lasts to the end."""
    moments = [90.0, 99.0, 101.0, 160.0, 161.0]
    assert [(101.0, 160.0), (161.0, 200.0)] == ledger.outages(moments, 100.0, 200.0)
    assert [] == ledger.outages([*range(90, 200, 5)], 100.0, 200.0)
    assert [(100.0, 200.0)] == ledger.outages([99.0], 100.0, 200.0)


def test_R8_files_are_read_to_the_last_whole_line(tmp_path: Path) -> None:
    """Real moments become virtual; an answer other than 200, and a line that was cut off, acknowledge nothing."""
    clock = Clock(100.0, 1000.0, 10.0)
    users = tmp_path / "users"
    answers = [(1, 200), (2, 500), (3, 0), (4, 200)]
    lines = [Record(100.0 + number, number, status, 500.0, "r", "", "/orders").line() for number, status in answers]
    users.write_text("".join(f"{line}\n" for line in lines))
    found = ledger.of_users(users, clock)
    assert [(1, 1010.0, 1015.0), (4, 1040.0, 1045.0)] == [(one.number, one.sent, one.at) for one in found]
    workers = tmp_path / "workers"
    workers.write_text("keeps-r\t7\t101.0000\t102.0000\nkeeps-r\t8\t103.0")
    assert [Acknowledged("keeps-r", 7, 1010.0, 1020.0)] == ledger.of_workers([workers], clock)
