"""A refresh that dies at any call to AWS still deploys each service once, and ends as it would have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from crash_matrix import MakeRow, died
from refreshing.town import Spec, Town, town

SHOP = {
    "web": Spec("codedeploy", ("database", "cache"), after=("api",)),
    "api": Spec("ecs", ("database",)),
}
CHANGING = ("PutItem", "UpdateItem", "UpdateService", "CreateDeployment", "Invoke", "Publish")


def nothing(_: Town) -> None:
    """All goes well."""


def by_codedeploy(place: Town) -> None:
    """The caller's deployment fails."""
    place.engines.endings["web"] = ["badly"]


def by_ecs(place: Town) -> None:
    """The callee's deployment fails."""
    place.engines.endings["api"] = ["badly"]


def red(place: Town) -> None:
    """An alarm is red all the while."""
    place.alarm("api-errors", "ALARM")
    place.write_plan("api", alarms=["api-errors"])


def waiting(place: Town) -> None:
    """A rotation function is not ready at once."""
    place.retire_answers["database"] = [{"status": "WAITING", "because": "a rotation is not finished"}]


@dataclass(frozen=True)
class Case:
    """What happens, and what must come of it."""

    mishap: Callable[[Town], None]
    status: str
    refreshed: tuple[str, ...]
    retired: tuple[str, ...]
    messages: int
    executions: tuple[str, ...] = ("rotated-1",)
    shop: Mapping[str, Spec] | None = None


CASES = {
    "well": Case(nothing, "SUCCEEDED", ("api", "web"), ("database", "cache"), 0),
    "burst": Case(nothing, "SUCCEEDED", ("api", "web"), ("database", "cache"), 0, ("rotated-1", "mine")),
    "waiting": Case(waiting, "SUCCEEDED", ("api", "web"), ("database", "cache"), 0),
    "caller fails": Case(by_codedeploy, "FAILED", ("api", "web"), (), 1),
    "callee fails": Case(by_ecs, "FAILED", ("api",), (), 1),
    "red": Case(red, "SUCCEEDED", (), (), 1),
}


def run(monkeypatch: pytest.MonkeyPatch, case: Case, kill_at: int | None, *, after: bool) -> list[str]:
    """Hold one run to what must come of it; the calls that were made."""
    with town(monkeypatch, case.shop or SHOP) as place:
        case.mishap(place)
        place.rotate("database", "cache")
        answers = place.follow(*case.executions, kill_at=kill_at, after=after)
        assert {case.status} == {answer["status"] for answer in answers.values()}
        assert list(case.refreshed) == place.engines.refreshed(), place.calls
        assert set(case.retired) == set(place.retired)
        died_at = place.calls[kill_at] if kill_at is not None and kill_at < len(place.calls) else ""
        # Several executions may ask for the same: making invalid what is invalid changes nothing.
        most = len(case.executions) + died_at.endswith(("Invoke", "PutItem"))
        assert all(count <= most for count in Counter(place.retired).values())
        died_with_the_answer = after and died_at.endswith("Publish")
        assert case.messages + died_with_the_answer == len(place.messages)
        return place.calls


ALL = [pytest.param(case, marks=pytest.mark.full, id=name.replace(" ", "-")) for name, case in CASES.items()]


@pytest.mark.parametrize("case", ALL)
def test_killed_at_each_call(monkeypatch: pytest.MonkeyPatch, crash_row: MakeRow, case: Case) -> None:
    """After it has worked, which is before the next one. A message comes twice only if the refresh dies with SNS's answer."""
    row = crash_row("AWS", "all of a service", f"a refresh: {next(name for name, one in CASES.items() if one is case)}")
    calls = run(monkeypatch, case, None, after=False)
    died(row, 0)
    run(monkeypatch, case, 0, after=False)
    for kill_at in range(len(calls)):
        died(row, kill_at)
        run(monkeypatch, case, kill_at, after=True)


@pytest.mark.parametrize("name", ["well", "caller fails"])
def test_killed_after_each_call_that_changes_something(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Which is what a second time must not repeat."""
    case = CASES[name]
    for kill_at, call in enumerate(run(monkeypatch, case, None, after=False)):
        if call.endswith(CHANGING):
            run(monkeypatch, case, kill_at, after=True)
