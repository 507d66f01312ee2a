"""One failover from its beginning to its end: staged, written into, disturbed, watched, judged, and nothing left of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rehearsal.clock import VARIABLE, Clock
from rehearsal.failover import faults
from rehearsal.failover.data_plane import DataPlane
from rehearsal.failover.deployed import Deployed
from rehearsal.failover.happenings import Happenings
from rehearsal.failover.judging import judge
from rehearsal.failover.outcome import Outcome
from rehearsal.failover.plan import Plan
from rehearsal.failover.preparing import hold_back, prepare
from rehearsal.failover.recovery_table import RecoveryTable
from rehearsal.failover.scene import Scene
from rehearsal.failover.stage import Stage
from rehearsal.failover.watching import Watching
from rehearsal.failure import RehearsalError
from rehearsal.release.timeline import Event, Timeline
from rehearsal.release.users import Users

BEFORE_SECONDS: Final = 30.0
"""Virtual: users write while all is well; longer than a heartbeat and a probe."""
LEAST_SHARE: Final = 0.4
"""Of the writes that users send while all is well: a machine that does not get these through would be what is rehearsed."""
TIMEOUT_SECONDS: Final = 3.0
"""Real: how long a user waits for an answer."""


def rehearse(
    deployed: Deployed,
    plan: Plan,
    *,
    tell: Callable[[Event], None],
    keep: Path | None = None,
    spoil: Callable[[Deployed], None] | None = None,
    hands: faults.Play | None = None,
) -> Outcome:
    """Play a failover. Raises RehearsalError for what keeps it from being played at all.

    `keep`: where to leave the logs. `spoil`: changes what was deployed, for this rehearsal alone; only to see whether it is
    noticed. `hands`: plays the fault in its own way, and whatever people do about it; it has to end as the plan's.
    """
    began = time.monotonic()
    fault = faults.ALL[plan.fault]
    if hands is not None:
        fault = replace(fault, play=hands)
    wanted = deployed.wanted
    with ExitStack() as stack:
        stack.callback(deployed.emulator.rewind)
        clock = Clock.started_now(plan.speed)
        stage = stack.enter_context(
            Stage(
                clock,
                {region: deployed.apis(region) for region in (deployed.home, deployed.stand_in)},
                domain=wanted.edge.domain,
                internal=[f"*.{wanted.internal_domain}"],
                code=deployed.code,
            )
        )
        if keep:
            stack.callback(_keep, keep, stage, deployed)
        if spoil:
            spoil(deployed)
        data_plane = DataPlane(stage)
        stack.callback(data_plane.stop)
        hold_back(deployed, stage)
        deployed.emulator.tell(data_plane={"url": data_plane.url, "clock": clock.variable[VARIABLE]})
        timeline = Timeline(clock, tell)
        happenings = Happenings(deployed.emulator, timeline, f"{wanted.prefix}-failover")
        stack.callback(happenings.stop)
        scene = Scene(stage, happenings, timeline, deployed)
        prepare(deployed, scene, RecoveryTable(deployed.apis, wanted.prefix))
        users = Users(_order(stage, plan), stage.folder)
        stack.callback(users.kill)
        for site in stage.sites.values():
            site.work()
        watching = Watching(scene, users)
        # Their process has to start first, which takes real seconds.
        scene.wait_for("the first write of a user", lambda: _acknowledged(users) > 0)
        first = _acknowledged(users)
        clock.sleep(BEFORE_SECONDS)
        _keep_up(_acknowledged(users) - first, plan)
        timeline.begin()
        happenings.begin()
        fault.play(scene, plan.at)
        ending, ended = watching.ending(), clock.epoch()
        users.stop()
        for site in stage.sites.values():
            site.rest()
        active = watching.active()
        return judge(deployed, plan, fault, scene, users, ending=ending, ended=ended, active=active, began=began)


def _acknowledged(users: Users) -> int:
    return users.tally["answered"] - users.tally["failed"]


def _keep_up(acknowledged: int, plan: Plan) -> None:
    """Raises RehearsalError when the machine is too busy for the rehearsal's speed, by users' writes while all was well."""
    wanted = LEAST_SHARE * plan.rate * BEFORE_SECONDS / plan.speed
    if acknowledged < wanted:
        raise RehearsalError(
            f"this machine is too busy for {plan.speed:g} times the speed: of users' writes {acknowledged} were acknowledged "
            f"while all was well, of {wanted:.0f} at the least",
            remedy=f"give it less else to do, or go slower: --speed {max(plan.speed / 2, 1):g}",
        )


def _order(stage: Stage, plan: Plan) -> dict[str, Any]:
    return {
        "port": stage.front.port,
        "host": stage.domain,
        "ca_file": str(stage.authority.file),
        "rate": plan.rate,
        "users": 1,
        "slow_share": 0.0,
        "orders_share": 1.0,
        "timeout_seconds": TIMEOUT_SECONDS,
        "connections": 4,
        "numbered": True,
    }


def _keep(folder: Path, stage: Stage, deployed: Deployed) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in stage.folder.rglob("*"):
        if file.suffix in {".log", ".tsv", ".cfg"} and "data" not in file.parts:
            name = "-".join(file.relative_to(stage.folder).parts)
            (folder / name).write_bytes(file.read_bytes())
    workspace = deployed.project.workspace
    for file in (workspace.cdk_log, workspace.emulator_log):
        if file.exists():
            (folder / file.name).write_bytes(file.read_bytes())
