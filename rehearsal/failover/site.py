"""What one region runs: its load balancer and its tasks, and workers of the application who need no users."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rehearsal.clock import Clock
from rehearsal.emulator.apis import Apis
from rehearsal.failover.task_variables import Hosts, TaskVariables
from rehearsal.failover.workers import Workers
from rehearsal.ports import free_port
from rehearsal.release.balancer import Balancer
from rehearsal.release.balancer_configuration import Layout
from rehearsal.release.routing_table import RoutingTable
from rehearsal.release.tasks import Start, TaskSet
from rehearsal.release.versions import OLD
from rehearsal.servers.certificates import Certificate

PORTS: Final = (443, 8443)
PULL_SECONDS: Final = 25.0
"""Virtual: from the order for a task to its process; together with the process's start about what Fargate takes (spec/tables)."""


class Site:
    """Of one region. Thread-safe."""

    def __init__(
        self, region: str, folder: Path, certificate: Certificate, clock: Clock, apis: Apis, hosts: Hosts, ca: Path
    ) -> None:
        folder.mkdir()
        self.region = region
        self._folder, self._clock, self._apis, self._hosts = folder, clock, apis, hosts
        self._ca = ca
        self._lock = threading.RLock()
        self._task_sets: dict[str, TaskSet] = {}
        self._on, self._capacity = True, True
        self._room = threading.Event()
        self._room.set()
        self._errors = 0.0
        self._workers: Workers | None = None
        ports = {port: free_port() for port in PORTS}
        self.port = ports[443]
        self._balancer = Balancer(Layout(folder, ports, certificate.both, folder / "log.sock"), clock)

    def apply(self, table: RoutingTable) -> None:
        """Route by those listeners and target groups that are of this region."""
        self._balancer.apply(
            RoutingTable(
                tuple(one for one in table.listeners if f":{self.region}:" in one.arn),
                tuple(one for one in table.target_groups if f":{self.region}:" in one.arn),
            )
        )

    def run_task_set(self, name: str, count: int, groups: Sequence[str], task_definition: str) -> None:
        """Have `count` tasks; again with another count to scale."""
        with self._lock:
            task_set = self._task_sets.get(name)
            if task_set is None:
                variables = self._variables(task_definition)
                start = Start(
                    PULL_SECONDS,
                    migrates_at_start=False,
                    variables=variables,
                    folder=self._folder,
                    program="rehearsal.failover.application",
                    room=self._room,
                )
                task_set = TaskSet(name, OLD, groups, start, self._balancer, self._clock)
                self._task_sets[name] = task_set
                if self._workers is None and "DATABASE_USERNAME" in variables:
                    self._workers = Workers(self.region, variables, self._folder)
            task_set.scale(count, 0.0, stop_seconds=10.0)

    def end_task_set(self, name: str, deregistration_seconds: float, stop_seconds: float) -> None:
        """Let all its tasks leave."""
        with self._lock:
            if name in self._task_sets:
                self._task_sets[name].scale(0, deregistration_seconds, stop_seconds)

    def task_set(self, name: str) -> dict[str, Any] | None:
        """What became of it; None where it is not of this region."""
        with self._lock:
            task_set = self._task_sets.get(name)
        return task_set.described(dict(self._balancer.health())) if task_set else None

    def healthy(self) -> int:
        """How many tasks have requests."""
        return sum(state == "healthy" for state in self._balancer.health().values())

    def power(self, on: bool) -> None:  # noqa: FBT001  # a switch
        """Have everything that it runs end at once, or start again."""
        with self._lock:
            self._on = on
            self._make_room()
            task_sets = list(self._task_sets.values())
        if self._workers:
            self._workers.power(on)
        if not on:
            for task_set in task_sets:
                task_set.fail()

    def capacity(self, there: bool) -> None:  # noqa: FBT001  # a switch
        """Whether tasks that are ordered from now on find a place to start."""
        with self._lock:
            self._capacity = there
            self._make_room()

    def work(self) -> None:
        """Have the workers begin."""
        if self._workers:
            self._workers.power(True)  # noqa: FBT003  # on

    def rest(self) -> None:
        """Have the workers end."""
        if self._workers:
            self._workers.power(False)  # noqa: FBT003  # off

    @property
    def acknowledged(self) -> Path | None:
        """Where its workers write down what was acknowledged."""
        return self._workers.file if self._workers else None

    def stop(self) -> None:
        """End everything at once; what waits for room stops waiting."""
        self.rest()
        with self._lock:
            for task_set in self._task_sets.values():
                task_set.kill()
        self._balancer.stop()

    def _make_room(self) -> None:
        (self._room.set if self._on and self._capacity else self._room.clear)()

    def _variables(self, task_definition: str) -> TaskVariables:
        further: Mapping[str, str] = {**self._clock.variable, "REGION": self.region, "CA_FILE": str(self._ca)}
        return TaskVariables(self._apis, task_definition, self._hosts, further)
