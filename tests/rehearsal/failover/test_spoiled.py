"""A rehearsal notices what is wrong: handlers with a mistake make it fail, each at the fault that meets the mistake."""

import pytest

from rehearsal.failover.deployed import Deployed
from rehearsal.failover.plan import FaultName, Plan
from rehearsal.failover.play import rehearse
from tests.rehearsal.failover.spoiled import IGNORES_LAG, NEVER_FENCES, TAKES_AT_ONCE, Spoils, archive, spoiled

CASES = [
    pytest.param(NEVER_FENCES, "region_guard", "split", "two databases took writes", id="a guard that never fences"),
    # The promotion takes longer than what is left of a lease, so that two databases never write in this play.
    pytest.param(TAKES_AT_ONCE, "failover", "split-but-witness", "not as `asked`", id="a take that does not wait"),
    pytest.param(IGNORES_LAG, "failover", "lag", "not as `asked`", id="a gate that ignores lag"),
]


@pytest.mark.parametrize(("spoils", "package", "fault", "said"), CASES)
def test_R8_each_mistake_finds_its_place(spoils: Spoils, package: str, fault: FaultName, said: str) -> None:
    """The line that a mistake replaces is there, once."""
    del fault, said
    assert archive(spoils, package)


@pytest.mark.full
@pytest.mark.parametrize(("spoils", "package", "fault", "said"), CASES)
def test_R8_each_mistake_is_noticed(
    regions: Deployed, spoils: Spoils, package: str, fault: FaultName, said: str
) -> None:
    """The rehearsal says what is wrong."""
    outcome = rehearse(regions, Plan(fault=fault), tell=lambda _: None, spoil=spoiled(spoils, package))
    assert [wrong for wrong in outcome.wrongs if said in wrong], outcome
