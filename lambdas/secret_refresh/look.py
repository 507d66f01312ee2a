"""One look at a refresh: what to do next. Nothing is kept between two looks but what stands in the ledger and in the world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from secret_refresh import message, move, retirement
from secret_refresh.codedeploy import CodeDeploy
from secret_refresh.deployments import Engine
from secret_refresh.ecs import Ecs
from secret_refresh.message import Problem
from secret_refresh.models import Request, Service, Settings, Uses
from secret_refresh.order import waits_for
from secret_refresh.world import Change, Lagging, World
from secret_refresh.world import look as look_at_the_world
from shared import clock, publication, refreshes
from shared.ledger import Ledger
from shared.log import logger
from shared.workflow_answer import Answer, done, failed, later

GATHERING_SECONDS: Final = 300
"""After a rotation, for others of the same hour to follow, so that a burst of them is one refresh."""
MOST_GATHERING_SECONDS: Final = 1800
"""After the first of them."""
PATIENCE_SECONDS: Final = 3600
"""After a rotation, in which tasks and rotation functions are waited for that end by themselves; then the next hour looks."""
PATIENT_SECONDS: Final = 20
"""Between two looks at these."""
DAY_SECONDS: Final = 24 * 3600


@dataclass
class Findings:
    """What one look found."""

    waiting: list[tuple[str, float]] = field(default_factory=list)
    """What is waited for, and seconds until it is worth another look."""
    problems: list[Problem] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """What the next hour looks at again, without anybody being told."""


@dataclass(frozen=True, slots=True)
class Look:
    """Of one execution."""

    request: Request
    settings: Settings
    uses: Uses
    ledger: Ledger

    def look(self) -> Answer:
        """Take every next step that can be taken now."""
        world = look_at_the_world(self.uses, self.settings.prefix, self.settings.prefix, self.ledger)
        found = Findings()
        for lagging in world.lagging:
            self._move(lagging, world, found)
        for change in world.changes:
            self._retire(change, found)
        if found.waiting:
            return later("; ".join(why for why, _ in found.waiting), min(wait for _, wait in found.waiting))
        return self._end(found)

    def _move(self, lagging: Lagging, world: World, found: Findings) -> None:
        name = lagging.service.name
        after = {service.name: service.after for service in self.uses.services}
        if first := waits_for(name, after, [other.service.name for other in world.lagging]):
            # Neither waiting nor a problem: those it waits for are one or the other.
            found.left.append(f"{name} moves after {', '.join(first)}")
            return
        due = min(lagging.need + GATHERING_SECONDS, lagging.oldest + MOST_GATHERING_SECONDS)
        if due > clock.epoch():
            found.waiting.append((f"{name}: other rotations may follow", due - clock.epoch()))
            return
        step = move.Move(
            service=name,
            prefix=self.settings.prefix,
            need=lagging.need,
            live=lagging.live,
            engine=self._engine(lagging.service),
            ledger=self.ledger,
            execution=self.request.refresh,
            by_hand=self.request.by_hand,
        ).step()
        match step.state:
            case "waiting":
                found.waiting.append((f"{name}: {step.because}", step.wait_seconds))
            case "postponed":
                about = refreshes.about(name)
                found.problems.append(message.postponed(about, step.key, name, lagging.secrets, step.because))
            case "failed":
                about = refreshes.about(name)
                found.problems.append(message.not_moved(about, step.key, name, lagging.secrets, step.because))

    def _engine(self, service: Service) -> Engine:
        if service.engine == "codedeploy":
            return CodeDeploy(self.settings.prefix, service.name)
        return Ecs(self.settings.prefix, service.name)

    def _retire(self, change: Change, found: Findings) -> None:
        """Once no task holds another version: whichever services lag behind for another secret."""
        others = [task for task in change.laggards if task.role != "service"]
        if change.laggards:
            # Tasks of services are what `_move` is about.
            if others:
                ids = ", ".join(task.task.rsplit("/", 1)[-1] for task in others)
                self._patiently(change, f"{change.secret.name}: {others[0].role} tasks still run: {ids}", found)
            return
        answer = retirement.retire(change.secret, change.since, self.ledger)
        if answer.state == "waiting":
            self._patiently(change, f"{change.secret.name}: {answer.because}", found)
        elif answer.state == "failed":
            days = max(0, int((clock.epoch() - change.since) // DAY_SECONDS))
            key = f"retire#{change.secret.arn}#{change.since:.3f}#{days}"
            about = retirement.ABOUT
            found.problems.append(message.not_retired(about, key, change.secret.name, answer.because))

    def _patiently(self, change: Change, why: str, found: Findings) -> None:
        if clock.epoch() - change.since < PATIENCE_SECONDS:
            found.waiting.append((why, PATIENT_SECONDS))
        else:
            found.left.append(why)

    def _end(self, found: Findings) -> Answer:
        """Tell what has to be told. FAILED where something failed; the clock's own executions only with news of it, so that
        one failure does not ring each hour.
        """
        news = []
        for problem in found.problems:
            known = publication.sent(problem.about, problem.entry, self.ledger)
            if not known and not self._publish(problem):
                return later("another execution tells of it", publication.CLAIM_SECONDS / 4)
            teller = (self.ledger.read(problem.about, problem.entry) or {}).get("by")
            if problem.failure and (not self.request.scheduled or teller == self.request.refresh):
                news.append(problem.headline)
        reason = "; ".join(_said(found)) or "every task has the newest secrets, and no old login is valid"
        logger.info("ended", extra={"refresh": self.request.refresh, "failed": bool(news), "reason": reason})
        return failed(reason) if news else done(reason)

    def _publish(self, problem: Problem) -> bool:
        settings = self.settings
        told = message.message(
            problem,
            application=settings.application,
            environment=settings.environment,
            prefix=settings.prefix,
            execution=self.request.refresh,
        )
        return publication.publish(
            problem.about,
            problem.entry,
            told.subject,
            told.body,
            settings.topic_arn,
            self.ledger,
            by=self.request.refresh,
        )


def _said(found: Findings) -> Iterator[str]:
    yield from (problem.headline for problem in found.problems)
    yield from found.left
