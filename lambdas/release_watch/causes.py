"""Why a release was taken back: what was red, what hooks said, who stopped it."""

from __future__ import annotations

from typing import Final

from release_watch.release import Release
from shared import clock
from shared.aws import client
from shared.ledger import BREAK_GLASS, HOOKS, Ledger
from shared.plan import Plan

STOP: Final = "watch#stop"
ALARMS: Final = "watch#alarms"


def note_alarms(release: str, plan: Plan, ledger: Ledger) -> None:
    """Remember which of the plan's alarms are red now, at the first look after the failure: later they may be green."""
    if plan.alarms and ledger.read(release, ALARMS) is None:
        answer = client("cloudwatch").describe_alarms(
            AlarmNames=list(plan.alarms), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        found = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
        red = sorted(alarm.get("AlarmName", "") for alarm in found if alarm.get("StateValue") == "ALARM")
        ledger.put_once(release, ALARMS, {"red": "\n".join(red)})


def note_stop(release: str, because: str, ledger: Ledger) -> bool:
    """Remember why the release is stopped; whether the engine still has to be asked."""
    entry, _ = ledger.put_once(release, STOP, {"because": because, "at": clock.epoch()})
    return "requested_at" not in entry


def note_stopped(release: str, ledger: Ledger) -> None:
    """The engine has been asked."""
    ledger.add_once(release, STOP, {"requested_at": clock.epoch()}, unless="requested_at")


def causes(release: Release, ledger: Ledger) -> list[str]:
    """Sentences, the most telling first."""
    stop = ledger.read(release.id, STOP)
    alarms = ledger.read(release.id, ALARMS) or {}
    hooks = ledger.entries(release.id, HOOKS)
    failed = {name.split("#")[1]: entry for name, entry in hooks.items() if entry.get("verdict") == "FAILED"}
    silent = sorted({name.split("#")[1] for name, entry in hooks.items() if "verdict" not in entry})
    said = [f"the hook {stage} failed: {entry.get('reason', 'it gave no reason')}" for stage, entry in failed.items()]
    said += [f"it was stopped by this watch: {stop['because']}"] if stop else []
    said += [f"the alarm {name} was red" for name in str(alarms.get("red", "")).split("\n") if name]
    said += [cause for cause in release.causes if cause not in said]
    if not failed:
        said += [f"the hook {stage} gave no verdict" for stage in silent]
    return said or ["nobody gave a reason"]


def broken_glass(release: str, plan: Plan, ledger: Ledger) -> str | None:
    """Who answers for a release past a closed gate; None where nobody was asked to."""
    entry = ledger.read(release, BREAK_GLASS)
    if entry is not None:
        return f"Break-glass by {entry.get('by')}, because {entry.get('because')}. Passed: {entry.get('passed')}."
    if plan.break_glass is not None:
        who = plan.break_glass
        return f"Break-glass by {who.by}, because {who.because}. It was not needed."
    return None
