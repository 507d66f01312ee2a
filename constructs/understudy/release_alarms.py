"""What takes a release back at any moment of the shift: the numbers of each target group alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spec import Deployment
from spec.release_times import METRIC_PERIOD_SECONDS, watched_periods
from understudy.alarm import Alarm
from understudy.metric import Metric
from understudy.metric_math import greatest, not_drained, total
from understudy.target_groups import COLOURS, Colour, TargetGroupPair

MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class ReleaseAlarm(Alarm):
    """An alarm about the tasks in the target groups of one colour."""

    colour: Colour = "blue"

    @property
    def name(self) -> str:
        """`<service>-release-<what>-<blue|green>`."""
        return f"{self.subject}-release-{self.what}-{self.colour}"


def release_alarms(deployment: Deployment, name: str, pairs: Sequence[TargetGroupPair]) -> list[Alarm]:
    """For blue and, if there is one, for green; none of a service that no load balancer measures.

    Who is new alternates, so both are watched. A live version that is bad already therefore holds back the release that
    would mend it: that one breaks the glass.

    Each needs requests to say something. Without any a task that is still starting would count as unhealthy, and the one
    slow answer to a smoke test as the 95th percentile. Quiet is fine; so is a number that has not arrived yet.

    Response times do not count in a minute in which the requests fell to less than half of the minute's before: in the one
    in which all requests moved to the other colour, the few that still end here are the longest that were under way.
    """
    found: list[Alarm] = []
    for colour in COLOURS:
        dimensions = [pair.dimensions[colour] for pair in pairs if colour in pair.dimensions]
        if dimensions:
            found += _of(deployment, name, colour, dimensions)
    return found


def _of(deployment: Deployment, name: str, colour: Colour, dimensions: Sequence[dict[str, str]]) -> list[ReleaseAlarm]:
    release = deployment.services[name].release
    limits = release.alarms

    def metrics(key: str, metric: str, statistic: str) -> dict[str, Metric]:
        names = [key] if len(dimensions) == 1 else [f"{key}_{number}" for number in range(1, len(dimensions) + 1)]
        return {
            each: Metric("AWS/ApplicationELB", metric, where, statistic)
            for each, where in zip(names, dimensions, strict=True)
        }

    requests = metrics("requests", "RequestCount", "Sum")

    def alarm(
        what: str, meaning: str, threshold: float, condition: str, value: str, *parts: dict[str, Metric]
    ) -> ReleaseAlarm:
        return ReleaseAlarm(
            subject=name,
            what=what,
            colour=colour,
            severity="warning",
            meaning=f"{meaning} A release of {name} that is under way is taken back.",
            look_first=f"which version is in the {colour} target group; then its log.",
            comparison="above",
            threshold=threshold,
            value=f"IF({condition}, {value}, 0)",
            metrics={**requests, **{key: metric for part in parts for key, metric in part.items()}},
            period_seconds=METRIC_PERIOD_SECONDS,
            periods=watched_periods(release),
            datapoints=limits.datapoints,
        )

    enough = f"{total(requests)} >= {limits.least_requests}"
    errors = metrics("errors", "HTTPCode_Target_5XX_Count", "Sum")
    # A task that is gone answers nothing: the load balancer's own 502 counts for no target group, this does.
    refused = metrics("refused", "TargetConnectionErrorCount", "Sum")
    unhealthy = metrics("unhealthy", "UnHealthyHostCount", "Maximum")
    found = [
        alarm(
            "errors",
            f"{name} ({colour}) fails more than {limits.error_percent:g} % of a minute's requests.",
            limits.error_percent,
            enough,
            f"100 * {total({**errors, **refused})} / {total(requests)}",
            errors,
            refused,
        ),
        alarm(
            "unhealthy",
            f"A task of {name} ({colour}) is unhealthy.",
            0,
            f"{total(requests)} >= 1",
            greatest(unhealthy),
            unhealthy,
        ),
    ]
    response_ms = limits.response_ms or deployment.objectives.response_ms
    if response_ms is not None:
        slowest = metrics("slowest", "TargetResponseTime", "p95")
        found.append(
            alarm(
                "response-time",
                f"One request in twenty to {name} ({colour}) takes longer than {response_ms} ms.",
                response_ms / MILLISECONDS,
                f"({enough}) AND ({not_drained(requests)})",
                greatest(slowest),
                slowest,
            )
        )
    return found
