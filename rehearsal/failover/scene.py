"""What a fault may do to the stage and the embedded AWS, and what it may wait for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from rehearsal.clock import Clock
from rehearsal.emulator.apis import ApiError
from rehearsal.failover.deployed import Deployed
from rehearsal.failover.happenings import Happenings
from rehearsal.failover.plan import Step, state
from rehearsal.failover.stage import Stage
from rehearsal.failure import RehearsalError
from rehearsal.reach import Reach
from rehearsal.release.timeline import Timeline

LOOK_SECONDS: Final = 0.1
"""Real."""
ATTEMPTS: Final = 3
"""Of a person, who is refused while one of the sites has just been late."""
AGAIN_SECONDS: Final = 20.0
"""Virtual: between them."""


class Scene:
    """One rehearsal's. `home` is active at first, `stand_in` waits, `witness` has the lease."""

    def __init__(self, stage: Stage, happenings: Happenings, timeline: Timeline, deployed: Deployed) -> None:
        self.stage, self.happenings, self.timeline = stage, happenings, timeline
        self.clock: Clock = stage.clock
        self.emulator, self.apis = deployed.emulator, deployed.apis
        self.home, self.stand_in = deployed.home, deployed.stand_in
        self.witness = deployed.wanted.recovery.witness_region or ""
        self.prefix = deployed.wanted.prefix
        self.struck_at: float | None = None
        """When the first fault struck; virtual epoch."""
        self._holding_since = 0.0

    @property
    def machine(self) -> str:
        """Name of the state machine that fails over."""
        return f"{self.prefix}-failover"

    def strike(self, text: str) -> None:
        """A fault strikes now."""
        if self.struck_at is None:
            self.struck_at = self.clock.epoch()
        self.timeline.note("fault", text)

    def pass_time(self, seconds: float) -> None:
        """Let virtual seconds pass."""
        self.clock.sleep(seconds)

    def wait_for(self, what: str, seen: Callable[[], bool], *, seconds: float = 900.0) -> None:
        """Until something is seen, virtual seconds at the most. Raises RehearsalError: without it something else would be played."""
        until = self.clock.epoch() + seconds
        while not seen():
            if self.clock.epoch() > until:
                raise RehearsalError(f"waited in vain for {what}", remedy="see the logs: --keep FOLDER")
            time.sleep(LOOK_SECONDS)

    def dark(self, *regions: str) -> None:
        """Nothing of these regions answers or runs any more."""
        self.change(replace(self.stage.reach, dark=self.stage.reach.dark | set(regions)))

    def light(self, *regions: str) -> None:
        """They are there again, with all that they had written down."""
        self.change(replace(self.stage.reach, dark=self.stage.reach.dark - set(regions)))

    def split(self, region: str, *others: str) -> None:
        """What `region` and the others send each other is lost, in both directions."""
        pairs = {pair for other in others for pair in ((region, other), (other, region))}
        self.change(replace(self.stage.reach, cut=self.stage.reach.cut | pairs))

    def mend(self) -> None:
        """Every way is open again."""
        self.change(replace(self.stage.reach, cut=frozenset()))

    def change(self, reach: Reach) -> None:
        """APIs and servers together; what goes dark first answers nothing, then ends."""
        self.stage.relays.change(reach)
        self.emulator.tell(reach=reach.told())
        self.stage.change(reach)

    def hold(self, step: Step) -> None:
        """Hold the next execution that comes to a step."""
        self._holding_since = self.clock.epoch()
        self.emulator.tell(hold={"machine": self.machine, "state": state(step)})

    def held(self, step: Step) -> None:
        """Wait until an execution is held there. Raises RehearsalError when none comes to it."""
        self.wait_for(f"the step {step}", lambda: self._is_held(step))

    def held_in_switchover(self, step: Step) -> None:
        """Begin a switchover as a person does, who tries again if it is refused, and wait until it is held at the step. Raises
        RehearsalError when none comes to it.
        """
        for _ in range(ATTEMPTS):
            self.hold(step)
            self.start("switchover", "rehearsal")
            self.wait_for(f"the step {step}", lambda: self._is_held(step) or not self.executions())
            if self._is_held(step):
                return
            self.pass_time(AGAIN_SECONDS)
        raise RehearsalError(f"no switchover came to the step {step}", remedy="see the logs: --keep FOLDER")

    def release(self) -> None:
        """Let it go on."""
        self.emulator.tell(release=True)

    def executions(self, status: str = "RUNNING") -> list[str]:
        """ARNs of executions."""
        found = self._states("list_executions", stateMachineArn=self._machine_arn(), statusFilter=status)
        return [str(one["executionArn"]) for one in found["executions"]]

    def stop_executions(self) -> list[str]:
        """Kill what runs; its function, if one is at work for it, comes to its end."""
        running = self.executions()
        for execution in running:
            self._states("stop_execution", executionArn=execution)
        return running

    def start(self, mode: str, by: str) -> None:
        """Start an execution as a person does."""
        asked = {"mode": mode, "environment": self.prefix, "because": "rehearsed", "by": by}
        self._states("start_execution", stateMachineArn=self._machine_arn(), input=json.dumps(asked))

    def ringing(self) -> bool:
        """Whether the alarm that starts failovers rings."""
        return bool(self._alarm()["StateValue"] == "ALARM")

    def ring(self) -> None:
        """Have the alarm's function called once more, as CloudWatch may: at least once is what it promises."""
        name, alarm = self._starter["FunctionName"], self._alarm()
        moment = self.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        event = {
            "source": "aws.cloudwatch",
            "alarmArn": alarm["AlarmArn"],
            "alarmData": {
                "alarmName": alarm["AlarmName"],
                "state": {"value": "ALARM", "reason": "rehearsed", "timestamp": moment},
            },
        }
        call = {"FunctionName": name, "InvocationType": "Event", "Payload": json.dumps(event)}
        self.apis(self.stand_in).call("lambda", "invoke", call)

    @cached_property
    def _starter(self) -> dict[str, Any]:
        """The function that the alarm calls."""
        functions = self.apis(self.stand_in).call("lambda", "list_functions", {})["Functions"]
        return next(one for one in functions if one["Handler"].startswith("failover.start"))

    def _is_held(self, step: Step) -> bool:
        return any(one["text"] == state(step) for one in self.happenings.of("held", self._holding_since))

    def _alarm(self) -> dict[str, Any]:
        wanted = {
            "AlarmTypes": ["CompositeAlarm"],
            "AlarmNames": [self._starter["Environment"]["Variables"]["ALARM_NAME"]],
        }
        found: list[dict[str, Any]] = self.apis(self.stand_in).call("cloudwatch", "describe_alarms", wanted)[
            "CompositeAlarms"
        ]
        return found[0]

    def _machine_arn(self) -> str:
        machines = self._states("list_state_machines")["stateMachines"]
        for one in machines:
            if one["name"] == self.machine:
                return str(one["stateMachineArn"])
        raise RehearsalError(f"there is no state machine {self.machine}", remedy="is it in the template?")

    def _states(self, operation: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401  # the API's
        try:
            return self.apis(self.stand_in).call("stepfunctions", operation, parameters)
        except ApiError as error:
            raise RehearsalError(f"Step Functions refuses: {error}", remedy="see the emulator's log") from error
