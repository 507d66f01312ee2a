"""A person decides: whether to begin, and whether to go on after a failure that has no way back."""

from __future__ import annotations

from dataclasses import replace

from failover import messages
from failover.question import asked
from failover.run import Run
from failover.signals import written
from failover.steps.assess import assessed, came_back
from shared.workflow_answer import Answer, done, failed, later


def approve(run: Run) -> Answer:
    """Wait for a person where the spec, a missing witness or undecided signals want one."""
    if back := came_back(run):
        return failed(back)
    reasons = _reasons(run)
    if not reasons:
        return done("nobody has to approve it")
    answered = asked(run, "approve", _text(run, reasons), past_no_return=False)
    if isinstance(answered, int):
        return later(f"a person has to approve it: {'; '.join(reasons)}", answered)
    verdict, by = answered
    if verdict == "refuse":
        return failed(f"{by} refused it")
    run.write(replace(run.mine, approved_by=by))
    return done(f"{by} approved it")


def go_on(run: Run) -> Answer:
    """After a failure past the point of no return: try again, or stop and stay as it is."""
    failure = run.failure
    found = run.mine
    if found.state == "running":
        found = run.write(
            replace(
                found,
                state="asking",
                questions=found.questions + 1,
                failed_step=failure.step,
                failed_because=failure.reason,
            )
        )
    text = (
        f"The failover to {run.settings.aws_region} cannot go on by itself: the step {failure.step} ended with: "
        f"{failure.reason}. Approve: the step is tried again. Refuse: it stops here, and can be gone on with later."
    )
    answered = asked(run, failure.step, text, past_no_return=True)
    if isinstance(answered, int):
        return later("a person has to say whether to try again", answered)
    verdict, by = answered
    if verdict == "refuse":
        return failed(f"{by} stopped it")
    run.write(found.anew(run.event.execution))
    return done(f"{by} has it tried again")


def stop(run: Run) -> Answer:
    """The end of an execution that has no way back and could not go on: the record stays, for another one."""
    found = run.mine
    step, because = found.failed_step or run.failure.step, found.failed_because or run.failure.reason
    if found.state != "stopped":
        found = run.write(replace(found, state="stopped", failed_step=step, failed_because=because))
    if not messages.send(run, found.id, f"stopped#{run.name}", messages.stopped(run, step, because)):
        return later("people are being told", 15)
    return done(f"stopped at {step}: {because}")


def _reasons(run: Run) -> list[str]:
    request, plan = run.request, run.plan
    if request.mode == "switchover":
        return []
    found = []
    if plan.approval and not request.by_hand:
        found.append("the spec wants a person's approval")
    if not plan.watching.witness:
        found.append(
            f"there is no witness, so nobody but you can tell whether {run.settings.peer_region} is really off, and takes no "
            "writes when it comes back"
        )
    if request.by_hand and assessed(run).verdict != "lost":
        found.append("the signals do not agree that it is lost")
    return found


def _text(run: Run, reasons: list[str]) -> str:
    """With what is known about the loss: whoever approves has to know the price."""
    observations = run.observations
    beats = [each.heartbeat for each in observations if each.heartbeat is not None]
    known = written(observations, run.plan.watching.lease_seconds)
    loss = "How much would be lost is not known yet."
    if beats and known is not None:
        loss = f"By what is known now {max(known - max(beats), 0):.0f} s of writes would be lost"
        limit = run.plan.rpo_seconds
        loss += "." if limit is None else f"; the recovery point allows {limit:.0f} s, and more is refused."
    return (
        f"Shall {run.settings.aws_region} take over from {run.settings.peer_region}? {assessed(run)}. {loss} "
        f"You are asked because {'; and because '.join(reasons)}."
    )
