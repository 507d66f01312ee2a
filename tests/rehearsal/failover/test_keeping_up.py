"""A machine that is too busy is told as such, and nothing that it spoils becomes an outcome."""

import pytest

from rehearsal.failover.plan import Plan
from rehearsal.failover.play import BEFORE_SECONDS, LEAST_SHARE, _keep_up
from rehearsal.failure import RehearsalError


def test_R8_a_machine_that_does_not_keep_up_is_no_stage() -> None:
    """Before the fault, while all is well; half of the speed is what it is advised."""
    plan = Plan(speed=6.0, rate=20.0)
    least = round(LEAST_SHARE * 20 * BEFORE_SECONDS / 6)
    _keep_up(least, plan)
    with pytest.raises(RehearsalError, match="too busy for 6 times the speed") as refused:
        _keep_up(least - 1, plan)
    assert refused.value.remedy.endswith("--speed 3")
