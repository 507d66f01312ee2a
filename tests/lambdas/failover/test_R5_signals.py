"""Requirement R5: what the signals say, and what is decided by them. One broken probe moves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.assessment import Assessment, assess
from failover.signals import Observation, Says, Signal, Watching, read, written

NOW = 1_000_000.0
WATCHING = Watching(probe_seconds=20, probe_failures=3, heartbeat_seconds=5, lease_seconds=45, witness=True)
ALONE = Watching(probe_seconds=20, probe_failures=3, heartbeat_seconds=5, lease_seconds=45, witness=False)
NAMES = ("probe", "guard", "replication", "health")
SAYS: tuple[Says, ...] = ("lost", "alive", "nothing")


def alive(at: float) -> Observation:
    """Of a site at work."""
    return Observation(at, "ready", at - 2, streaming=True, lease_here=at + 43, lease_witness=at + 43)


def dead(at: float, since: float = NOW - 100) -> Observation:
    """Of one that went dark."""
    return Observation(at, "failing", since - 2, streaming=False, lease_here=since + 43, lease_witness=since + 43)


def looks(*observations: Observation, **changes: Any) -> list[Observation]:
    """With something else in each of them."""
    return [msgspec.structs.replace(each, **changes) for each in observations]


def series(made: Any, count: int = 5, every: float = 20.0, last: float = NOW - 1) -> list[Observation]:
    """As many, the newest last."""
    return [made(last - every * back) for back in reversed(range(count))]


def say(observations: Sequence[Observation], watching: Watching = WATCHING) -> dict[str, Says]:
    """What each signal says."""
    return {signal.name: signal.says for signal in read(observations, NOW, watching)}


LOST: dict[str, Says] = {"probe": "lost", "guard": "lost", "replication": "lost"}
LIVES: dict[str, Says] = {"probe": "alive", "guard": "alive", "replication": "alive"}
MUTE: dict[str, Says] = {"probe": "nothing", "guard": "nothing", "replication": "nothing"}


@pytest.mark.parametrize(
    ("observations", "expected"),
    [
        (series(alive), LIVES),
        (series(dead), LOST),
        ([], MUTE),
        (series(dead, last=NOW - 61), MUTE),
        (series(dead, count=1), MUTE),
        (series(dead, count=2), MUTE),
        (series(dead, count=3), LOST),
        (series(dead, every=61), MUTE),
        ([*series(alive, last=NOW - 61), *series(lambda at: dead(at, NOW - 60), count=2)], {**MUTE, "guard": "lost"}),
        ([*series(dead, count=4, last=NOW - 21), alive(NOW - 1)], LIVES),
        (
            [*series(dead, count=2, last=NOW - 41), alive(NOW - 21), dead(NOW - 1, NOW - 20)],
            {**MUTE, "guard": "alive"},
        ),
        (looks(*series(dead), probe="unknown"), {**LOST, "probe": "nothing"}),
        (looks(*series(dead), probe="ready"), {**LOST, "probe": "alive"}),
        (looks(*series(alive), probe="failing"), {**LIVES, "probe": "lost"}),
        (looks(*series(dead), streaming=None), {**LOST, "replication": "nothing"}),
        (looks(*series(dead), streaming=True), {**LOST, "replication": "alive"}),
        (looks(*series(dead), lease_witness=None), {**LOST, "guard": "nothing"}),
        (looks(*series(dead), lease_here=None), {**LOST, "guard": "nothing"}),
        (looks(*series(dead), lease_witness=NOW + 10), {**LOST, "guard": "nothing"}),
        (looks(*series(dead), lease_here=NOW + 10), {**LOST, "guard": "nothing"}),
        (looks(*series(dead), heartbeat=None), LOST),
    ],
    ids=[
        "all is well",
        "dark for a hundred seconds",
        "nobody has looked",
        "nobody has looked for a minute",
        "one look",
        "two looks",
        "as many looks as have to fail",
        "looks with gaps",
        "dark for a minute: its lease alone has run out",
        "back with the last look",
        "back for a moment, in which it renewed",
        "the CDN is not reached",
        "users are served",
        "users are not served",
        "the replica is not asked",
        "the replica follows",
        "the witness is not reached",
        "the own table is not read",
        "it renews at the witness",
        "it renews here",
        "no heartbeat was ever seen",
    ],
)
def test_R5_what_signals_say(observations: list[Observation], expected: dict[str, Says]) -> None:
    """Lost only where every look of the window says so, without gaps."""
    assert expected == say(observations)


def test_R5_without_a_witness_the_lease_of_the_own_table_counts() -> None:
    """There is no other."""
    assert "lost" == say(looks(*series(dead), lease_witness=None), ALONE)["guard"]


@pytest.mark.parametrize(
    ("says", "verdict"),
    [
        (("lost", "lost", "lost", "nothing"), "lost"),
        (("lost", "nothing", "lost", "nothing"), "lost"),
        (("lost", "lost", "alive", "nothing"), "lost"),
        (("lost", "nothing", "nothing", "lost"), "lost"),
        (("nothing", "lost", "lost", "nothing"), "lost"),
        (("lost", "nothing", "nothing", "nothing"), "undecided"),
        (("nothing", "lost", "nothing", "nothing"), "undecided"),
        (("nothing", "nothing", "lost", "nothing"), "undecided"),
        (("nothing", "nothing", "nothing", "lost"), "undecided"),
        (("nothing", "nothing", "nothing", "nothing"), "undecided"),
        (("nothing", "nothing", "alive", "nothing"), "undecided"),
        (("alive", "lost", "lost", "lost"), "alive"),
        (("lost", "alive", "lost", "lost"), "alive"),
        (("alive", "alive", "alive", "nothing"), "alive"),
    ],
    ids=" ".join,
)
def test_R5_two_have_to_agree(says: tuple[Says, ...], verdict: str) -> None:
    """And whoever answers users, or renews its lease, is not lost."""
    assert verdict == decided(says).verdict


def decided(says: Sequence[Says]) -> Assessment:
    """By what each signal says."""
    return assess([Signal(name, each, "") for name, each in zip(NAMES, says, strict=True)])  # type: ignore[arg-type]


EACH = st.lists(st.sampled_from(SAYS), min_size=4, max_size=4)


@given(EACH, st.integers(0, 3))
def test_R5_one_signal_more_or_less_never_turns_alive_into_lost(says: list[Says], number: int) -> None:
    """Whatever the others say, it takes two that change."""
    before = decided(says).verdict
    for other in SAYS:
        after = decided([*says[:number], other, *says[number + 1 :]]).verdict
        if before == "alive" and after == "lost":
            # The one that changed was the sign of life itself, and two others had said so before.
            assert says[number] == "alive"
            assert sum(each == "lost" for each in says) >= 1


@given(st.lists(st.booleans(), min_size=1, max_size=20))
def test_R5_a_site_is_lost_only_after_a_whole_window_of_failures(answered: list[bool]) -> None:
    """Whatever came before, and however often it changed."""
    count = len(answered)
    observations = [
        alive(NOW - 1 - 20.0 * (count - 1 - index)) if each else dead(NOW - 1 - 20.0 * (count - 1 - index))
        for index, each in enumerate(answered)
    ]
    says = say(observations)["probe"]
    if answered[-1]:
        assert "alive" == says
    else:
        failures = next((back for back, each in enumerate(reversed(answered)) if each), count)
        assert ("lost" if failures > 3 or failures == count >= 3 else "nothing") == says


observation = st.builds(
    Observation,
    at=st.just(0.0),
    probe=st.sampled_from(["ready", "failing", "unknown"]),
    heartbeat=st.none() | st.floats(0, NOW),
    streaming=st.none() | st.booleans(),
    lease_here=st.none() | st.floats(0, 2 * NOW),
    lease_witness=st.none() | st.floats(0, 2 * NOW),
)


@given(st.lists(observation, max_size=12), st.lists(st.floats(1, 120), min_size=12, max_size=12), st.booleans())
def test_R5_no_series_of_observations_is_misread(seen: list[Observation], gaps: list[float], witness: bool) -> None:
    """A signal that says `lost` has looks of a whole window behind it, all of which say so."""
    at, timed = NOW, []
    for each, gap in zip(reversed(seen), gaps, strict=False):
        timed.append(msgspec.structs.replace(each, at=at))
        at -= gap
    observations = list(reversed(timed))
    says = say(observations, WATCHING if witness else ALONE)
    if "lost" in says.values():
        window = [each for each in observations if NOW - each.at < WATCHING.window_seconds]
        assert len(window) >= 2
        assert all(later.at - earlier.at <= WATCHING.stale_seconds for earlier, later in pairwise(window))
        if says["probe"] == "lost":
            assert {"failing"} == {each.probe for each in window}
        if says["replication"] == "lost":
            assert {False} == {each.streaming for each in window}
        if says["guard"] == "lost":
            last = observations[-1]
            leases = [last.lease_here, last.lease_witness] if witness else [last.lease_here]
            assert all(until is not None and until < NOW for until in leases)


def test_R7_the_last_sign_of_life_is_when_it_was_at_work() -> None:
    """A heartbeat, the beginning of a renewal or an answer: whichever was last."""
    assert None is written([Observation(NOW)], 45)
    assert NOW - 7 == written([Observation(NOW, heartbeat=NOW - 7)], 45)
    assert NOW - 5 == written([Observation(NOW, heartbeat=NOW - 7, lease_here=NOW + 40)], 45)
    assert NOW - 3 == written([Observation(NOW, lease_here=NOW + 40, lease_witness=NOW + 42)], 45)
    assert NOW == written([Observation(NOW, "ready", lease_here=NOW + 40)], 45)
    assert NOW - 20 == written([Observation(NOW - 20, "ready"), Observation(NOW, "failing")], 45)
