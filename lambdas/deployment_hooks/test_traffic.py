"""While the test listener leads to the new version and users do not: smoke tests, then a short load."""

from __future__ import annotations

from deployment_hooks import outcome, request_series
from deployment_hooks.comparison import PERCENTILE
from deployment_hooks.context import HookContext
from deployment_hooks.outcome import Outcome
from shared import smoke_tests
from shared.http_requests import Address, Request
from shared.plan import Load, SmokeTest
from shared.smoke_tests import Verdict

ROUTING_SECONDS = 2
"""Between two looks at a test listener that does not lead to the new version yet."""


def check(context: HookContext) -> Outcome:
    """Every failed test at once; the load only if none failed."""
    if context.state.live:
        return outcome.succeeded(context.state.live)
    if not context.state.desired_tasks and not context.plan.desired_tasks:
        return outcome.succeeded("no task is wanted here, so there is nothing to ask")
    asked = [test for test in context.plan.smoke_tests if context.in_active_region or not smoke_tests.writes(test)]
    verdicts = [_once(context, test) for test in sorted(asked, key=smoke_tests.writes)]
    if any(verdict.not_routed for verdict in verdicts):
        return outcome.in_progress("the test listener does not lead to the new version yet", ROUTING_SECONDS)
    problems = [problem for verdict in verdicts for problem in verdict.problems]
    if problems:
        return outcome.failed("; ".join(problems))
    passed = f"{len(asked)} smoke tests passed"
    return outcome.succeeded(passed) if context.plan.load is None else _load(context, context.plan.load, passed)


def address(context: HookContext) -> Address:
    """The test listener."""
    test = context.plan.test
    return Address(test.host, test.port, test.server_name)


def _once(context: HookContext, test: SmokeTest) -> Verdict:
    """A test that writes is sent once in a release, whoever asks: its entry in the ledger comes first.

    So a call that died before it had the answer fails the release, rather than order the same thing twice.
    """
    if smoke_tests.writes(test):
        _, mine = context.ledger.put_once(context.release, f"smoke_test#{test.name}", {"sent": True})
        if not mine:
            return _written_before(context, test)
    limit = min(context.deadline.left, test.response_ms / 1000 + 1)
    verdict = smoke_tests.ask(address(context), test, timeout_seconds=limit)
    if smoke_tests.writes(test):
        context.ledger.add_once(
            context.release, f"smoke_test#{test.name}", {"problems": "; ".join(verdict.problems)}, unless="problems"
        )
    return verdict


def _written_before(context: HookContext, test: SmokeTest) -> Verdict:
    entry = context.ledger.read(context.release, f"smoke_test#{test.name}") or {}
    if "problems" not in entry:
        return Verdict((f"{test.name}: {test.method} {test.path} was sent before and its answer lost",))
    return Verdict((str(entry["problems"]),) if entry["problems"] else ())


def _load(context: HookContext, load: Load, passed: str) -> Outcome:
    """A constant rate of requests. One 5xx, or a 95th percentile above the limit, and the release goes back."""
    if context.deadline.left < load.seconds:
        return outcome.failed(
            f"{passed}, but the load needs {load.seconds:g} s and {context.deadline.left:.0f} s are left"
        )
    series = request_series.send(
        address(context),
        [Request("GET", load.path, {})],
        count=max(1, round(load.requests_per_second * load.seconds)),
        per_second=load.requests_per_second,
        timeout_seconds=max(1.0, min(5.0, context.deadline.left - load.seconds)),
    )
    if series.failures:
        return outcome.failed(
            f"{passed}, but {len(series.failures)} of {series.sent} requests of the load failed, first {series.failures[0]}"
        )
    slowest, limit = series.percentile_ms(PERCENTILE), context.plan.limits.response_ms
    if limit is not None and slowest > limit:
        return outcome.failed(f"{passed}, but under load the 95th percentile is {slowest:.0f} ms of at most {limit:g}")
    return outcome.succeeded(f"{passed}; {series.sent} requests, 95th percentile {slowest:.0f} ms")
