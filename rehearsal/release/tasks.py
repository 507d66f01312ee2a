"""Tasks: processes of the application that are started, registered, drained and stopped as ECS does it."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from rehearsal.clock import Clock
from rehearsal.ports import free_port
from rehearsal.release.balancer import Balancer, Target
from rehearsal.release.versions import Version
from rehearsal.servers.program import Program

TaskStatus = Literal["PENDING", "RUNNING", "STOPPED"]

PROJECT: Final = Path(__file__).parents[2]
LOOK_SECONDS: Final = 0.1
"""Real: between two looks at what a leaving task still has to do."""

QUIET_LOOKS: Final = 3
"""Looks in a row without a request under way, until a leaving task is thought to have none."""


@dataclass(frozen=True, slots=True)
class Start:
    """How a container starts: virtual seconds from the order to its process, and variables that every one gets.

    `program`: the module that it runs. `room`: nothing starts while this is not set.
    """

    pull_seconds: float
    migrates_at_start: bool
    variables: Mapping[str, str]
    folder: Path
    program: str = "rehearsal.release.application"
    room: threading.Event | None = None


class Task:
    """One container with its places in target groups. Its life goes on in a thread of its own."""

    def __init__(
        self,
        name: str,
        version: Version,
        groups: Sequence[str],
        start: Start,
        balancer: Balancer,
        clock: Clock,
        broke: Callable[[], None],
    ) -> None:
        """`broke` is called when it has ended although nobody asked it to."""
        self.name = name
        self.version = version
        self.port = free_port()
        self.targets: tuple[Target, ...] = ()
        self._groups = groups
        self._broke = broke
        self._start = start
        self._balancer = balancer
        self._clock = clock
        self._program: Program | None = None
        self._stopping = threading.Event()
        self._settled = threading.Event()  # it stands in its target groups, or never will
        self._gone = threading.Event()
        self._lock = threading.Lock()
        self._leaving: threading.Thread | None = None
        threading.Thread(target=self._live, name=name, daemon=True).start()

    @property
    def status(self) -> TaskStatus:
        """As ECS has it."""
        if self._gone.is_set():
            return "STOPPED"
        return "PENDING" if self._program is None else "RUNNING"

    @property
    def pid(self) -> int | None:
        """Its process, while there is one."""
        return self._program.pid if self._program and self._program.exit_code is None else None

    @property
    def exit_code(self) -> int | None:
        """None while it runs, or when it never did."""
        return self._program.exit_code if self._program else None

    @property
    def wanted(self) -> bool:
        """Whether it runs, or is about to, and nobody asked it to leave."""
        return not self._stopping.is_set() and not self._gone.is_set()

    def leave(self, deregistration_seconds: float, stop_seconds: float) -> None:
        """Drain, then stop, in the background; virtual seconds. A second call changes nothing."""
        with self._lock:
            if self._leaving is None:
                self._stopping.set()
                self._leaving = threading.Thread(
                    target=self._leave, args=(deregistration_seconds, stop_seconds), daemon=True
                )
                self._leaving.start()

    def fail(self) -> None:
        """End its process although nobody asked it to leave."""
        if self._program is not None:
            self._program.stop(patience_seconds=0.0)

    def kill(self) -> None:
        """End it at once: the rehearsal is over."""
        self._stopping.set()
        if self._program is not None:
            self._program.stop(patience_seconds=1.0)

    def _live(self) -> None:
        if self._stopping.wait(self._clock.real_seconds(self._start.pull_seconds)) or not self._room():
            self._settled.set()
            self._gone.set()
            return
        program = Program(
            [sys.executable, "-m", self._start.program],
            log=self._start.folder / f"{self.name}.log",
            variables={
                **self._start.variables,
                "PORT": str(self.port),
                "VERSION": self.version.name,
                "BEHAVIOUR": self.version.behaviour,
                "MIGRATED": "yes" if self.version.migrates else "",
                "MIGRATES_AT_START": "yes" if self.version.migrates and self._start.migrates_at_start else "",
            },
            folder=PROJECT,
        )
        self._program = program
        self.targets = tuple(self._balancer.register(group, self.port) for group in self._groups)
        self._settled.set()
        while program.exit_code is None:
            time.sleep(LOOK_SECONDS)
        # ECS takes a task that has ended out of its target groups.
        for target in self.targets:
            self._balancer.deregister(target)
        self._gone.set()
        if not self._stopping.is_set():
            self._broke()

    def _room(self) -> bool:
        """Wait until there is room for it; false when it is not wanted any more."""
        room = self._start.room
        while room and not room.wait(LOOK_SECONDS):
            if self._stopping.is_set():
                return False
        return not self._stopping.is_set()

    def _leave(self, deregistration_seconds: float, stop_seconds: float) -> None:
        self._settled.wait()
        for target in self.targets:
            self._balancer.drain(target)
        deadline = time.monotonic() + self._clock.real_seconds(deregistration_seconds)
        quiet = 0
        while time.monotonic() < deadline and quiet < QUIET_LOOKS:
            under_way = sum(self._balancer.requests_under_way(target) for target in self.targets)
            quiet = 0 if under_way else quiet + 1
            time.sleep(LOOK_SECONDS)
        if self._program is None:
            return
        self._program.signal(signal.SIGTERM)
        self._program.stop(patience_seconds=self._clock.real_seconds(stop_seconds))


class TaskSet:
    """Equal tasks of one version in the same target groups. A task that ends by itself is replaced, as ECS does it."""

    def __init__(
        self, name: str, version: Version, groups: Sequence[str], start: Start, balancer: Balancer, clock: Clock
    ) -> None:
        self.version = version
        self.groups = tuple(groups)
        self.tasks: list[Task] = []
        self._name = name
        self._start, self._balancer, self._clock = start, balancer, clock
        self._lock = threading.RLock()
        self._count = 0

    def scale(self, count: int, deregistration_seconds: float, stop_seconds: float) -> None:
        """Have `count` tasks: start what is missing, let the newest leave when there are more."""
        with self._lock:
            self._count = count
            wanted = [task for task in self.tasks if task.wanted]
            for task in wanted[count:]:
                task.leave(deregistration_seconds, stop_seconds)
            self._start_missing()

    def _start_missing(self) -> None:
        with self._lock:
            for _ in range(self._count - sum(task.wanted for task in self.tasks)):
                name = f"{self._name}-{len(self.tasks)}"
                self.tasks.append(
                    Task(
                        name,
                        self.version,
                        self.groups,
                        self._start,
                        self._balancer,
                        self._clock,
                        broke=self._start_missing,
                    )
                )

    def kill(self) -> None:
        """End all of them at once, and start no more."""
        with self._lock:
            self._count = 0
            tasks = list(self.tasks)
        for task in tasks:
            task.kill()

    def fail(self) -> None:
        """End the processes of all of them, as a region does that goes dark; others take their place when there is room."""
        with self._lock:
            tasks = list(self.tasks)
        for task in tasks:
            task.fail()

    def described(self, health: Mapping[Target, str]) -> dict[str, Any]:
        """As the contract's JSON has it."""
        return {
            "tasks": [
                {
                    "id": task.name,
                    "address": "127.0.0.1",
                    "port": task.port,
                    "status": task.status,
                    "health": {target.group: health[target] for target in task.targets if target in health},
                    "exit_code": task.exit_code,
                }
                for task in self.tasks
            ]
        }
