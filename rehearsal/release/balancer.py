"""The application load balancer of the rehearsal: HAProxy, told what the engines want."""

from __future__ import annotations

import csv
import threading
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Final, Literal

from rehearsal.clock import Clock
from rehearsal.failure import RehearsalError
from rehearsal.release.balancer_configuration import OPEN, PLACES, Layout, Place, configuration
from rehearsal.release.routing_table import RoutingTable
from rehearsal.servers.haproxy import HAProxy

Health = Literal["initial", "healthy", "unhealthy", "draining", "unused"]

LINES_AT_ONCE: Final = 200
"""Entries of a map in one command: HAProxy takes 16 KiB."""


@dataclass(frozen=True, slots=True)
class Target:
    """A task's place in a target group."""

    group: str
    place: int


class Balancer:
    """Thread-safe: the data plane's requests, the tasks and the metrics come from threads of their own."""

    def __init__(self, layout: Layout, clock: Clock) -> None:
        self.layout = layout
        self._clock = clock
        self._lock = threading.RLock()
        self._haproxy = HAProxy(layout.folder)
        self.table = RoutingTable()
        self._names: dict[str, str] = {}
        self._places: dict[str, list[Place]] = defaultdict(list)
        self._next: dict[str, int] = defaultdict(int)
        self._keys: dict[str, str] = {}
        self._split: dict[str, list[str]] = {}
        self._settled: set[Target] = set()
        self._unhealthy_from: dict[Target, float] = {}
        self._stopped = False
        for path in (layout.split_map, *(layout.rules_map(port) for port in layout.ports)):
            path.write_text("")
        self._restart()

    @property
    def restarts(self) -> int:
        """How often it had to go over to a new configuration; a release needs none."""
        return self._haproxy.starts - 1

    @property
    def pid(self) -> int | None:
        """The process that has the listening sockets now."""
        program = self._haproxy.program
        return program.pid if program else None

    def group_of(self, backend: str) -> str:
        """Target group that a line of the log or a header means; empty when none does."""
        wanted = backend.removesuffix(OPEN)
        return next((arn for arn, name in self._names.items() if name == wanted), "")

    def backend_of(self, group: str) -> str:
        """Name that a target group has in the log and in headers."""
        return self._names[group]

    def apply(self, table: RoutingTable) -> None:
        """Obey a new table: weights and rules at once; other target groups take a new configuration."""
        with self._lock:
            same = self.table.target_groups == table.target_groups
            self.table = table
            for group in table.target_groups:
                self._names.setdefault(group.arn, f"tg{len(self._names)}")
            maps = self._maps()
            for file, lines in maps.items():
                (self.layout.folder / file).write_text("".join(f"{line}\n" for line in lines))
            if not same:
                self._restart()
                return
            for file, lines in maps.items():
                self._replace(file, lines)

    def register(self, group: str, port: int) -> Target:
        """A new target; it gets requests once it is healthy."""
        with self._lock:
            number = self._next[group]
            if number >= PLACES:
                raise RehearsalError(f"{group} has had {PLACES} tasks", remedy="that is more than a release needs")
            self._next[group] = number + 1
            self._places[group].append(Place(number, port, draining=False))
            name = self._names[group]
            for backend in (name, name + OPEN):
                self._command(f"set server {backend}/s{number} addr 127.0.0.1 port {port}")
            # One that leaves maintenance counts as healthy. Without weight it gets nothing until that is corrected; from
            # then on the checks decide.
            for words in ("weight 0", "state ready", "health down", "weight 1"):
                self._command(f"set server {name}/s{number} {words}")
            check = next(one.health_check for one in self.table.target_groups if one.arn == group)
            first_verdict = check.interval_seconds * check.unhealthy_threshold
            self._unhealthy_from[Target(group, number)] = self._clock.epoch() + first_verdict
            return Target(group, number)

    def drain(self, target: Target) -> None:
        """No new requests; those under way are finished."""
        with self._lock:
            self._mark(target, draining=True)
            self._each(target, "state drain")

    def requests_under_way(self, target: Target) -> int:
        """How many requests it has at this moment."""
        name = self._names[target.group]
        return sum(int(row["scur"] or 0) for row in self._rows() if row["pxname"] in (name, name + OPEN)
                   and row["svname"] == f"s{target.place}")  # fmt: skip

    def deregister(self, target: Target) -> None:
        """Gone: requests still under way are cut, as an ALB does when the delay is over."""
        with self._lock:
            self._each(target, "state maint")
            self._each(target, "", command="shutdown sessions server")
        with self._lock:
            kept = [place for place in self._places[target.group] if place.number != target.place]
            self._places[target.group] = kept

    def health(self) -> dict[Target, Health]:
        """Every target's state, as DescribeTargetHealth names them."""
        with self._lock:
            names = {name: arn for arn, name in self._names.items()}
            draining = {
                Target(group, place.number): place.draining
                for group, places in self._places.items()
                for place in places
            }
            found: dict[Target, Health] = {}
            for row in self._rows():
                target = Target(names.get(row["pxname"], ""), _number(row["svname"]))
                if target in draining:
                    found[target] = "draining" if draining[target] else self._checked(target, row["status"])
            return found

    def stop(self) -> None:
        """Stop at once; tasks that end later find nothing to be taken out of."""
        self._stopped = True
        self._haproxy.stop()

    def _checked(self, target: Target, status: str) -> Health:
        # "UP 1/3" is up, with a failed check; "DOWN 1/2" is down, with a good one.
        up = status.startswith("UP")
        if not up and target not in self._settled and self._clock.epoch() <= self._unhealthy_from[target]:
            return "initial"
        if target not in self._settled:
            # Only what has been checked is open to everybody when all are unhealthy: a new task may not even listen yet.
            self._command(f"set server {self._names[target.group]}{OPEN}/s{target.place} state ready")
            self._settled.add(target)
        return "healthy" if up else "unhealthy"

    def _mark(self, target: Target, *, draining: bool) -> None:
        with self._lock:
            self._places[target.group] = [
                replace(place, draining=draining) if place.number == target.place else place
                for place in self._places[target.group]
            ]

    def _each(self, target: Target, words: str, *, command: str = "set server") -> None:
        if target.group not in {group.arn for group in self.table.target_groups}:
            # Deleted while its tasks were leaving: its backend went with it.
            return
        name = self._names[target.group]
        for backend in (name, name + OPEN):
            self._command(f"{command} {backend}/s{target.place} {words}".rstrip())

    def _rows(self) -> list[dict[str, str]]:
        # 4: servers alone.
        answer = self._haproxy.command("show stat -1 4 -1")
        return list(csv.DictReader(answer.removeprefix("# ").splitlines()))

    def _maps(self) -> dict[str, list[str]]:
        """Contents of the maps, in the order in which they may be replaced one by one.

        A rule keeps its key for ever, and the shares of one that is gone stay: whichever map is newer, no request meets
        a rule without shares.
        """
        for rule in (rule for listener in self.table.listeners for rule in listener.rules):
            key = self._keys.setdefault(rule.arn, f"r{len(self._keys)}")
            self._split[key] = [f"{key}/{side} {self._names[group]}" for side, group in enumerate(rule.buckets())]
        split = [line for lines in self._split.values() for line in lines]
        rules = {
            self.layout.rules_map(port).name: [
                f"{rule.pattern} {self._keys[rule.arn]}" for rule in self.table.rules(port)
            ]
            for port in self.layout.ports
        }
        return {self.layout.split_map.name: split, **rules}

    def _replace(self, file: str, lines: list[str]) -> None:
        path = self.layout.folder / file
        answer = self._haproxy.command(f"prepare map {path}")
        version = answer.rpartition(":")[2].strip()
        for start in range(0, len(lines), LINES_AT_ONCE):
            self._command(f"add map @{version} {path}", "\n".join(lines[start : start + LINES_AT_ONCE]))
        self._command(f"commit map @{version} {path}")

    def _restart(self) -> None:
        self._haproxy.start(
            configuration(self.layout, self.table, self._names, self._places, self._clock, self._haproxy.socket)
        )

    def _command(self, line: str, payload: str | None = None) -> None:
        try:
            answer = self._haproxy.command(line, payload)
        except OSError:
            if self._stopped:
                return
            raise
        # Most say nothing when they succeed; these two tell what they changed.
        if answer and not answer.startswith(("IP changed", "no need to change", "port changed")):
            raise RehearsalError("HAProxy refuses a command", remedy=line, details=answer)


def _number(server: str) -> int:
    return int(server[1:]) if server[1:].isdigit() else -1
