"""The other site stops writing: asked for here, and made certain by the lease."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from failover.run import Run
from failover.steps.assess import came_back
from shared.aws import error_sentence
from shared.handover import Handover
from shared.log import logger
from shared.workflow_answer import Answer, done, failed, later

ASKED_SECONDS: Final = 900.0
"""How long a request counts that nobody withdraws: longer than what follows until the lease is taken, and no longer than users
can do without either site."""


def fence(run: Run) -> Answer:
    """Ask the other site's guard to stop. In a failover that is a courtesy to what may still be alive there."""
    if back := came_back(run):
        return failed(back)
    if run.request.mode != "switchover":
        asked = _asked(run)
        return done("the other site was asked to stop" if asked else "the other site cannot be reached; its lease ends")
    if not _asked(run):
        return later("the other site's table cannot be reached, or somebody else has asked it to stop")
    answer = run.handover.look()
    if answer is None or answer.execution != run.mine.id or answer.fenced_at is None:
        return later("the other site's guard has not stopped yet", 2)
    run.write(replace(run.mine, fenced_at=answer.fenced_at, fenced_position=answer.position))
    return done(f"nobody writes there any more; its log ended at {answer.position}")


def withdraw(run: Run, failover: str) -> None:
    """Take back what `failover` asked, where that can be reached: a guard that holds the lease lets the application in again."""
    try:
        run.handover.withdraw(failover)
    except Exception as failure:  # noqa: BLE001 - the other site may be gone, and the request ends by itself
        logger.warning("The request to stop was not withdrawn", extra={"because": _said(failure)})


def _asked(run: Run) -> bool:
    """Whether it stands there that it shall stop."""
    # By the failover's own name: another execution may go on with it, or undo it.
    request = Handover(run.mine.id, run.settings.aws_region, run.now + ASKED_SECONDS)
    try:
        return run.handover.ask(request, now=run.now)
    except Exception as failure:  # noqa: BLE001 - the very thing that a failover is about
        logger.warning("The other site was not asked to stop", extra={"because": _said(failure)})
        return False


def _said(failure: Exception) -> str:
    return error_sentence(failure) or type(failure).__name__
