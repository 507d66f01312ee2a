"""One rehearsal from its beginning to its end, in a process of its own: servers, consumers, rotations, books, a verdict."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from rehearsal.rotation.amazon import SERVICES, Amazon
from rehearsal.rotation.census import Census
from rehearsal.rotation.cloudformation import attach
from rehearsal.rotation.elasticache import Users
from rehearsal.rotation.fleet import Fleet
from rehearsal.rotation.leaks import Leaks
from rehearsal.rotation.outcome import Outcome
from rehearsal.rotation.plan import Plan
from rehearsal.rotation.refresh import Refresh
from rehearsal.rotation.rotating import Rotating, Wrong
from rehearsal.rotation.stages import stage as stages
from rehearsal.servers.certificates import Authority
from secret_rotation.settings import Secret

EARLY: Final = 2
"""The rotation after which another one begins too early."""
UNTOLD: Final = "what went wrong is told with a secret value in it, and not repeated here"

Say = Callable[[dict[str, Any]], None]


class Play:
    """Made once in a process."""

    def __init__(self, plan: Plan, folder: Path, say: Say) -> None:
        self._plan, self._folder, self._say = plan, folder, say
        self._amazon = Amazon()
        self._handler: Callable[[Any, Any], Any] = lambda *_: None
        self._troubles: list[str] = []
        self._too_early_refused: bool | None = None

    def run(self) -> Outcome:
        """Play it. Raises RehearsalError for what keeps it from being played at all."""
        began = time.monotonic()
        with ExitStack() as stack:
            self._say({"stage": "starting the servers"})
            authority = Authority(self._folder)
            certificate = authority.certificate("servers", stages.LOOPBACK)
            self._stage = stages.start(self._plan.engine, self._folder, authority.file, certificate)
            stack.callback(self._stage.stop)
            users = Users(self._stage.spread) if self._plan.engine == "redis" else None
            self._census = Census(self._stage.takes)
            self._secrets = self._attached(authority.file)
            self._say({"stage": "starting the consumers"})
            self._fleet = Fleet(self._plan.engine, authority.file, self._folder)
            stack.callback(self._fleet.stop)
            self._application, *others = [
                Rotating(secret, self._amazon, self._census, self._handler) for secret in self._secrets
            ]
            self._administrator = others[0] if others else None
            self._fleet.prepare(self._application.value)
            refresh = Refresh(self._amazon, self._fleet, self._application)
            stack.callback(self._census.stop)
            try:
                refresh.begin()
                self._census.start()
                self._say({"stage": "rotating"})
                self._rotations(refresh)
                refresh.end()
            except Wrong as wrong:
                self._troubles.append(str(wrong))
            self._census.stop()
            lost = self._end()
            if users:
                users.settle()
                self._troubles += users.failures
            return self._outcome(lost, (time.monotonic() - began) / 60)

    def _attached(self, authority: Path) -> list[Secret]:
        """Made as CloudFormation makes them, and attached to their server; the application's first."""
        secrets = self._amazon.secrets
        found = [
            Secret(
                arn=secrets.create("storefront/application", self._stage.application),
                name=self._plan.engine,
                kind="application",
                consumers=list(SERVICES),
            )
        ]
        if self._stage.administrator is not None:
            arn = secrets.create("storefront/administrator", self._stage.administrator)
            found.append(Secret(arn=arn, name=f"{self._plan.engine}-administrator", kind="administrator"))
        endpoint = self._stage.endpoint
        attributes = {"host": endpoint.host, "port": endpoint.port, **endpoint.further}
        self._amazon.settle(self._plan, attributes, found, str(authority))
        self._handler = self._amazon.handler(self._plan)
        for secret in reversed(found):
            attach(secret.arn, attributes, self._handler)
        return found

    def _rotations(self, refresh: Refresh) -> None:
        for number in range(1, self._plan.rotations + 1):
            self._application.rotate()
            if number == min(EARLY, self._plan.rotations):
                self._too_early_refused = self._application.begin_too_early()
            refresh.quick()
            self._application.may_not_retire_yet()
            refresh.late(self._plan.late_seconds)
            self._application.retire()
            if self._administrator and number % self._plan.administrator_every == 0:
                self._administrator.rotate()
                self._administrator.retire()
            counts = self._fleet.counts()
            self._say({"rotations": number, **{name: getattr(counts, name) for name in PROGRESS}})

    def _end(self) -> list[str]:
        """The last looks: at the work that was done, and at every login that ever was."""
        self._say({"stage": "looking for everything that was done"})
        lost = [] if self._troubles else self._fleet.audit(self._application.value)
        for rotating in (self._application, self._administrator):
            if rotating is not None and not self._troubles:
                live = self._census.live(rotating.name, everything=True)
                if live != [rotating.login()]:
                    self._troubles.append(f"at the end {len(live)} logins of the {rotating.name}'s secret are live")
        self._troubles += dict.fromkeys(self._census.wrongs)
        (self._folder / "metrics.log").write_text(self._amazon.watch(self._secrets))
        return lost

    def _outcome(self, lost: list[str], minutes: float) -> Outcome:
        counts = self._fleet.counts()
        seconds = self._application.seconds or [0.0]
        leaks = Leaks(self._census.passwords())
        self._troubles += leaks.in_files([*self._folder.rglob("*.log")])
        telling = [*counts.examples, *lost[:10]]
        return Outcome(
            engine=self._plan.engine,
            wanted=self._plan.rotations,
            rotations=self._application.done,
            administrator_rotations=self._administrator.done if self._administrator else 0,
            too_early_refused=self._too_early_refused,
            logins=counts.logins,
            refused=counts.refused,
            operations=counts.operations,
            lost=counts.failed + len(lost),
            examples=[UNTOLD if leaks.in_text(text.encode()) else text for text in telling],
            logins_made=self._census.known,
            logins_sampled=self._census.tried,
            most_live=self._census.most,
            longest_two_seconds=self._census.longest_two,
            median_seconds=statistics.median(seconds),
            longest_seconds=max(seconds),
            minutes=minutes,
            troubles=[UNTOLD if leaks.in_text(text.encode()) else text for text in self._troubles],
        )


PROGRESS: Final = ("logins", "refused", "operations", "failed")
"""Of the consumers' counts, what is told after every rotation."""
