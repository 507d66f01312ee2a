"""One look at a release: what to do next, until its message is out.

Nothing is kept between two looks but what stands in the ledger, so a look that dies anywhere is made good by the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from release_watch import affected, causes, publication, way_back
from release_watch.beginning import Beginning, begun, image
from release_watch.message import Message, Outcome, Report, message
from release_watch.models import Settings
from release_watch.release import Engine, Release
from release_watch.serving import UNKNOWN, Serving, serving
from release_watch.way_back import NOTHING, Way
from shared import clock
from shared.ledger import Ledger
from shared.log import logger
from shared.refreshes import is_refresh
from shared.told import Told
from shared.workflow_answer import Answer, done, later

T = TypeVar("T")

GIVE_UP_SECONDS: Final = 300
"""After a release's end, from when what cannot be found out is told as such: a message with gaps is better than none."""
SETTLE_SECONDS: Final = 120
"""After a release's end, for the tasks that serve to be counted and healthy again, before that counts as unclear."""


@dataclass(frozen=True, slots=True)
class Follower:
    """Follows one release."""

    engine: Engine
    settings: Settings
    ledger: Ledger

    def look(self) -> Answer:
        """The next step. Raises NotOurs, and what AWS refuses."""
        if publication.sent(self.engine.release_id, self.ledger):
            return done("the message is out")
        beginning = begun(self.engine, self.settings.prefix, self.ledger)
        release = self.engine.release(beginning.plan)
        if release.phase == "under way":
            return self._under_way(release)
        if release.phase == "succeeded":
            return self._succeeded(release, beginning)
        return self._failed(release, beginning)

    def _under_way(self, release: Release) -> Answer:
        if release.stop_because is None:
            return later("the release is under way")
        if causes.note_stop(release.id, release.stop_because, self.ledger):
            logger.warning("the release is stopped", extra={"release": release.id, "because": release.stop_because})
            self.engine.stop()
            causes.note_stopped(release.id, self.ledger)
        return later("the release is being stopped")

    def _succeeded(self, release: Release, beginning: Beginning) -> Answer:
        found = _attempt(release, lambda: serving(beginning.plan), lambda _: UNKNOWN)
        if not found.well and not _settled(release):
            return later("the new version's tasks are counted")
        return self._tell(release, beginning, found, "again" if beginning.again else "live")

    def _failed(self, release: Release, beginning: Beginning) -> Answer:
        _attempt(release, lambda: causes.note_alarms(release.id, beginning.plan, self.ledger), lambda _: None)
        if release.going_back == "under way":
            return later("the release is being taken back")
        found = _attempt(release, lambda: serving(beginning.plan), lambda _: UNKNOWN)
        back = found.well and self._is_old(found, beginning)
        if not back and not _settled(release):
            return later("the old version is not yet whole again")
        way = self._way_back(release, beginning) if back else NOTHING
        if way.waiting:
            return later(way.said or "the database is going back")
        missing = affected.known_at(beginning.plan, release) - clock.epoch()
        if missing > 0 and beginning.versions.new_target_group:
            return later("the numbers of the last minute have not arrived", missing)
        return self._tell(release, beginning, found, "taken back" if back else "unclear", way)

    def _way_back(self, release: Release, beginning: Beginning) -> Way:
        return _attempt(
            release,
            lambda: way_back.follow(release.id, beginning, self.settings.aws_region, self.ledger),
            lambda why: Way(f"The migration's way back could not be taken: {why}.", failed=True),
        )

    def _is_old(self, found: Serving, beginning: Beginning) -> bool:
        """By its task definition, or else by its image: what was deployed again has a new one."""
        if found.task_definition == beginning.versions.old_task_definition:
            return True
        if beginning.old_image is None or not found.task_definition:
            return False
        serves = image(found.task_definition, beginning.plan.container)
        return serves == beginning.old_image and found.task_definition != beginning.versions.new_task_definition

    def _tell(
        self, release: Release, beginning: Beginning, found: Serving, outcome: Outcome, way: Way = NOTHING
    ) -> Answer:
        refresh = beginning.again and is_refresh(self.ledger, beginning.plan.service, release.id, release.began_at)
        if refresh and outcome != "unclear":
            # Nothing was released; whoever began it tells if it failed.
            return done("it brought new values of secrets to what is live")
        told = self._message(release, beginning, found, outcome, way, refresh=refresh)
        if not publication.publish(release.id, told, self.settings.topic_arn, self.ledger):
            return later("another watch of this release sends its message")
        logger.info("told", extra={"release": release.id, "outcome": outcome, "subject": told.subject})
        return done(told.subject)

    def _message(
        self, release: Release, beginning: Beginning, found: Serving, outcome: Outcome, way: Way, *, refresh: bool
    ) -> Message:
        plan, settings = beginning.plan, self.settings
        failed = outcome in ("taken back", "unclear")
        numbers, unknown = (
            _attempt(release, lambda: _numbers(release, beginning), lambda why: (None, why)) if failed else (None, None)
        )
        migrated = plan.migration is not None and outcome == "unclear"
        return message(
            Report(
                application=settings.application,
                environment=settings.environment,
                prefix=settings.prefix,
                region=settings.aws_region,
                service=plan.service,
                release=release.id,
                outcome=outcome,
                new_image=beginning.new_image,
                live_image=image(found.task_definition, plan.container)
                if found.task_definition
                else "nothing that can be named",
                serving=found.told(),
                causes=causes.causes(release, self.ledger) if failed else (),
                affected=numbers,
                affected_unknown=unknown,
                shared_group=plan.strategy == "rolling",
                way_back="The migration's way back was not taken, because it is unclear which version is live."
                if migrated
                else way.said,
                database_unclear=way.failed,
                refresh=refresh,
                broken_glass=causes.broken_glass(release.id, plan, self.ledger),
            )
        )


def _settled(release: Release) -> bool:
    return release.ended_at is not None and clock.epoch() - release.ended_at > SETTLE_SECONDS


def _numbers(release: Release, beginning: Beginning) -> tuple[affected.Affected | None, str | None]:
    """How many requests were affected; None if nobody was. The second: why that is unknown."""
    counted = affected.window(beginning.plan, release)
    group = beginning.versions.new_target_group
    if counted is None or group is None:
        return None, None
    return affected.affected(beginning.plan, group, counted), None


def _attempt(release: Release, work: Callable[[], T], otherwise: Callable[[str], T]) -> T:
    """What `work` gives. It may fail, and is tried at the next look, until it is time to tell what is known."""
    try:
        return work()
    except Exception as failure:
        if release.ended_at is None or clock.epoch() - release.ended_at < GIVE_UP_SECONDS:
            raise
        logger.exception("given up")
        return otherwise(
            str(failure) if isinstance(failure, Told) else f"{type(failure).__name__}, see the function's log"
        )
