"""Executions of the failover's state machine in virtual time, by the real functions of the waiting site."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final, TypeVar, cast

import msgspec
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.session import get_session
from failing_over.apis import Apis
from failing_over.names import BEGIN, HOME, MACHINE, PREFIX, THERE, WITNESS, variables
from failing_over.sites import Sites, date
from killing import Killed, watched
from permissions.recorded_aws import Answer, RecordedAws, Refused

from failover import control, database, models, probe, replica, traffic, watch
from failover.probe import Asked, Probed
from failover.replica import Position
from rehearsal.clock import Clock
from rehearsal.emulator.engines.state_machine import Run, StateError
from shared import aws, clock, lease, smoke_tests
from shared.smoke_tests import Verdict
from shared.told import Told
from understudy.failover_workflow import failover_workflow

Handler = Callable[[Mapping[str, Any], object], Mapping[str, Any]]
MANY: Final = 40_000
"""States: no execution here enters as many."""
DOWN_SECONDS: Final = 10
"""Before the end of a promotion, in which the database starts anew."""


@dataclass
class World(Sites):
    """Two sites, and whoever fails over from the one to the other."""

    answer: Callable[[World, Mapping[str, Any]], str | None] = lambda *_: None
    """What a person answers to a question, once asked."""
    executions: dict[str, str] = field(default_factory=dict)
    """Status by ARN."""
    history: list[str] = field(default_factory=list)
    """States that were entered, of every execution."""
    hooks: dict[str, list[Callable[[], object]]] = field(default_factory=dict)
    kill_state: int | None = None
    """Abort the execution when it enters its state of this number."""
    kill_call: tuple[str, int, bool] | None = None
    """Kill the function at that step's call of AWS of this number, once: before it is sent, or after it worked."""
    made: dict[str, int] = field(default_factory=dict)
    """The most calls of AWS that a look of each step made."""
    last_reason: str = ""
    """Of the last answer of any function."""
    silent: set[str] = field(default_factory=set)
    """Steps whose function raises whatever it is asked."""

    def when(self, state: str, what: Callable[[], object]) -> None:
        """Have something happen when an execution enters `state` for the first time."""
        self.hooks.setdefault(state, []).append(what)

    def failover(self, name: str = "one", **given: Any) -> str:
        """Run an execution to its end: `FailedOver` or the error it ended with."""
        asked = {"mode": "failover", "environment": PREFIX, "because": "a test", "by": "alarm", **given}
        definition = failover_workflow({"control": "control", "database": "database"})
        return self.execute(definition, MACHINE, name, asked) or "FailedOver"

    def execute(self, definition: Mapping[str, Any], machine: str, name: str, asked: Mapping[str, Any]) -> str:
        """Run an execution of a state machine to its end: empty, or the error it ended with."""
        arn = machine.replace(":stateMachine:", ":execution:") + f":{name}"
        self.executions[arn] = "RUNNING"
        entered: list[str] = []

        def entering(state: str) -> None:
            entered.append(state)
            self.history.append(state)
            assert len(entered) < MANY
            for what in self.hooks.pop(state, ()):
                what()

        run = Run(
            definition=definition,
            task=self._task,
            clock=cast("Clock", _Clock(self)),
            context={"Execution": {"Id": arn, "Name": name, "Input": asked, "StartTime": date(self.now).isoformat()}},
            stopped=lambda: self.kill_state is not None and len(entered) > self.kill_state,
            entering=entering,
        )
        try:
            run.output(asked)
        except StateError as error:
            self.executions[arn] = "ABORTED" if error.name == "States.Aborted" else "FAILED"
            return error.name
        self.executions[arn] = "SUCCEEDED"
        return ""

    @property
    def functions(self) -> dict[str, Handler]:
        """By the name that the state machine has them under."""
        return {"control": control.handler, "database": database.handler}

    def further_answers(self) -> dict[str, Answer | Refused]:
        """Of AWS, beside or instead of those that a failover gets."""
        return {}

    def further_stubs(self) -> list[tuple[Any, str, Any]]:
        """Of what is no API."""
        return []

    def item(self, name: str, region: str = THERE) -> Mapping[str, Any]:
        """An item of a table; empty without one."""
        return self.tables.get(region, name)

    def lease(self, region: str = THERE) -> lease.Lease:
        """As a table has it."""
        found = self.tables.lease(region).read()
        assert found is not None
        return found

    @property
    def report(self) -> dict[str, Any]:
        """Of the last failover that went through."""
        found: dict[str, Any] = json.loads(self.objects[-1])
        return found

    @property
    def ever_two(self) -> bool:
        """Whether there was a second in which both sites took writes."""
        return any(len(sites) > 1 for _, sites in self.writable)

    def _task(self, _: str, parameters: Any) -> Any:
        event = json.loads(json.dumps(parameters["Payload"]))
        step = event["step"]
        if step in self.silent:
            raise StateError("RuntimeError", "it raises")
        kill_at, after = None, False
        if self.kill_call is not None and self.kill_call[0] == step:
            _, kill_at, after = self.kill_call
        handler = self.functions[parameters["FunctionName"]]
        self._person()
        try:
            with watched(kill_at, after=after) as calls:
                answer = handler(event, object())
            self.last_reason = str(answer.get("reason", ""))
        except Killed:
            self.kill_call = None
            raise StateError("Runtime.ExitError", "it was killed") from None
        self.made[step] = max(self.made.get(step, 0), len(calls.made))
        return {"Payload": answer}

    def _person(self) -> None:
        asked = self.tables.get(THERE, "question")
        if asked and asked["id"] != self.tables.get(THERE, "answer").get("question"):
            verdict = self.answer(self, asked)
            if verdict is not None:
                told = {"question": asked["id"], "verdict": verdict, "by": "somebody", "at": self.now}
                self.tables.set(THERE, "answer", told)


@dataclass(frozen=True)
class _Clock:
    """Of the interpreter."""

    world: World

    def epoch(self) -> float:
        return self.world.now

    def now(self) -> datetime:
        return date(self.world.now)

    def sleep(self, seconds: float) -> None:
        self.world.sleep(seconds)


AnyWorld = TypeVar("AnyWorld", bound=World)


@contextmanager
def living(monkeypatch: pytest.MonkeyPatch, world: AnyWorld) -> Iterator[AnyWorld]:
    """The world for one test, two minutes old."""
    for name, value in variables(witness=world.witness).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(clock, "epoch", world.epoch)
    for module, name, stub in (*_stubs(world), *world.further_stubs()):
        monkeypatch.setattr(module, name, stub)
    models.settings.cache_clear()
    aws.forget_clients()
    for region in (HOME, THERE, WITNESS):
        world.tables.regions[region] = {}
        assert lease.create(world.tables.lease(region), HOME, 1, BEGIN)
    known = msgspec.convert(world.plan, models.Plan)
    world.look = lambda: watch.observe(models.settings(), known)
    apis = Apis(world, world.executions)
    recorded = RecordedAws(answers={**apis.answers(), **world.further_answers()}, passed_on=())
    # It makes a session of its own where the present one is not known to it.
    with watched():
        pass
    # Reading the models of services is what takes long in making clients.
    aws._session().register_component("data_loader", _models())
    with recorded.watching(aws._session()):
        aws._session().register("before-call.dynamodb", lambda **call: _reach(apis, call["context"]))
        # Thousands of lines that would bury the one that matters.
        logging.disable(logging.CRITICAL)
        try:
            world.sleep(120)
            yield world
        finally:
            logging.disable(logging.NOTSET)
    models.settings.cache_clear()
    aws.forget_clients()


@cache
def _models() -> Any:
    return get_session().get_component("data_loader")


def _reach(apis: Apis, context: Mapping[str, Any]) -> None:
    """The other tables are out of reach when their regions are."""
    apis.region = context["client_region"]
    reached = {HOME: apis.world.reached, WITNESS: apis.world.witness_reached}
    if not reached.get(apis.region, True):
        raise ConnectTimeoutError(endpoint_url=f"https://dynamodb.{apis.region}.amazonaws.com")


def _stubs(world: World) -> list[tuple[Any, str, Any]]:
    """What is no API: the database, the CDN."""

    @contextmanager
    def asking(_: Any) -> Iterator[World]:
        ready = world.promoted_at
        if ready is not None and world.promotes and ready - DOWN_SECONDS < world.now < ready:
            raise Told("PostgreSQL at db.internal:5432: the connection was refused")
        yield world

    def probed(*_: Any, **__: Any) -> Mapping[str, Probed]:
        return {HOME: Probed(HOME, [Asked("ready" if world.answers else "failing", None, None)])}

    return [
        (replica, "asking", asking),
        (replica, "last_beat", lambda world: world.beat),
        (replica, "position", lambda world: Position(world.in_recovery, "0/1", "0/1", caught_up=True)),
        (replica, "streaming", lambda world: world.alive and world.reaches_us),
        (replica, "reached", lambda world, _: world.lag == 0),
        (probe, "probe", probed),
        (probe, "routed", lambda _: world.active),
        (smoke_tests, "ask", lambda *_, **__: Verdict(tuple(world.smoke))),
        (traffic, "switch", lambda _, region: setattr(world, "active", region)),
    ]
