"""What came of a drill: held against the objectives, written down, told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, Literal

from msgspec.structs import replace

from failover import messages
from failover.drill import objectives, promotion, trend
from failover.drill.record import Drill
from failover.drill.run import DrillRun
from failover.drill.trend import Held
from failover.keeping import keep
from failover.messages import Message
from failover.steps.report import iso
from shared.workflow_answer import Answer, done, failed, later

RUNBOOK: Final = "docs/runbooks/drill.md"
ITEM: Final = "drill#"
"""With the drill's name: item about it, whose attribute `report` is the report."""


def report(run: DrillRun) -> Answer:
    """An item of the table, an object of the bucket, a line of the trend, numbers, a message. FAILED unless it was held."""
    found = run.drill
    told = measured(run, found)
    keep(run, f"{ITEM}{found.id}", f"drill/{found.id}.json", told)
    state, took = told["state"], told["recovery_seconds"]
    promoted = found.measured.get(promotion.TERM)
    if not trend.add(run.own, Held(found.id, found.began_at, state, took, promoted, found.lost_seconds), run.now):
        return later("somebody else wrote the trend at the same time", 1)
    numbers = {"DrillRecoverySeconds": took, "DrillPromotionSeconds": promoted, "DrillLostSeconds": found.lost_seconds}
    run.measure(
        DrillMissed=float(state != "held"), **{name: value for name, value in numbers.items() if value is not None}
    )
    if not messages.send(run, found.id, "drill", _message(told)):
        return later("people are being told", 15)
    run.note(replace(found, state=state, ended_at=run.now))
    said = _verdict(told)
    return done(said) if state == "held" else failed(said)


def measured(run: DrillRun, found: Drill) -> dict[str, Any]:
    """Times and losses, each beside what the spec expects and promises."""
    parts = objectives.parts(run.known.terms, found.measured)
    through = not found.failed_step
    took = round(objectives.recovery_seconds(parts), 1) if through else None
    promised = {"recovery_seconds": run.plan.rto_seconds, "lost_seconds": run.plan.rpo_seconds}
    missed = {
        name: value
        for name, value in (("recovery_seconds", took), ("lost_seconds", found.lost_seconds))
        if value is not None and (limit := promised[name]) is not None and value > limit
    }
    state: Literal["held", "missed", "failed"] = "failed" if not through else "missed" if missed else "held"
    return {
        "id": found.id,
        "state": state,
        "by": found.by,
        "because": found.because,
        "began_at": iso(found.began_at),
        "region": run.settings.aws_region,
        "snapshot": found.snapshot,
        "snapshot_at": iso(found.snapshot_at),
        "recovery_seconds": took,
        "terms": [asdict(part) for part in parts],
        "lost_seconds": found.lost_seconds,
        "promised": promised,
        "missed": missed,
        "steps": {step: round(ended - found.began[step], 1) for step, ended in found.ended.items()},
        "said": found.said,
        "services": [service.name for service in run.known.services],
        "unasked": {service.name: service.unasked for service in run.known.services if service.unasked},
        "failed": {"step": found.failed_step, "because": found.failed_because} if found.failed_step else None,
        "removed_at": iso(found.removed_at),
    }


def _verdict(told: Mapping[str, Any]) -> str:
    if told["failed"]:
        return f"not held: {told['failed']['step']}: {told['failed']['because']}"
    took, lost, promised = told["recovery_seconds"], told["lost_seconds"], told["promised"]
    said = f"recovery {took:.0f} s, promised {_limit(promised['recovery_seconds'])}; "
    said += f"lost {lost:.0f} s, promised {_limit(promised['lost_seconds'])}" if lost is not None else "no database"
    return said if told["state"] == "held" else f"an objective was missed: {said}"


def _message(told: Mapping[str, Any]) -> Message:
    headline = {"held": "drill held", "missed": "drill missed an objective", "failed": "drill not held"}[told["state"]]
    lines = "\n".join(
        f"  {part['what']}: {_part(part['measured_seconds'])}, expected {part['expected_seconds']:.0f} s"
        for part in told["terms"]
    )
    left = [] if told["removed_at"] else ["Something of it is left, and is looked for again each hour."]
    return Message(
        f"{headline}: {_verdict(told)}",
        [
            f"A failover to {told['region']} was drilled on a copy of the database. {_verdict(told)}.",
            f"Parts of the recovery time:\n{lines}",
            *left,
            'What to do: nothing if it was held. "It was not held" in the runbook says what else.',
        ],
        runbook=RUNBOOK,
    )


def _part(seconds: float | None) -> str:
    return "not measured, a copy cannot tell" if seconds is None else f"measured {seconds:.1f} s"


def _limit(seconds: float | None) -> str:
    return "nothing" if seconds is None else f"{seconds:.0f} s"
