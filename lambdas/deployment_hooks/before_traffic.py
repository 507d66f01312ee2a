"""The last gate before users meet the new version: no red alarm, no change freeze, unless somebody answers for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from deployment_hooks import alarm_states, outcome
from deployment_hooks.context import HookContext
from deployment_hooks.outcome import Outcome
from shared import clock
from shared.ledger import BREAK_GLASS
from shared.log import logger
from shared.plan import BreakGlass, Freeze


def check(context: HookContext) -> Outcome:
    """The gate, or the name of whoever passes it."""
    if context.state.live:
        return outcome.succeeded(context.state.live)
    plan = context.plan
    closed = [*red(plan.alarms, alarm_states.states(plan.alarms)), *frozen(plan.freezes, clock.now())]
    if not closed:
        return outcome.succeeded(f"none of {len(plan.alarms)} alarms is red, and no freeze holds")
    if plan.break_glass is None:
        return outcome.failed("; ".join(closed))
    return _passed(context, plan.break_glass, closed)


def red(names: Sequence[str], states: Mapping[str, str]) -> list[str]:
    """A sentence for each alarm that is red, or that nobody can see."""
    missing = [f"the alarm {name} does not exist" for name in names if name not in states]
    return missing + [f"the alarm {name} is red" for name in names if states.get(name) == "ALARM"]


def frozen(freezes: Sequence[Freeze], now: datetime) -> list[str]:
    """A sentence for each freeze that covers `now`. Its start belongs to it, its end does not."""
    return [
        f"frozen until {freeze.end}: {freeze.because}"
        for freeze in freezes
        if datetime.fromisoformat(freeze.start) <= now < datetime.fromisoformat(freeze.end)
    ]


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
