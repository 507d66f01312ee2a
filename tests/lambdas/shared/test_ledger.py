"""The ledger: every write is conditional, so concurrent deliveries agree afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from release_plan import TABLE
from release_world import release_world

from shared import ledger
from shared.ledger import KEPT_SECONDS, Ledger


@pytest.fixture(scope="module")
def book() -> Iterator[Ledger]:
    """A table of DynamoDB."""
    with release_world("codedeploy"):
        yield Ledger(TABLE)


def test_the_first_writer_of_an_entry_wins(book: Ledger) -> None:
    """The second one reads what the first one wrote."""
    assert ({"started_at": 1.5}, True) == book.put_once("d-1", "hook#a#1", {"started_at": 1.5})
    assert ({"started_at": 1.5}, False) == book.put_once("d-1", "hook#a#1", {"started_at": 2.5})


def test_attributes_are_added_unless_one_stands_already(book: Ledger) -> None:
    """A verdict is written once, whatever comes after it."""
    book.put_once("d-2", "hook#a#1", {"started_at": 1})
    assert ({"started_at": 1, "verdict": "FAILED"}, True) == book.add_once(
        "d-2", "hook#a#1", {"verdict": "FAILED"}, unless="verdict"
    )
    assert ({"started_at": 1, "verdict": "FAILED"}, False) == book.add_once(
        "d-2", "hook#a#1", {"verdict": "SUCCEEDED"}, unless="verdict"
    )


def test_a_value_is_replaced_only_if_it_is_what_was_expected(book: Ledger) -> None:
    """Compare and swap, for phases that only one call may enter."""
    assert book.replace_if("d-3", "watch", "phase", None, "install")
    assert not book.replace_if("d-3", "watch", "phase", None, "shift")
    assert book.replace_if("d-3", "watch", "phase", "install", "shift")
    assert {"phase": "shift"} == book.read("d-3", "watch")


def test_entries_of_a_release_are_found_by_how_their_names_begin(book: Ledger) -> None:
    """And no other release's."""
    for release, entry in (("d-4", "hook#a#1"), ("d-4", "hook#b#1"), ("d-4", "migration"), ("d-5", "hook#a#1")):
        book.put_once(release, entry, {"at": 1})
    assert ["hook#a#1", "hook#b#1"] == list(book.entries("d-4", ledger.HOOKS))
    assert ["hook#a#1", "hook#b#1", "migration"] == list(book.entries("d-4"))
    assert {} == book.entries("d-6")
    assert book.read("d-6", "hook#a#1") is None


def test_entries_leave_after_ninety_days(book: Ledger) -> None:
    """The table's TTL attribute says when."""
    import boto3

    from shared import clock

    book.put_once("d-7", "migration", {"at": 1})
    item = boto3.client("dynamodb", "us-west-2").get_item(
        TableName=TABLE, Key={"release": {"S": "d-7"}, "entry": {"S": "migration"}}
    )["Item"]
    assert abs(int(item["expires_at"]["N"]) - clock.epoch() - KEPT_SECONDS) < 60
