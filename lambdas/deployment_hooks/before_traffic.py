"""The last gate before users meet the new version: no red alarm, no change freeze, unless somebody answers for it."""

from __future__ import annotations

from collections.abc import Sequence

from deployment_hooks import outcome
from deployment_hooks.context import HookContext
from deployment_hooks.outcome import Outcome
from shared import clock, gates
from shared.ledger import BREAK_GLASS
from shared.log import logger
from shared.plan import BreakGlass


def check(context: HookContext) -> Outcome:
    """The gate, or the name of whoever passes it."""
    if context.state.live:
        return outcome.succeeded(context.state.live)
    plan = context.plan
    closed = gates.closed(plan)
    if not closed:
        return outcome.succeeded(f"none of {len(plan.alarms)} alarms is red, and no freeze holds")
    if plan.break_glass is None:
        return outcome.failed("; ".join(closed))
    return _passed(context, plan.break_glass, closed)


def _passed(context: HookContext, who: BreakGlass, closed: Sequence[str]) -> Outcome:
    told = "; ".join(closed)
    context.ledger.put_once(
        context.release,
        BREAK_GLASS,
        {"by": who.by, "because": who.because, "passed": told, "at": clock.epoch()},
    )
    logger.warning(
        "a closed gate was passed",
        extra={"release": context.release, "by": who.by, "because": who.because, "passed": list(closed)},
    )
    return outcome.succeeded(f"passed by {who.by}, because {who.because}, although {told}")
