"""The physical stage of a release: database, load balancer, tasks; everything that AWS would run, on loopback."""

from __future__ import annotations

import secrets
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from rehearsal.clock import Clock
from rehearsal.ports import free_port
from rehearsal.release.accounting import Accounting
from rehearsal.release.application.migration import SCHEMA_OF_THE_OLD_VERSION
from rehearsal.release.balancer import Balancer
from rehearsal.release.balancer_configuration import Layout
from rehearsal.release.one_off_task import OneOffTask
from rehearsal.release.routing_table import RoutingTable
from rehearsal.release.tasks import Start, TaskSet
from rehearsal.release.versions import by_digest
from rehearsal.servers.certificates import Authority
from rehearsal.servers.postgresql import PostgreSQL
from rehearsal.servers.redis import Redis

PORTS: Final = (443, 8443)
"""Of the load balancer: users, and tests."""

LOOPBACK: Final = ("localhost", "127.0.0.1")


Started = TypeVar("Started")


class Stage:
    """Started as a whole, stopped as a whole, also when its start fails half-way. Thread-safe."""

    def __init__(
        self, clock: Clock, *, pull_seconds: float, names: Sequence[str], migrates_at_start: bool = False
    ) -> None:
        """`pull_seconds`: virtual time until a container's process starts; `names`: those that certificates are for;
        `migrates_at_start`: whether a new version migrates by itself, as it must in a rolling update.
        """
        self.clock = clock
        # Below /tmp and short: a socket's path has a limit.
        self._temporary = tempfile.TemporaryDirectory(prefix="understudy-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        self._lock = threading.Lock()
        self._task_sets: dict[str, TaskSet] = {}
        self._one_off: dict[str, OneOffTask] = {}
        self._started: list[Any] = []
        try:
            self._start(pull_seconds, [*names, *LOOPBACK], migrates_at_start=migrates_at_start)
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        """It stands already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing of it is left."""
        self.stop()

    @property
    def network(self) -> dict[str, Any]:
        """Where a handler's connections go: AWS's ports to those on loopback, and whom to trust."""
        ports = {**self._ports, 5432: self.database.login.port, 6379: self.cache.port}
        return {"ca_file": str(self.authority.file), "ports": {str(port): local for port, local in ports.items()}}

    def port(self, listener: int) -> int:
        """Port on loopback of a listener's."""
        return self._ports[listener]

    def certify(self, names: Sequence[str]) -> None:
        """Let database and cache be known by the names that AWS gave them; they are known only once they are deployed."""
        certificate = self.authority.certificate("stores", [*names, *LOOPBACK])
        self.database.certify(certificate)
        self.cache.certify(certificate)

    def apply(self, table: RoutingTable) -> None:
        """Route by a new table."""
        self.balancer.apply(table)

    def run_task_set(self, name: str, digest: str, count: int, groups: Sequence[str]) -> None:
        """Have `count` tasks of an image in the target groups; again with another count to scale. Raises KeyError."""
        version = by_digest(digest)
        with self._lock:
            task_set = self._task_sets.get(name)
            if task_set is None:
                task_set = TaskSet(name, version, groups, self._container, self.balancer, self.clock)
                self._task_sets[name] = task_set
            patience = max(
                (group.deregistration_seconds for group in self.balancer.table.target_groups if group.arn in groups),
                default=0.0,
            )
            task_set.scale(count, patience, stop_seconds=30.0)

    def task_set(self, name: str) -> dict[str, Any]:
        """What became of it. Raises KeyError."""
        with self._lock:
            task_set = self._task_sets[name]
        return task_set.described(dict(self.balancer.health()))

    def end_task_set(self, name: str, deregistration_seconds: float, stop_seconds: float) -> None:
        """Let all its tasks leave; nothing happens when there is none of this name."""
        with self._lock:
            task_set = self._task_sets.get(name)
            if task_set:
                task_set.scale(0, deregistration_seconds, stop_seconds)

    def run_one_off(self, name: str, digest: str, command: Sequence[str], variables: Mapping[str, str]) -> None:
        """Run a command of an image; a second call of the same name changes nothing. Raises KeyError."""
        version = by_digest(digest)
        with self._lock:
            if name not in self._one_off:
                self._one_off[name] = OneOffTask(name, version, command, variables, self._container, self.clock)

    def one_off(self, name: str) -> dict[str, Any]:
        """What became of it. Raises KeyError."""
        with self._lock:
            return self._one_off[name].described()

    def described(self) -> dict[str, str]:
        """Task sets and one-off tasks by name, each in a few words."""
        health = self.balancer.health()
        with self._lock:
            found = {}
            for name, task_set in self._task_sets.items():
                states = Counter(
                    "leaving" if task.status == "RUNNING" and not task.wanted
                    else next((health[target] for target in task.targets if target in health), task.status.lower())
                    if task.status == "RUNNING" else task.status.lower()
                    for task in task_set.tasks
                )  # fmt: skip
                words = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
                found[name] = f"{task_set.version.name}: {words}"
            for name, task in self._one_off.items():
                state = task.described()
                ended = "" if state["exit_code"] is None else f", exit code {state['exit_code']}"
                found[name] = f"{' '.join(task.command)} of {task.version.name}: {state['status'].lower()}{ended}"
            return found

    def live_versions(self) -> dict[str, int]:
        """How many tasks of which version run and are wanted."""
        with self._lock:
            found: dict[str, int] = {}
            for task_set in self._task_sets.values():
                running = sum(task.status == "RUNNING" and task.wanted for task in task_set.tasks)
                if running:
                    found[task_set.version.name] = found.get(task_set.version.name, 0) + running
            return found

    def health_by_version(self) -> dict[str, list[str]]:
        """Of every version with running tasks, leaving ones included: each task's state, healthy if it is everywhere."""
        health = self.balancer.health()
        with self._lock:
            found: dict[str, list[str]] = {}
            for task_set in self._task_sets.values():
                for task in task_set.tasks:
                    states = {health.get(target, "unused") for target in task.targets} or {"initial"}
                    if task.status == "RUNNING":
                        found.setdefault(task_set.version.name, []).append(
                            "healthy" if states == {"healthy"} else min(states - {"healthy"})
                        )
            return found

    def places_of(self, version: str) -> frozenset[str]:
        """Every `backend/server` of the load balancer where a task of `version` ever stood."""
        with self._lock:
            return frozenset(
                f"{self.balancer.backend_of(target.group)}/s{target.place}"
                for task_set in self._task_sets.values()
                if task_set.version.name == version
                for task in task_set.tasks
                for target in task.targets
            )

    def schema_versions(self) -> list[str]:
        """What the database's migrations have left there."""
        connection = self.database.login.connect()
        try:
            rows = connection.run("SELECT version FROM schema_versions ORDER BY version")
            columns = connection.run(
                "SELECT 1 FROM information_schema.columns WHERE table_name = 'orders' AND column_name = 'note'"
            )
        finally:
            connection.close()
        return [*(str(row[0]) for row in rows), *(["column"] if columns else [])]

    def processes(self) -> list[int]:
        """IDs of everything it has running."""
        with self._lock:
            tasks = [task for task_set in self._task_sets.values() for task in task_set.tasks]
            found = [task.pid for task in tasks if task.pid]
        return [
            *found,
            self.database.program.pid,
            self.cache.program.pid,
            *([self.balancer.pid] if self.balancer.pid else []),
        ]

    def stop(self) -> None:
        """End everything at once."""
        with self._lock:
            task_sets = list(self._task_sets.values())
            others = list(self._one_off.values())
        for task_set in task_sets:
            task_set.kill()
        for one_off in others:
            one_off.kill()
        while self._started:
            self._started.pop().stop()
        self._temporary.cleanup()

    def _start(self, pull_seconds: float, names: list[str], *, migrates_at_start: bool) -> None:
        self.authority = Authority(self.folder)
        certificate = self.authority.certificate("servers", names)
        self.database = self._with(PostgreSQL(self.folder / "database", certificate=certificate))
        connection = self.database.login.connect()
        for statement in SCHEMA_OF_THE_OLD_VERSION.split(";"):
            if statement.strip():
                connection.run(statement)
        connection.close()
        self.cache = self._with(Redis(self.folder / "cache", certificate=certificate, password=secrets.token_hex(16)))
        self._ports = {port: free_port() for port in PORTS}
        layout = Layout(self.folder, self._ports, certificate.both, self.folder / "log.sock")
        # The log's reader stands before whoever writes it.
        self.accounting = self._with(Accounting(layout.log_socket, self.clock, self._group_of))
        self.balancer = self._with(Balancer(layout, self.clock))
        login = self.database.login
        self._container = Start(
            pull_seconds,
            migrates_at_start,
            {
                **self.clock.variable,
                "DATABASE_HOST": login.host,
                "DATABASE_PORT": str(login.port),
                "DATABASE_NAME": login.database,
                "DATABASE_USERNAME": login.user,
                "DATABASE_PASSWORD": login.password,
            },
            self.folder,
        )

    def _group_of(self, backend: str) -> str:
        return self.balancer.group_of(backend)

    def _with(self, started: Started) -> Started:
        self._started.append(started)
        return started
