"""Runs a Step Functions definition in virtual time: Task, Choice, Wait, Pass, Succeed and Fail, in JSONPath.

moto's own interpreter waits in real seconds and cannot be scaled. This one knows what the project's workflows use,
and refuses the rest before it starts. https://states-language.net/
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.clock import Clock
from rehearsal.emulator.engines import task_tokens
from rehearsal.emulator.engines.json_path import PathError, filled, placed, value_at
from rehearsal.emulator.engines.state_choice import chosen
from rehearsal.emulator.values import Json

COMMON = {"Type", "Comment", "Next", "End", "InputPath", "OutputPath", "QueryLanguage"}
MEMBERS = {
    "Task": {
        "Resource",
        "Parameters",
        "ResultSelector",
        "ResultPath",
        "Retry",
        "Catch",
        "TimeoutSeconds",
        "HeartbeatSeconds",
    },
    "Choice": {"Choices", "Default"},
    "Wait": {"Seconds", "SecondsPath"},
    "Pass": {"Result", "ResultPath", "Parameters"},
    "Succeed": set[str](),
    "Fail": {"Error", "Cause"},
}
RETRY_INTERVAL_SECONDS, RETRIES, RETRY_RATE = 1, 3, 2.0
LOOK_SECONDS = 1.0
TOKEN = ".waitForTaskToken"  # noqa: S105  # the end of a resource's name


class StateError(Exception):
    """A state failed; `name` is the error that Retry and Catch compare."""

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(f"{name}: {cause}")
        self.name = name
        self.cause = cause

    def matches(self, wanted: list[str]) -> bool:
        """Tell whether an ErrorEquals means this error."""
        if self.name in wanted or "States.ALL" in wanted:
            return True
        return "States.TaskFailed" in wanted and self.name != "States.Timeout"


Task = Callable[[str, Json], Json]
"""Calls a resource (ARN) with parameters and returns its result; raises StateError."""


def refused(definition: Mapping[str, Any]) -> list[str]:
    """Return what in a definition is not understood here."""
    if definition.get("QueryLanguage", "JSONPath") != "JSONPath":
        return ["QueryLanguage: only JSONPath is understood"]
    problems = []
    for name, state in definition["States"].items():
        known = MEMBERS.get(state["Type"])
        if known is None:
            problems.append(f"{name}: states of type {state['Type']} are not understood")
        else:
            problems += [f"{name}: {member} is not understood" for member in sorted(set(state) - known - COMMON)]
    return problems


@dataclass
class Run:
    """One execution."""

    definition: Mapping[str, Any]
    task: Task
    clock: Clock
    context: Mapping[str, Any]
    stopped: Callable[[], bool]
    entering: Callable[[str], None] = lambda _: None
    "Hears of every state before it begins, and may take its time."
    history: list[dict[str, Any]] = field(default_factory=list)

    def output(self, data: Json) -> Json:
        """Run from the first state to the last and return its output. Raises StateError."""
        limit = self.definition.get("TimeoutSeconds")
        deadline = self.clock.epoch() + limit if limit else None
        problems = refused(self.definition)
        if problems:
            raise StateError("States.Runtime", "; ".join(problems))
        self._record("ExecutionStarted", executionStartedEventDetails={"input": json.dumps(data)})
        name = self.definition["StartAt"]
        while True:
            if self.stopped():
                raise StateError("States.Aborted", "the execution was stopped")
            if deadline and self.clock.epoch() > deadline:
                raise StateError("States.Timeout", f"it took more than {limit} seconds")
            state = self.definition["States"][name]
            kind = state["Type"]
            self.entering(name)
            if self.stopped():
                raise StateError("States.Aborted", "the execution was stopped")
            self._record(f"{kind}StateEntered", stateEnteredEventDetails={"name": name, "input": json.dumps(data)})
            data, following = self._step(state, data)
            self._record(f"{kind}StateExited", stateExitedEventDetails={"name": name, "output": json.dumps(data)})
            if following is None:
                return data
            name = following

    def _step(self, state: Mapping[str, Any], data: Json) -> tuple[Json, str | None]:
        kind = state["Type"]
        if kind == "Fail":
            raise StateError(state.get("Error", ""), state.get("Cause", ""))
        try:
            given = self._through(state.get("InputPath", "$"), data)
            if kind == "Choice":
                return self._through(state.get("OutputPath", "$"), given), chosen(state, given, self.context)
            if kind == "Task":
                outcome = self._attempts(state, data, given)
                if isinstance(outcome, _Caught):
                    return outcome.data, outcome.following
                result = placed(state.get("ResultPath", "$"), given, outcome)
            elif kind == "Pass":
                result = state.get("Result", self._parameters(state, given))
                result = placed(state.get("ResultPath", "$"), given, result)
            else:
                if kind == "Wait":
                    self._wait(state, given)
                result = given
            return self._through(state.get("OutputPath", "$"), result), state.get("Next")
        except PathError as error:
            raise StateError("States.Runtime", str(error)) from error

    def _attempts(self, state: Mapping[str, Any], data: Json, given: Json) -> Json:
        """Return a task's result, or where a Catch leads, after as many attempts as its Retry allows."""
        made = [0] * len(state.get("Retry", []))
        while True:
            try:
                return self._once(state, given)
            except StateError as error:
                wait = _retry_wait(state.get("Retry", []), made, error)
                if wait is not None and not self.stopped():
                    self.clock.sleep(wait)
                    continue
                for catcher in state.get("Catch", []):
                    if error.matches(catcher["ErrorEquals"]):
                        caught = {"Error": error.name, "Cause": error.cause}
                        return _Caught(placed(catcher.get("ResultPath", "$"), data, caught), catcher["Next"])
                raise

    def _once(self, state: Mapping[str, Any], given: Json) -> Json:
        begun = self.clock.epoch()
        if state["Resource"].endswith(TOKEN):
            result = self._answered(state, given)
        else:
            result = self.task(state["Resource"], self._filled(state, given, self.context))
        if self.clock.epoch() - begun > state.get("TimeoutSeconds", float("inf")):
            raise StateError("States.Timeout", f"it took more than {state['TimeoutSeconds']} seconds")
        if "ResultSelector" in state:
            return filled(state["ResultSelector"], result, self.context)
        return result

    def _answered(self, state: Mapping[str, Any], given: Json) -> Json:
        """Return what somebody answers with the task's token."""
        waiting = task_tokens.new()
        until = self.clock.epoch() + state.get("TimeoutSeconds", float("inf"))
        try:
            parameters = self._filled(state, given, {**self.context, "Task": {"Token": waiting.token}})
            self.task(state["Resource"].removesuffix(TOKEN), parameters)
            while not waiting.answered and self.clock.epoch() <= until and not self.stopped():
                self.clock.sleep(LOOK_SECONDS)
        finally:
            task_tokens.forget(waiting)
        if waiting.error is not None:
            raise StateError(waiting.error, waiting.cause)
        if not waiting.answered:
            raise StateError("States.Timeout", "nobody answered in time")
        return waiting.output

    def _filled(self, state: Mapping[str, Any], given: Json, context: Mapping[str, Any]) -> Json:
        try:
            return filled(state["Parameters"], given, context) if "Parameters" in state else given
        except PathError as error:
            raise StateError("States.ParameterPathFailure", str(error)) from error

    def _parameters(self, state: Mapping[str, Any], given: Json) -> Json:
        return filled(state["Parameters"], given, self.context) if "Parameters" in state else given

    def _wait(self, state: Mapping[str, Any], given: Json) -> None:
        path = state.get("SecondsPath")
        seconds = value_at(path, given, self.context) if path else state["Seconds"]
        until = self.clock.epoch() + float(seconds)
        while (left := until - self.clock.epoch()) > 0 and not self.stopped():
            self.clock.sleep(min(left, 5.0))

    def _through(self, path: str | None, data: Json) -> Json:
        return {} if path is None else value_at(path, data, self.context)

    def _record(self, kind: str, **details: dict[str, Any]) -> None:
        self.history.append(
            {
                "timestamp": self.clock.now(),
                "type": kind,
                "id": len(self.history) + 1,
                "previousEventId": len(self.history),
                **details,
            }
        )


@dataclass(frozen=True)
class _Caught:
    data: Json
    following: str


def _retry_wait(retriers: list[dict[str, Any]], made: list[int], error: StateError) -> float | None:
    """Return the seconds until the next attempt, None when there is to be none."""
    for index, retrier in enumerate(retriers):
        if error.matches(retrier["ErrorEquals"]):
            if made[index] >= retrier.get("MaxAttempts", RETRIES):
                return None
            interval = retrier.get("IntervalSeconds", RETRY_INTERVAL_SECONDS)
            wait: float = interval * retrier.get("BackoffRate", RETRY_RATE) ** made[index]
            made[index] += 1
            most: float = retrier.get("MaxDelaySeconds", wait)
            return min(wait, most)
    return None
