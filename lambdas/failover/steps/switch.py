"""Users' requests go to this site, and get what they should."""

from __future__ import annotations

from typing import Final

from failover import probe, traffic
from failover.run import Run
from shared import smoke_tests
from shared.http_requests import Address
from shared.workflow_answer import Answer, done, later

SECONDS: Final = 8.0
"""For an answer, whatever the test allows: who waits for ever tells nothing."""


def switch(run: Run) -> Answer:
    """Name this site in the store that the CDN's function reads, and wait until the nearest edge location knows."""
    here = run.settings.aws_region
    traffic.switch(run.settings.key_value_store_arn, here)
    routed = probe.routed(run.plan.domain)
    if routed != here:
        return later(f"the nearest edge location sends requests to {routed or 'nobody knows where'}", 2)
    return done(f"requests go to {here}")


def verify(run: Run) -> Answer:
    """Every smoke test that only reads, through the CDN."""
    address = Address(run.plan.domain, probe.PORT, run.plan.domain)
    tests = run.plan.smoke_tests
    problems = [each for test in tests for each in smoke_tests.ask(address, test, timeout_seconds=SECONDS).problems]
    if problems:
        return later("; ".join(problems))
    return done(f"{len(tests)} smoke tests passed")
