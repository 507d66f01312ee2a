"""The stage of a failover, as the engines in the embedded AWS's process ask for it: as of a release, of each region.

| request | effect |
|---|---|
| PUT /databases/HOST | have one, alone or as the replica of another |
| POST, GET, DELETE /databases/HOST | promote it; its role; have it gone |
| PUT /key-values | what the CDN's key-value stores hold |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rehearsal.plane_server import PlaneServer, UnknownRequest
from rehearsal.release.routing_table import read

if TYPE_CHECKING:
    from rehearsal.failover.stage import Stage


class DataPlane(PlaneServer):
    """Serves a stage."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(self._done)
        self._stage = stage

    def _done(self, method: str, kind: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        match kind:
            case "databases":
                return self._database(method, name, body)
            case "task-sets":
                return self._task_set(method, name, body)
            case "network":
                return self._stage.network(name)
            case "routes":
                table = read(body)
                for site in self._stage.sites.values():
                    site.apply(table)
            case "key-values":
                self._stage.key_values(body["stores"])
            case "one-off-tasks":
                # Migrations and restore tests: nothing of a failover waits for what they do.
                return {"status": "STOPPED", "exit_code": 0}
            case _:
                raise UnknownRequest(f"{method} /{kind}")
        return {}

    def _database(self, method: str, host: str, body: dict[str, Any]) -> dict[str, Any]:
        databases = self._stage.databases
        match method:
            case "PUT":
                login = (body["user"], body["password"], body["name"])
                databases.start(host, body["region"], body["source"], login)
            case "POST":
                databases.promote(host)
            case "DELETE":
                databases.drop(host)
            case _:
                return {"role": databases.role(host)}
        return {}

    def _task_set(self, method: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        sites = self._stage.sites
        match method:
            case "POST":
                definition = str(body["task_definition"])
                site = sites[definition.split(":")[3]]
                site.run_task_set(body["id"], int(body["count"]), body["target_groups"], definition)
            case "DELETE":
                for site in sites.values():
                    site.end_task_set(name, float(body["deregistration_seconds"]), float(body["stop_seconds"]))
            case _:
                found = [one for site in sites.values() if (one := site.task_set(name)) is not None]
                if not found:
                    raise UnknownRequest(f"there is no task set {name}")
                return found[0]
        return {}
