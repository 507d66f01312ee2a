"""The waiting site becomes as large as the active one was; where capacity is missing, large enough first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from failover import fleet
from failover.fleet import Standing
from failover.run import Run
from shared.workflow_answer import Answer, done, later

PATIENCE_SECONDS: Final = 180.0
"""For all tasks to serve. Then as many as a service can do without leave room for those of others."""


def scale(run: Run) -> Answer:
    """Set bounds and numbers, and wait for tasks that serve."""
    cluster, services = run.settings.prefix, run.plan.services
    found = fleet.standings(cluster, services)
    waited = run.now - (run.mine.clock("scale") or run.now)
    if waited < PATIENCE_SECONDS or all(each.enough for each in found):
        _fill(cluster, found)
    if all(each.full for each in found):
        _remark(run, None)
        return done("every service has its tasks: " + _counted(found))
    if waited < PATIENCE_SECONDS:
        return later("tasks are starting: " + _counted(found))
    if all(each.enough for each in found):
        told = "fewer tasks than wanted, while ECS goes on trying: " + _counted(found)
        _remark(run, f"{told}; {run.mine.notes or 'nobody said why'}")
        return done(told)
    _make_room(cluster, found)
    told = "capacity was missing, so every service got its least first: " + _counted(found)
    if any(each.trouble for each in found):
        _remark(run, told)
    return later(told)


def _remark(run: Run, notes: str | None) -> None:
    if run.mine.notes != notes:
        run.write(replace(run.mine, notes=notes))


def _fill(cluster: str, standings: Sequence[Standing]) -> None:
    for each in standings:
        if not each.full:
            _size(cluster, each, each.service.desired)


def _make_room(cluster: str, standings: Sequence[Standing]) -> None:
    """For those that cannot serve with what they have."""
    for each in standings:
        _size(cluster, each, each.service.least)


def _size(cluster: str, standing: Standing, tasks: int) -> None:
    if standing.service.scales:
        # First the bounds: scaling would soon take back what lies outside them.
        fleet.bound(cluster, standing.service, tasks)
    if standing.desired != tasks:
        fleet.ask_for(cluster, standing.service, tasks)


def _counted(standings: Sequence[Standing]) -> str:
    return "; ".join(
        f"{each.service.name} {each.serving} of {each.service.desired}" + (f" ({each.trouble})" if each.trouble else "")
        for each in standings
    )
