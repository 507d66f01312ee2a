"""The lease's item in DynamoDB, in several regions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from leasing.recovery_tables import recovery_tables

from shared.lease import Lease
from shared.lease_table import LeaseTable

REGIONS = ("us-west-2", "us-east-1", "eu-west-1")
NAME = "shop-prod-recovery"
LEASE = Lease("us-west-2", 3, 1_795_872_000.123, 9, "us-east-1", 4)


@pytest.fixture(autouse=True)
def tables() -> Iterator[None]:
    """One of the same name in each region."""
    with recovery_tables(NAME, REGIONS):
        yield


@pytest.mark.parametrize("seconds", [None, 1.0])
@pytest.mark.parametrize("lease", [LEASE, Lease("us-west-2", 1, 12.0)])
def test_R2_a_lease_is_read_as_it_was_written(lease: Lease, seconds: float | None) -> None:
    """In the region that was named, and in no other."""
    table = LeaseTable(NAME, REGIONS[2], seconds)
    assert table.read() is None
    assert table.write(lease, instead_of=None)
    assert lease == table.read()
    assert LeaseTable(NAME, REGIONS[0]).read() is None


def test_R2_a_write_depends_on_what_was_read() -> None:
    """Of two that read the same, one writes."""
    table = LeaseTable(NAME, REGIONS[0])
    assert table.write(LEASE, instead_of=None)
    assert not table.write(replace(LEASE, epoch=4), instead_of=None)
    first = replace(LEASE, epoch=4, serial=10)
    assert table.write(first, instead_of=LEASE)
    assert not table.write(replace(LEASE, epoch=5, serial=10), instead_of=LEASE)
    assert first == table.read()


def test_R2_a_write_whose_answer_was_lost_is_known_again() -> None:
    """The client asks twice; the second time the condition is false because of its own first."""
    table = LeaseTable(NAME, REGIONS[0])
    for _ in range(2):
        assert table.write(LEASE, instead_of=None)
    following = replace(LEASE, serial=10)
    for _ in range(2):
        assert table.write(following, instead_of=LEASE)


def test_R2_a_table_that_does_not_exist_is_an_error() -> None:
    """It is not the same as a table without a lease."""
    with pytest.raises(Exception, match="ResourceNotFound"):
        LeaseTable("another", REGIONS[0]).read()
