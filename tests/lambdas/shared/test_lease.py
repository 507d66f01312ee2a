"""Each move of the lease by itself: who is granted what, and what a take needs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from leasing.tables import OutOfReachError, Table

from shared import lease
from shared.lease import CLOCK_SKEW_SECONDS, Lease, NotYet, Taken
from shared.told import Told

HOME, STAND_IN = "us-west-2", "us-east-1"
NOW = 1_000.0
SECONDS = 45.0
OVER = NOW - CLOCK_SKEW_SECONDS - 0.1
AT_HOME = Lease(HOME, 1, OVER, serial=7)
"""As the stand-in's table and the witness say it, a moment after the lease is over."""


def taking(own: Table, witness: Table | None, now: float = NOW) -> Taken | NotYet:
    """By the stand-in."""
    return lease.take(STAND_IN, own, witness, now=now, lease_seconds=SECONDS)


def test_R2_a_free_lease_is_taken() -> None:
    """Its own table names the site, and the witness grants it the first end."""
    own, witness = Table(AT_HOME), Table(AT_HOME)
    assert Taken(2) == taking(own, witness)
    assert Lease(STAND_IN, 2, 0.0, serial=8) == own.lease
    assert Lease(STAND_IN, 2, NOW + SECONDS, serial=9) == witness.lease


def test_R2_taking_again_changes_nothing() -> None:
    """A step of a workflow is run again."""
    own, witness = Table(AT_HOME), Table(AT_HOME)
    taking(own, witness)
    assert Taken(2) == taking(own, witness)
    assert 2 == (own.lease or AT_HOME).epoch


@pytest.mark.parametrize("late", ["own", "witness"])
def test_R2_nothing_is_taken_before_both_are_over(late: str) -> None:
    """Neither the end nor a second's difference between two clocks is forgotten."""
    running = replace(AT_HOME, until=NOW - CLOCK_SKEW_SECONDS + 0.5)
    own, witness = (Table(running if late == name else AT_HOME) for name in ("own", "witness"))
    answer = taking(own, witness)
    assert isinstance(answer, NotYet)
    assert 1.0 == answer.wait_seconds
    assert [] == own.history + witness.history
    assert isinstance(taking(own, witness, NOW + 0.6), Taken)


def test_R2_a_site_that_cannot_reach_the_witness_takes_nothing() -> None:
    """And its own table is as it was."""
    own = Table(AT_HOME)
    with pytest.raises(OutOfReachError):
        taking(own, Table(AT_HOME, reachable=False))
    assert [] == own.history


@pytest.mark.parametrize("missing", ["own", "witness"])
def test_R2_where_there_never_was_a_lease_nothing_is_taken(missing: str) -> None:
    """A table that was made anew knows nothing of who writes."""
    own, witness = (Table(None if missing == name else AT_HOME) for name in ("own", "witness"))
    with pytest.raises(Told, match="a person has to look"):
        taking(own, witness)


def test_R2_without_a_witness_the_own_table_decides() -> None:
    """A person has approved."""
    own = Table(AT_HOME)
    assert Taken(2) == taking(own, None)
    assert STAND_IN == (own.lease or AT_HOME).holder


def test_R2_a_renewal_in_between_stops_the_take() -> None:
    """The holder reached the stand-in's table after all: the witness's promise is worth nothing, and the holder's goes on."""
    own, witness = Table(AT_HOME), Table(AT_HOME)
    witness.before_write = lambda: _renew(own, AT_HOME)
    answer = taking(own, witness)
    assert isinstance(answer, NotYet)
    assert "alive" in answer.because
    assert witness.lease is not None
    assert STAND_IN == witness.lease.promised_to
    assert not lease.grantable(HOME, 1, witness.lease)
    witness.before_write = lambda: None
    assert lease.withdraw_promise(witness, witness.lease)
    assert witness.lease is not None
    assert lease.renew(witness, witness.lease, HOME, 1, NOW + SECONDS)


@pytest.mark.parametrize("writes", range(4))
def test_R2_a_take_that_was_killed_is_gone_on_with_or_undone(writes: int) -> None:
    """After each of its writes."""
    for undone in (False, True):
        own, witness = Table(AT_HOME), Table(AT_HOME)
        _killed_after(writes, own, witness)
        if undone:
            assert lease.give_back(STAND_IN, HOME, own, witness)
            assert own.lease is not None
            assert witness.lease is not None
            epoch = lease.tenure(HOME, [own.lease])
            assert epoch is not None
            assert lease.renew(own, own.lease, HOME, epoch, NOW + SECONDS)
            assert lease.renew(witness, witness.lease, HOME, epoch, NOW + SECONDS)
        else:
            assert isinstance(taking(own, witness), Taken)
        for table in (own, witness):
            assert sorted(each.epoch for each in table.history) == [each.epoch for each in table.history]


def _renew(table: Table, seen: Lease) -> None:
    assert lease.renew(table, seen, HOME, 1, NOW + SECONDS)


def _killed_after(writes: int, own: Table, witness: Table) -> None:
    left = iter(range(writes))

    def one_less() -> None:
        if next(left, None) is None:
            raise OutOfReachError

    for table in (own, witness):
        table.before_write = one_less
    with suppress(OutOfReachError):
        taking(own, witness)
    for table in (own, witness):
        table.before_write = lambda: None


def test_R2_what_the_lost_site_still_has_on_its_way_changes_nothing() -> None:
    """A renewal that was sent before the take arrives after it."""
    own, witness = Table(AT_HOME), Table(AT_HOME)
    late = replace(AT_HOME, until=NOW + SECONDS, serial=8)
    taking(own, witness)
    assert not own.apply(late, AT_HOME)
    assert not witness.apply(late, AT_HOME)


def test_R2_a_renewal_never_shortens_what_was_granted() -> None:
    """Two looks of one guard may overlap."""
    table = Table(replace(AT_HOME, until=NOW + SECONDS))
    assert table.lease is not None
    assert lease.renew(table, table.lease, HOME, 1, NOW + 1)
    assert NOW + SECONDS == table.lease.until


def test_R2_the_new_holder_overwrites_what_the_lost_one_left() -> None:
    """Its grants come from the table of the site that was lost, too."""
    lost = Table(Lease(HOME, 1, 0.0))
    assert lost.lease is not None
    assert lease.renew(lost, lost.lease, STAND_IN, 2, NOW + SECONDS)
    assert not lease.grantable(HOME, 1, lost.lease)
    assert lease.superseded(HOME, [lost.lease, None])


def test_R2_a_lease_can_be_surrendered() -> None:
    """So that a planned change does not wait for its end; and only by its holder."""
    table = Table(replace(AT_HOME, until=NOW + SECONDS))
    assert table.lease is not None
    assert lease.surrender(table, table.lease, STAND_IN, NOW)
    assert [] == table.history
    assert lease.surrender(table, table.lease, HOME, NOW)
    assert table.lease.over(NOW + CLOCK_SKEW_SECONDS + 0.1)
