"""What a rehearsal takes for a question to people."""

import pytest

from rehearsal.failover import messages

ALARM = "storefront-prod-failover-lost-critical"
WAITS = "storefront-prod: failover waits for you: there is no witness"
GIVEN_UP = "storefront-prod: not failed over: the active region is back"
STOPPED = "storefront-prod: failover stopped at promoted"
DONE = "storefront-prod: us-east-1 has taken over from us-west-2"


@pytest.mark.parametrize(
    ("heard", "asks", "waits"),
    [
        ([], False, False),
        ([ALARM], False, False),
        ([GIVEN_UP], True, False),
        ([STOPPED], True, False),
        ([GIVEN_UP, WAITS], True, True),
        ([WAITS, ALARM], True, True),
        ([WAITS, STOPPED], True, False),
        ([WAITS, DONE], False, False),
    ],
)
def test_the_last_thing_that_people_heard_of_a_failover_counts(heard: list[str], asks: bool, waits: bool) -> None:
    """One that was given up asks them as well, and is at work no more."""
    assert (asks, waits) == (messages.asks(heard), messages.waits(heard))
