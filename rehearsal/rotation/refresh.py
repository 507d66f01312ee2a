"""The played refresh: every service's task is replaced, a new one being up before the old one stops; some services late."""

from __future__ import annotations

import time

from rehearsal.rotation.amazon import SERVICES, Amazon
from rehearsal.rotation.fleet import Fleet
from rehearsal.rotation.rotating import Rotating, Wrong

QUICK = SERVICES[: len(SERVICES) // 2]
LATE = SERVICES[len(QUICK) :]


class Refresh:
    """The services' tasks, and how they come to a secret's newest version."""

    def __init__(self, amazon: Amazon, fleet: Fleet, secret: Rotating) -> None:
        self._amazon, self._fleet, self._secret = amazon, fleet, secret
        self._tasks: dict[str, str] = {}
        self._numbers = dict.fromkeys(SERVICES, 0)

    def begin(self) -> None:
        """Start a task of every service. Raises Wrong."""
        for service in SERVICES:
            self._replace(service)

    def quick(self) -> None:
        """Bring the quick half to the newest version. Raises Wrong."""
        self._secret.wait_until_current()
        for service in QUICK:
            self._replace(service)

    def late(self, seconds: float) -> None:
        """Some time later, the other half. Raises Wrong."""
        time.sleep(seconds)
        for service in LATE:
            self._replace(service)

    def end(self) -> None:
        """Let all tasks finish what they are at. Raises Wrong."""
        for service in list(self._tasks):
            self._stop(service, self._numbers[service])

    def _replace(self, service: str) -> None:
        number = self._numbers[service] + 1
        # As ECS does it: the task is created, and then its secret is read.
        task = self._amazon.tasks.run(service)
        if not self._fleet.start(service, number, self._secret.value):
            raise Wrong(f"{service} does nothing with the newest secret")
        if service in self._tasks:
            self._stop(service, self._numbers[service])
        self._numbers[service], self._tasks[service] = number, task

    def _stop(self, service: str, number: int) -> None:
        if not self._fleet.stop_task(service, number):
            raise Wrong(f"{service} did not end")
        self._amazon.tasks.stop(self._tasks.pop(service))
