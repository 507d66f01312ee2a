"""Plays the engines' part on a stage: the contract's requests, sent by a test."""

from __future__ import annotations

import json
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rehearsal.clock import Clock
from rehearsal.release.data_plane import DataPlane
from rehearsal.release.load.record import Record, read
from rehearsal.release.stage import Stage
from rehearsal.release.users import Users
from rehearsal.release.versions import Version

HOST = "shop.example.com"
PLACE = "arn:aws:elasticloadbalancing:us-west-2:123456789012"
BLUE, GREEN = (f"{PLACE}:targetgroup/{name}/0123456789abcdef" for name in ("blue", "green"))
PATIENCE_SECONDS = 20.0


def target_group(arn: str) -> dict[str, Any]:
    """A target group as the engines describe it."""
    check = {
        "path": "/ready",
        "interval_seconds": 5,
        "timeout_seconds": 5,
        "healthy_threshold": 2,
        "unhealthy_threshold": 2,
        "matcher": "200",
    }
    return {"arn": arn, "health_check": check, "deregistration_seconds": 30}


def rule(arn: str, priority: str, path: str, **weights: int) -> dict[str, Any]:
    """A rule for a path of the application's host; weights by `blue` and `green`."""
    return {
        "arn": arn,
        "priority": priority,
        "conditions": [
            {"Field": "host-header", "HostHeaderConfig": {"Values": [HOST]}},
            {"Field": "path-pattern", "PathPatternConfig": {"Values": [path]}},
        ],
        "targets": [
            {"arn": {"blue": BLUE, "green": GREEN}[name], "weight": weight} for name, weight in weights.items()
        ],
    }


def table(*rules: dict[str, Any], test_rules: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """A whole table: production at 443, tests at 8443."""
    listeners = [
        {"arn": f"{PLACE}:listener/app/shop/1/443", "port": 443, "rules": list(rules)},
        {"arn": f"{PLACE}:listener/app/shop/1/8443", "port": 8443, "rules": list(test_rules)},
    ]
    return {"listeners": listeners, "target_groups": [target_group(BLUE), target_group(GREEN)]}


@dataclass
class Hand:
    """A stage, its data plane, and somebody who gives the orders."""

    stage: Stage
    data_plane: DataPlane
    clock: Clock
    started: list[Users] = field(default_factory=list)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a request to the data plane. Raises HTTPError."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.data_plane.url + path, method=method, data=data)
        with urllib.request.urlopen(request, timeout=30) as answer:
            content: dict[str, Any] = json.load(answer)
            return content

    def weights(self, blue: int, green: int) -> None:
        """Split the requests."""
        self.call("PUT", "/routes", table(rule("all", "10", "/*", blue=blue, green=green)))

    def run(self, name: str, version: Version, group: str, count: int = 2) -> None:
        """Start tasks."""
        self.call(
            "POST",
            "/task-sets",
            {
                "id": name,
                "service": "web",
                "count": count,
                "image_digest": version.digest,
                "task_definition": "arn",
                "target_groups": [group],
                "port": 3000,
            },
        )

    def migrate(self, name: str, version: Version) -> int | None:
        """Run the migration of an image; return its exit code."""
        body = {"id": name, "image_digest": version.digest, "command": ["migrate", "up"], "environment": {}}
        self.call("POST", "/one-off-tasks", {**body, "task_definition": "arn"})
        until(lambda: self.call("GET", f"/one-off-tasks/{name}")["status"] == "STOPPED")
        code: int | None = self.call("GET", f"/one-off-tasks/{name}")["exit_code"]
        return code

    def leave(self, name: str) -> None:
        """Let tasks leave."""
        self.call("DELETE", f"/task-sets/{name}", {"deregistration_seconds": 30, "stop_seconds": 30})

    def states(self, name: str) -> list[str]:
        """Each task's health, or its status where it has none."""
        tasks = self.call("GET", f"/task-sets/{name}")["tasks"]
        return [next(iter(task["health"].values()), task["status"]) for task in tasks]

    def healthy(self, name: str) -> None:
        """Wait until all tasks are."""
        until(lambda: set(self.states(name)) == {"healthy"})

    def load(self, rate: float = 150.0, slow_share: float = 0.02) -> Users:
        """Begin to send requests."""
        order = {
            "port": self.stage.port(443),
            "host": HOST,
            "ca_file": str(self.stage.authority.file),
            "rate": rate,
            "users": 500,
            "slow_share": slow_share,
            "orders_share": 0.1,
            "timeout_seconds": 10.0,
        }
        users = Users(order, self.stage.folder)
        self.started.append(users)
        return users


def until(true: Callable[[], bool]) -> None:
    """Wait for it; the test fails when it does not come."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def answers(users: Users) -> tuple[list[Record], Counter[tuple[str, int]]]:
    """All requests, and how many had which version's answer of which status."""
    users.stop()
    records = list(read(users.file))
    return records, Counter((record.version, record.status) for record in records)
