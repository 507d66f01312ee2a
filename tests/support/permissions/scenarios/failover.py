"""What a failover meets: every step of each function, a switchover, a failure before and one after the point of no return."""

from __future__ import annotations

from datetime import UTC, datetime

from permissions.scenarios import failover_drill
from permissions.scenarios.site import Site
from permissions.scene import Scene


def play(scene: Scene) -> None:
    """By what the function is for."""
    entry = scene.function.entry.split(".")[1]
    plays = {"control": _control, "database": _database, "watch": _watch, "start": _start, "drill": failover_drill.play}
    plays[entry](scene)


def _control(scene: Scene) -> None:
    """A failover from its first look to its end; one that is undone; one that asks, and stops; a switchover."""
    site = Site(scene)
    scene.aws.answers = site.answers()
    with site.living():
        for mode in ("failover", "switchover"):
            site.begin(mode)
            for step in ("assess", "lock", "approve", "fence", "take", "promote", "scale", "files", "switch", "verify"):
                site.step(step)
            site.step("go_on", failed="scale", wanted="IN_PROGRESS")
            site.step("stop", failed="scale")
            site.running()
            site.step("report")
            site.step("unlock")
        site.begin("failover")
        for step in ("assess", "lock", "approve", "fence", "take"):
            site.step(step)
        site.step("undo", failed="take")


def _database(scene: Scene) -> None:
    """Every step, in a failover and in a switchover."""
    site = Site(scene)
    scene.aws.answers = site.answers()
    with site.living():
        for mode in ("failover", "switchover"):
            site.begin(mode)
            site.record(mode)
            for step in ("gate", "catch_up"):
                site.step(step)
            site.promoted = True
            for step in ("promoted", "open"):
                site.step(step)
            site.promoted = False


def _watch(scene: Scene) -> None:
    """One look."""
    site = Site(scene)
    scene.aws.answers = site.answers()
    with site.living():
        answer = scene.invoke({"started": datetime.now(UTC).isoformat()})
        assert "IN_PROGRESS" == answer["status"], answer


def _start(scene: Scene) -> None:
    """The alarm rings; then the clock looks, and it still rings."""
    name = scene.variables["ALARM_NAME"]
    machine = scene.variables["STATE_MACHINE_ARN"]
    begun = {"executionArn": machine.replace(":stateMachine:", ":execution:") + ":one", "startDate": datetime.now(UTC)}
    scene.aws.answers = {
        "cloudwatch.DescribeAlarms": {"CompositeAlarms": [{"AlarmName": name, "StateValue": "ALARM"}]},
        "stepfunctions.ListExecutions": {"executions": []},
        "stepfunctions.StartExecution": begun,
    }
    state = {"value": "ALARM", "reason": "lost", "timestamp": "2026-11-28T13:00:00.000+0000"}
    assert "started" in scene.invoke({"alarmData": {"alarmName": name, "state": state}})
    assert "started" in scene.invoke({"scheduled": True})
