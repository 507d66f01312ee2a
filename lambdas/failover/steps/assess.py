"""Is the active site lost? Nothing is changed here."""

from __future__ import annotations

from typing import Final

from failover import health, signals
from failover.assessment import Assessment
from failover.assessment import assess as decide
from failover.run import Run
from shared.workflow_answer import Answer, done, failed, later

LOOK_SECONDS: Final = 10
LATE_SECONDS: Final = 60
"""How long a switchover waits for a sign of life: the minute in which the clock starts the other site's guard again."""


def assess(run: Run) -> Answer:
    """Go on once enough signals agree; end where the site answers, or where this is not the waiting one."""
    request = run.request
    found = run.record
    if found is not None and found.unfinished:
        if found.past_no_return and not request.by_hand and found.state != "running":
            return failed(f"a person has to go on with {found.id}: {found.failed_because}")
        return done(f"{found.id} was left at a step of it")
    lease = run.lease_here.read()
    if lease is not None and lease.holder == run.settings.aws_region:
        return failed(f"{run.settings.aws_region} holds the lease: there is nothing to take over")
    return verdict(run)


def verdict(run: Run) -> Answer:
    """What the signals say, for whoever asked."""
    if run.request.mode == "switchover":
        return _ready(run)
    assessment = assessed(run)
    if assessment.verdict == "lost":
        return done(str(assessment))
    failing = any(signal.says == "lost" for signal in assessment.signals)
    if run.request.by_hand:
        if assessment.verdict == "alive":
            return failed(f"the active site is at work, and a switchover would lose nothing: {assessment}")
        return done(f"undecided, so a person decides: {assessment}")
    if assessment.verdict == "alive" and not failing:
        return failed(f"the active region is back: {assessment.life}")
    return later(f"the signals do not agree: {assessment}", LOOK_SECONDS)


def assessed(run: Run) -> Assessment:
    """All signals, AWS's own word included."""
    known = signals.read(run.observations, run.now, run.plan.watching)
    return decide([*known, health.signal(run.settings.peer_region)])


def came_back(run: Run) -> str | None:
    """Why a failover must not go on before it has taken anything: the active site shows life. None if it does not."""
    if run.request.mode != "failover":
        return None
    assessment = decide(signals.read(run.observations, run.now, run.plan.watching))
    return f"the active region is back: {assessment.life}" if assessment.verdict == "alive" else None


def _ready(run: Run) -> Answer:
    """A switchover needs both sites; one that has merely been late is waited for."""
    needed = {"guard"} if run.plan.database is None else {"guard", "replication"}
    known = signals.read(run.observations, run.now, run.plan.watching)
    missing = [signal for signal in known if signal.name in needed and signal.says != "alive"]
    if missing:
        told = "; ".join(f"{signal.name} says {signal.says}: {signal.why}" for signal in missing)
        reason = f"a switchover needs both sites at work: {told}"
        late = all(signal.says == "nothing" for signal in missing) and run.now - run.began_at < LATE_SECONDS
        return later(reason, LOOK_SECONDS) if late else failed(reason)
    return done("both sites are at work, and this one follows")
