"""Where tasks run and requests go: satisfied at once by default, or a process that really runs them, over HTTP.

All durations are virtual seconds; both sides share the rehearsal's clock.
"""

import hashlib
import json
import threading
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

ANSWER_SECONDS = 30
NOT_FOUND = 404


@dataclass(frozen=True)
class TaskState:
    """A task as the data plane knows it."""

    id: str
    address: str
    port: int
    status: str
    "PENDING, RUNNING or STOPPED."
    health: dict[str, str] = field(default_factory=dict)
    "Per target group's ARN: initial, healthy, unhealthy or draining."
    exit_code: int | None = None


@dataclass(frozen=True, kw_only=True)
class TaskSetOrder:
    """Tasks that are to run."""

    id: str
    service: str
    count: int
    image_digest: str
    task_definition: str
    target_groups: tuple[str, ...]
    port: int


@dataclass(frozen=True, kw_only=True)
class OneOffOrder:
    """A task that runs once."""

    id: str
    image_digest: str
    command: tuple[str, ...]
    environment: dict[str, str]
    task_definition: str


@dataclass(frozen=True, kw_only=True)
class DatabaseOrder:
    """A database that is to run, known by its host; with a `source`, a host too, as its replica."""

    host: str
    region: str
    port: int
    source: str | None
    user: str
    "The administrator, whom RDS makes."
    password: str
    name: str


class DataPlane(Protocol):
    """What runs tasks and carries requests."""

    def start(self, order: TaskSetOrder) -> None:
        """Have tasks started and registered with their target groups; return before they are."""

    def tasks(self, task_set: str) -> list[TaskState]:
        """Return what became of a task set's tasks."""

    def stop(self, task_set: str, *, deregistration_seconds: float, stop_seconds: float) -> None:
        """Have tasks drained, then stopped; return before they are."""

    def route(self, table: dict[str, Any]) -> None:
        """Take the whole table of listeners, rules and target groups."""

    def run(self, order: OneOffOrder) -> None:
        """Have a task run once; return before it does."""

    def outcome(self, task: str) -> tuple[str, int | None]:
        """Return a one-off task's status and, once STOPPED, its exit code."""

    def network(self, region: str) -> dict[str, Any]:
        """Return where connections of a region's functions go: `hosts` or else `ports` of AWS's to ports on loopback, and
        the `ca_file` to trust.
        """

    def start_database(self, order: DatabaseOrder) -> None:
        """Have a database; return when it runs."""

    def promote_database(self, host: str) -> None:
        """Have a replica promoted; return before it is."""

    def database_role(self, host: str) -> str:
        """Return `primary` or `replica`."""

    def stop_database(self, host: str) -> None:
        """Have it gone with all it holds."""

    def key_values(self, stores: dict[str, dict[str, str]]) -> None:
        """Take what the CDN's key-value stores hold."""


class Satisfied:
    """A data plane on which everything is as wanted at once, for an emulator that nobody sends requests to."""

    def __init__(self) -> None:
        self._orders: dict[str, TaskSetOrder] = {}

    def start(self, order: TaskSetOrder) -> None:
        """Have the tasks there."""
        self._orders[order.id] = order

    def tasks(self, task_set: str) -> list[TaskState]:
        """Return as many healthy tasks as were wanted."""
        order = self._orders.get(task_set)
        if order is None:
            return []
        seed = hashlib.sha256(task_set.encode()).digest()
        health = dict.fromkeys(order.target_groups, "healthy")
        return [
            TaskState(f"{order.id}-{n}", f"10.{seed[0]}.{seed[1]}.{n + 4}", order.port, "RUNNING", health)
            for n in range(order.count)
        ]

    def stop(self, task_set: str, *, deregistration_seconds: float, stop_seconds: float) -> None:  # noqa: ARG002  # the protocol's
        """Have the tasks gone."""
        self._orders.pop(task_set, None)

    def route(self, table: dict[str, Any]) -> None:
        """Nobody sends requests here."""

    def run(self, order: OneOffOrder) -> None:
        """It has run already."""

    def outcome(self, task: str) -> tuple[str, int | None]:  # noqa: ARG002  # the protocol's
        """Return a success."""
        return "STOPPED", 0

    def network(self, region: str) -> dict[str, Any]:  # noqa: ARG002  # the protocol's
        """Nothing is there to connect to."""
        return {}

    def start_database(self, order: DatabaseOrder) -> None:
        """Nobody connects."""

    def promote_database(self, host: str) -> None:
        """It is one already."""

    def database_role(self, host: str) -> str:  # noqa: ARG002  # the protocol's
        """Return what it became at once."""
        return "primary"

    def stop_database(self, host: str) -> None:
        """Nothing ran."""

    def key_values(self, stores: dict[str, dict[str, str]]) -> None:
        """Nobody asks a CDN here."""


class OverHttp:
    """A data plane in a process of its own."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._routing = threading.Lock()

    def start(self, order: TaskSetOrder) -> None:
        """See DataPlane."""
        wanted = {
            "id": order.id,
            "service": order.service,
            "count": order.count,
            "image_digest": order.image_digest,
            "task_definition": order.task_definition,
            "target_groups": list(order.target_groups),
            "port": order.port,
        }
        self._ask("POST", "/task-sets", wanted)

    def tasks(self, task_set: str) -> list[TaskState]:
        """See DataPlane; a task set that the data plane does not know has no tasks."""
        try:
            answer = self._ask("GET", f"/task-sets/{task_set}")
        except urllib.error.HTTPError as error:
            if error.code != NOT_FOUND:  # HTTP's
                raise
            return []
        return [
            TaskState(
                id=task["id"],
                address=task["address"],
                port=task["port"],
                status=task["status"],
                health=task.get("health") or {},
                exit_code=task.get("exit_code"),
            )
            for task in answer["tasks"]
        ]

    def stop(self, task_set: str, *, deregistration_seconds: float, stop_seconds: float) -> None:
        """See DataPlane."""
        wanted = {"deregistration_seconds": deregistration_seconds, "stop_seconds": stop_seconds}
        self._ask("DELETE", f"/task-sets/{task_set}", wanted)

    def route(self, table: dict[str, Any]) -> None:
        """See DataPlane."""
        with self._routing:
            self._ask("PUT", "/routes", table)

    def run(self, order: OneOffOrder) -> None:
        """See DataPlane."""
        wanted = {
            "id": order.id,
            "image_digest": order.image_digest,
            "command": list(order.command),
            "environment": order.environment,
            "task_definition": order.task_definition,
        }
        self._ask("POST", "/one-off-tasks", wanted)

    def outcome(self, task: str) -> tuple[str, int | None]:
        """See DataPlane."""
        answer = self._ask("GET", f"/one-off-tasks/{task}")
        return answer["status"], answer.get("exit_code")

    def network(self, region: str) -> dict[str, Any]:
        """See DataPlane; a data plane without one has no address for it."""
        return self._ask_if_there("GET", f"/network/{region}")

    def start_database(self, order: DatabaseOrder) -> None:
        """See DataPlane; one without databases of regions has its own already."""
        self._ask_if_there("PUT", f"/databases/{order.host}", asdict(order))

    def promote_database(self, host: str) -> None:
        """See DataPlane."""
        self._ask("POST", f"/databases/{host}")

    def database_role(self, host: str) -> str:
        """See DataPlane."""
        return str(self._ask("GET", f"/databases/{host}")["role"])

    def stop_database(self, host: str) -> None:
        """See DataPlane."""
        self._ask_if_there("DELETE", f"/databases/{host}")

    def key_values(self, stores: dict[str, dict[str, str]]) -> None:
        """See DataPlane; one without a CDN has no use for them."""
        self._ask_if_there("PUT", "/key-values", {"stores": stores})

    def _ask_if_there(self, method: str, path: str, wanted: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            return self._ask(method, path, wanted)
        except urllib.error.HTTPError as error:
            if error.code != NOT_FOUND:
                raise
            return {}

    def _ask(self, method: str, path: str, wanted: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  # this rehearsal's own address
            self._url + path,
            method=method,
            data=json.dumps(wanted).encode() if wanted is not None else None,
            headers={"Content-Type": "application/json"},
        )
        with self._opener.open(request, timeout=ANSWER_SECONDS) as answer:
            content: dict[str, Any] = json.loads(answer.read() or b"{}")
            return content
