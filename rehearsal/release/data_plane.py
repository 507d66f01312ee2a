"""The stage of a release, as the engines in the embedded AWS's process ask for it.

| request | effect |
|---|---|
| PUT /routes | the whole routing table |
| POST /task-sets | have `count` tasks of an image in target groups; again to scale |
| GET, DELETE /task-sets/ID | what became of them; drain and stop them |
| POST /one-off-tasks, GET /one-off-tasks/ID | a command of an image |
| GET /network/REGION | where handlers' connections go |
"""

from __future__ import annotations

from typing import Any

from rehearsal.plane_server import PlaneServer, UnknownRequest
from rehearsal.release.routing_table import read
from rehearsal.release.stage import Stage


class DataPlane(PlaneServer):
    """Serves a stage."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(self._done)
        self._stage = stage

    def _done(self, method: str, kind: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        stage = self._stage
        match method, kind:
            case "GET", "network":
                return stage.network
            case "PUT", "routes":
                stage.apply(read(body))
            case "POST", "task-sets":
                stage.run_task_set(body["id"], body["image_digest"], int(body["count"]), body["target_groups"])
            case "GET", "task-sets":
                return stage.task_set(name)
            case "DELETE", "task-sets":
                seconds = float(body["deregistration_seconds"]), float(body["stop_seconds"])
                stage.end_task_set(name, *seconds)
            case "POST", "one-off-tasks":
                stage.run_one_off(body["id"], body["image_digest"], body["command"], body.get("environment", {}))
            case "GET", "one-off-tasks":
                return stage.one_off(name)
            case _:
                raise UnknownRequest(f"{method} /{kind}")
        return {}
