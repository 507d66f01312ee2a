"""The loss of a region, rehearsed: one that `make test` plays, and two hundred drawn by lot."""

import pytest

from rehearsal.failover.deployed import Deployed
from rehearsal.failover.plan import Plan, drawn
from rehearsal.failover.play import rehearse

SOAK = 200


@pytest.mark.parametrize(
    "plan",
    [
        Plan(fault="dark"),
        pytest.param(Plan(fault="killed", at="take"), marks=pytest.mark.full),
        pytest.param(Plan(fault="switchover"), marks=pytest.mark.full),
    ],
    ids=lambda plan: plan.title,
)
def test_R8_a_region_is_lost_and_the_other_takes_over(regions: Deployed, plan: Plan) -> None:
    """Users are served again in time, and what is lost is within what is promised."""
    outcome = rehearse(regions, plan, tell=lambda _: None)
    assert () == outcome.wrongs, outcome
    assert "recovered" == outcome.ending


@pytest.mark.full
@pytest.mark.parametrize("seed", range(SOAK))
def test_R8_whatever_goes_wrong_at_whatever_moment(regions: Deployed, seed: int) -> None:
    """A fault and a moment by the die: the right ending, no two databases at once, no more lost than promised."""
    outcome = rehearse(regions, drawn(seed), tell=lambda _: None)
    assert () == outcome.wrongs, (seed, outcome)
