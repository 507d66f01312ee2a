"""One look: the manifest is written, or a restored copy is judged."""

from __future__ import annotations

from typing import Final

from restore_tests import jobs
from restore_tests.jobs import Job
from restore_tests.message import failure
from restore_tests.models import Request, Settings
from restore_tests.outcomes import Broken, Pending
from restore_tests.stores import Store, store
from shared import census_comparison, clock
from shared.aws import client
from shared.census import Census, Unreadable
from shared.log import logger
from shared.manifests import Manifests
from shared.told import Told
from shared.workflow_answer import Answer, done, later

PATIENCE_SECONDS: Final = 1800
"""A copy that was just restored may refuse for a while: a password that is on its way, a mount target that is not known yet."""
AGAIN_SECONDS: Final = 60


def look(request: Request, mine: Settings) -> Answer:
    """What there is to do, and how it went."""
    if request.do == "manifest":
        return write_manifest(mine, store(mine))
    return judge(jobs.read(request.job), mine, store(mine))


def write_manifest(mine: Settings, stored: Store) -> Answer:
    """Count, and keep what was counted."""
    try:
        census = stored.census()
    except Told as known:
        logger.warning(str(known))
        return later(str(known), AGAIN_SECONDS)
    if isinstance(census, Pending):
        return later(census.reason, census.wait_seconds)
    return done(f"written: {Manifests(mine.records_bucket, mine.kind).write(census)}")


def judge(job: Job, mine: Settings, stored: Store) -> Answer:
    """The verdict on the copy that `job` made, given once."""
    if job.plan_arn != mine.plan_arn:
        return done("this restore is no test of this environment")
    if job.judged:
        return _end(whole=job.verdict == "SUCCESSFUL", reason=job.verdict_reason or job.verdict)
    if job.status != "COMPLETED":
        if job.status in {"FAILED", "ABORTED"}:
            return Answer("FAILED", f"nothing was restored: {job.reason or job.status}")
        return later(f"the restore is {job.status}", AGAIN_SECONDS)
    manifest, before = Manifests(mine.records_bucket, mine.kind).before(job.backed_up_at)
    if manifest is None:
        faults: list[str] | Pending = ["there is no manifest from before the backup to hold the copy against"]
    else:
        faults = _faults(job, mine, stored, manifest, before)
    if isinstance(faults, Pending):
        return later(faults.reason, faults.wait_seconds)
    left = stored.finish(job)
    if left is not None:
        return later(left.reason, left.wait_seconds)
    return _verdict(job, mine, faults, before)


def _faults(job: Job, mine: Settings, stored: Store, manifest: Census, before: Census | None) -> list[str] | Pending:
    try:
        found = stored.copy_census(job, manifest)
    except Unreadable as known:
        return [str(known)]
    except Told as known:
        if clock.epoch() - job.restored_at < PATIENCE_SECONDS:
            return Pending(str(known), AGAIN_SECONDS)
        return [str(known)]
    if isinstance(found, Pending):
        return found
    if isinstance(found, Broken):
        return [found.reason]
    return census_comparison.faults(
        manifest, before, found, backed_up_at=job.backed_up_at, limits=mine.limits, unit=stored.unit
    )


def _verdict(job: Job, mine: Settings, faults: list[str], before: Census | None) -> Answer:
    """People hear of it first: whoever is killed in between says it twice, and never not at all."""
    reason = "; ".join(faults) or "everything that the manifest asks for is there"
    if not faults and before is None:
        reason += "; nothing was compared byte for byte, because there is one manifest only yet"
    if faults:
        told = failure(mine, job, faults)
        client("sns").publish(TopicArn=mine.topic_arn, Subject=told.subject, Message=told.body)
    jobs.judge(job, whole=not faults, reason=reason)
    logger.info("Verdict", extra={"whole": not faults, "reason": reason})
    return _end(whole=not faults, reason=reason)


def _end(*, whole: bool, reason: str) -> Answer:
    return done(reason) if whole else Answer("FAILED", reason)
