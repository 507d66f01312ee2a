"""Alarms on the guard of a site, from the numbers of its looks (lambdas/region_guard/metrics.py)."""

from __future__ import annotations

from typing import Final

from understudy.alarm import Alarm
from understudy.metric import Metric

NAMESPACE: Final = "Understudy/Recovery"
SUBJECT: Final = "region-guard"
DOCUMENT: Final = "docs/recovery.md"

LATE_MINUTES: Final = 2
"""The scheduler may take that long between two starts."""
PLACE_MINUTES: Final = 5


def guard_alarms(prefix: str, *, witnessed: bool) -> list[Alarm]:
    """No look, a place that grants nothing, a site that is shut, and nothing that stands in."""

    def metric(name: str, statistic: str) -> Metric:
        return Metric(NAMESPACE, name, {"Environment": prefix}, statistic)

    places = (
        {"witness": "RefusedByWitness", "stand-in": "RefusedByPeer"} if witnessed else {"stand-in": "RefusedByPeer"}
    )
    return [
        Alarm(
            subject=SUBJECT,
            what="late",
            severity="critical",
            meaning=(
                "The guard of this region does not come to the end of a look: the lease may run out, and then the "
                "application's logins end."
                if witnessed
                else "The guard of this region does not come to the end of a look: nobody keeps a region that was replaced "
                "from writing."
            ),
            look_first="the last lines of the function's log, then the executions of its workflow.",
            comparison="below",
            threshold=1,
            value=metric("Completed", "Sum"),
            periods=LATE_MINUTES,
            missing="breaching",
        ),
        *(
            Alarm(
                subject=SUBJECT,
                what=f"{place}-refuses",
                severity="warning",
                meaning=(
                    f"The lease is not renewed in the table of the {'other region' if place == 'stand-in' else place} any "
                    "more; if the last place fails too, the application's writes stop."
                ),
                look_first="the function's log: whether the table cannot be reached, or says something else.",
                comparison="above",
                threshold=0,
                value=metric(name, "Minimum"),
                periods=PLACE_MINUTES,
            )
            for place, name in places.items()
        ),
        Alarm(
            subject=SUBJECT,
            what="fenced",
            severity="critical",
            meaning="The application cannot log in to the database of this region: it lost the lease, or handed it over.",
            look_first=f"the reason in the function's log, and who holds the lease; {DOCUMENT}.",
            comparison="above",
            threshold=0,
            value=metric("Fenced", "Maximum"),
            periods=1,
        ),
        Alarm(
            subject=SUBJECT,
            what="nothing-stands-in",
            severity="warning",
            meaning="This region takes the writes, and no other one follows it: its loss would be the loss of the data.",
            look_first=f"recovery.active and recovery.generation in the spec; {DOCUMENT}, after a failover.",
            comparison="above",
            threshold=0,
            value=metric("NothingStandsIn", "Maximum"),
        ),
    ]
