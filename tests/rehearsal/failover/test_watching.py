"""When a rehearsal has come to its end, as users, executions and people's messages tell."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rehearsal.clock import Clock
from rehearsal.failover import watching
from rehearsal.failover.ending import Ending
from rehearsal.failover.scene import Scene
from rehearsal.release.users import Users

FAST = 2000.0
NOW = time.time() + 1e6
"""Later than all that a test takes."""
GIVEN_UP = "storefront-prod: not failed over: the active region is back"
WAITS = "storefront-prod: failover waits for you: the spec wants a person's approval"
ARN = "arn:aws:states:us-east-1:123456789012:execution:storefront-prod-failover:{}"


def entry(kind: str, text: str, execution: str = "second", epoch: float = NOW) -> dict[str, Any]:
    """One of the journal's."""
    return {"kind": kind, "text": text, "execution": execution, "epoch": epoch}


def ending(*entries: dict[str, Any], running: tuple[str, ...] = (), served: bool = False) -> Ending:
    """The end of a rehearsal in which nothing changes any more; `served`: users' writes are acknowledged."""
    clock = Clock.started_now(FAST)
    tally = {"answered": 0, "failed": 0}

    def executions() -> list[str]:
        tally["answered"] += served
        return [ARN.format(name) for name in running]

    scene = SimpleNamespace(
        clock=clock,
        home="us-west-2",
        struck_at=None,
        stage=SimpleNamespace(front=SimpleNamespace(values={"active": "us-east-1"})),
        happenings=SimpleNamespace(of=lambda kind, _since=0.0: [one for one in entries if one["kind"] == kind]),
        executions=executions,
    )
    users = SimpleNamespace(tally=tally)
    return watching.Watching(cast("Scene", scene), cast("Users", users)).ending()


@pytest.mark.parametrize(
    ("entries", "running", "served", "expected"),
    [
        ([], (), True, "recovered"),
        ([entry("message", GIVEN_UP, "first")], (), False, "asked"),
        ([entry("state", "Scale"), entry("message", WAITS)], ("second",), False, "asked"),
        # The next one looks, for half an hour: what people heard holds.
        ([entry("message", GIVEN_UP, "first"), entry("state", "AssessWait", epoch=0.0)], ("second",), False, "asked"),
        # It has just begun to look, and may see that the region is lost.
        ([entry("message", GIVEN_UP, "first"), entry("state", "AssessWait")], ("second",), False, "neither"),
        # It has begun to change things: nobody has to decide, and it has not ended.
        (
            [entry("message", GIVEN_UP, "first"), entry("state", "Assess"), entry("state", "Promoted")],
            ("second",),
            False,
            "neither",
        ),
        # Two have come to the same, of which people were told once: so will the third.
        (
            [
                entry("message", GIVEN_UP, "first"),
                *(entry("execution", "FAILED NotFailedOver It was given up", each) for each in ("first", "second")),
                entry("state", "Gate", "third"),
            ],
            ("third",),
            False,
            "asked",
        ),
        ([entry("state", "Assess")], ("second",), False, "neither"),
        ([], (), False, "neither"),
    ],
)
def test_an_end_is_one_that_stays(
    monkeypatch: pytest.MonkeyPatch,
    entries: list[dict[str, Any]],
    running: tuple[str, ...],
    served: bool,
    expected: Ending,
) -> None:
    """By the last that happened."""
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.002)
    assert expected == ending(*entries, running=running, served=served)
