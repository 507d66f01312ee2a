"""Smoke tests of the drill's tasks: those of releases that only read, asked of the task itself."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from failover.drill.run import DrillRun
from shared import clock, smoke_tests
from shared.http_requests import Address
from shared.workflow_answer import Answer, done, later

TERM: Final = "verification"
SECONDS: Final = 8.0
LOOK_SECONDS: Final = 5


def verify(run: DrillRun) -> Answer:
    """Every one of them. They come by no load balancer and no CDN, so without TLS."""
    found = run.drill
    asked = [(service, test) for service in run.known.services for test in service.smoke_tests]
    if not asked:
        return done("no smoke test can be asked of a task that has the database alone")
    begun = clock.epoch()
    problems: list[str] = []
    for service, test in asked:
        address = Address(found.addresses[service.name], service.port, run.plan.domain, tls=False)
        problems += smoke_tests.ask(address, test, timeout_seconds=SECONDS).problems
    if problems:
        return later("; ".join(problems), LOOK_SECONDS)
    run.note(replace(found, measured={**found.measured, TERM: clock.epoch() - begun}))
    return done(f"{len(asked)} smoke tests passed")
