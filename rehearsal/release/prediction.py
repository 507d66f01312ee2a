"""How many users a bad version meets, and for how long, from the strategy's shares and the metrics' delay alone.

A minute is bad as soon as a part of it is. Its numbers arrive `METRIC_DELAY_SECONDS` after its end, and the alarm looks
at them a little later. How much of the first minute had passed when the first user came decides how long that takes,
so a prediction is a range.

Every request is dealt out anew, as an ALB without stickiness does it, and comes from a user drawn among all. Of users
who send `rate` requests a second each, the share that met a version which had the share s(t) of the requests is
1 - exp(-rate × ∫ s(t) dt).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rehearsal.release.versions import VersionName
from spec.release import Release
from spec.release_times import (
    METRIC_DELAY_SECONDS,
    METRIC_PERIOD_SECONDS,
    detection_seconds,
    step_minutes,
    step_percentages,
)

ALARM_LOOKS_SECONDS: Final = 10.0
"""How often an alarm is evaluated: a high-resolution look, as the embedded AWS does it."""

ENGINE_ACTS_SECONDS: Final = 15.0
"""From the alarm's state to the listener's old weights: the engine's next look, and one change."""

BEFORE_USERS: Final[frozenset[VersionName]] = frozenset({"crash", "bad-migration"})
"""Versions that never get as far as to answer a user."""


@dataclass(frozen=True, slots=True)
class Step:
    """From `start_seconds` after the first user on, the new version answers `share` of the requests."""

    start_seconds: float
    share: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """Best and worst case: virtual seconds from the first user who met the bad version to the last, and their share."""

    seconds: tuple[float, float]
    users: tuple[float, float]


def steps(release: Release) -> tuple[Step, ...]:
    """What the strategy gives the new version, and when. A rolling update goes through a half, old and new side by side."""
    if not release.shifts:
        return (Step(0.0, 0.5), Step(METRIC_PERIOD_SECONDS / 4, 1.0))
    pause = 60.0 * step_minutes(release)
    return tuple(Step(pause * number, percent / 100) for number, percent in enumerate(step_percentages(release)))


def exposure_seconds(shape: Sequence[Step], end_seconds: float) -> float:
    """Seconds until `end_seconds`, each weighed by the share of that time."""
    ends = [step.start_seconds for step in shape[1:]] + [math.inf]
    spans = (
        max(0.0, min(end, end_seconds) - step.start_seconds) * step.share for step, end in zip(shape, ends, strict=True)
    )
    return sum(spans)


def share_of_users(weighed_seconds: float, requests_per_user_and_second: float) -> float:
    """Who met it at least once."""
    return 1 - math.exp(-requests_per_user_and_second * weighed_seconds)


def predict(release: Release, version: VersionName, requests_per_user_and_second: float) -> Prediction:
    """What a release of a bad version will cost its users; all times virtual."""
    if version in BEFORE_USERS:
        return Prediction((0.0, 0.0), (0.0, 0.0))
    slowest = float(detection_seconds(release)) + ALARM_LOOKS_SECONDS + ENGINE_ACTS_SECONDS
    # The first bad minute was nearly over when the first user came. With a second one needed, that one is whole.
    fastest = METRIC_PERIOD_SECONDS * (release.alarms.datapoints - 1) + float(METRIC_DELAY_SECONDS)
    shape = steps(release)
    users = [
        share_of_users(exposure_seconds(shape, seconds), requests_per_user_and_second) for seconds in (fastest, slowest)
    ]
    return Prediction((fastest, slowest), (users[0], users[1]))
