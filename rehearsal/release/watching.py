"""What the engines do, seen from outside: by AWS's own APIs and by what reaches the stage."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

from rehearsal.emulator.apis import ApiError, Apis
from rehearsal.release.stage import Stage
from rehearsal.release.timeline import Kind, Timeline

LOOK_SECONDS: Final = 0.4
"""Real: between two looks. The embedded AWS has better things to do than to answer."""


class Watcher:
    """Notes what is new, in a thread of its own, until it is stopped."""

    def __init__(self, stage: Stage, apis: Apis, timeline: Timeline, *, application: str, cluster: str) -> None:
        self._stage = stage
        self._apis = apis
        self._timeline = timeline
        self._application = application
        self._cluster = cluster
        self._known: dict[str, str] = {}
        self._ledger = ""
        self._before: frozenset[str] | None = None
        self.troubles: set[str] = set()
        self._stopped = threading.Event()
        self._looks: tuple[Callable[[], Iterator[tuple[str, Kind, str]]], ...] = (
            self._weights,
            self._tasks,
            self._deployments,
            self._native,
            self._hooks,
            self._alarms,
        )
        # What stands already is not news.
        self._look(silent=True)
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look once more, then no more."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            self._look(silent=False)
        self._look(silent=False)

    def _look(self, *, silent: bool) -> None:
        for look in self._looks:
            try:
                for key, kind, text in look():
                    if self._known.get(key) != text:
                        self._known[key] = text
                        if not silent:
                            self._timeline.note(kind, text)
            except ApiError as error:
                # An engine that is not there has nothing to tell.
                self._known.setdefault(f"trouble {look.__name__}", str(error))
            except Exception as error:  # noqa: BLE001  # told at the end; a dead thread would be silence
                self.troubles.add(f"watching: {type(error).__name__}: {error}")

    def _weights(self) -> Iterator[tuple[str, Kind, str]]:
        for listener in self._stage.balancer.table.listeners:
            for rule in listener.rules:
                shares = " · ".join(f"{target_group_title(arn)} {weight}" for arn, weight in rule.weights)
                yield f"weights {rule.arn}", "weights", f"port {listener.port}: {shares}"

    def _tasks(self) -> Iterator[tuple[str, Kind, str]]:
        for name, text in self._stage.described().items():
            yield f"tasks {name}", "tasks", text

    def _deployments(self) -> Iterator[tuple[str, Kind, str]]:
        listed = self._ask("codedeploy", "list_deployments").get("deployments", [])
        if self._before is None:
            # Those of the environment's creation are over.
            self._before = frozenset(listed)
        for deployment_id in (one for one in listed if one not in self._before):
            found = self._ask("codedeploy", "get_deployment", deploymentId=deployment_id)["deploymentInfo"]
            said = found.get("errorInformation", {}).get("message", "")
            text = f"CodeDeploy {deployment_id}: {found['status']}{f' ({said})' if said else ''}"
            yield f"deployment {deployment_id}", "phase", text
            yield from self._events(deployment_id)

    def _events(self, deployment_id: str) -> Iterator[tuple[str, Kind, str]]:
        for target_id in self._ask("codedeploy", "list_deployment_targets", deploymentId=deployment_id).get(
            "targetIds", []
        ):
            answer = self._ask("codedeploy", "get_deployment_target", deploymentId=deployment_id, targetId=target_id)
            target = answer["deploymentTarget"].get("ecsTarget", {})
            for event in target.get("lifecycleEvents", []):
                if event["status"] not in ("Pending", "Skipped"):
                    name = event["lifecycleEventName"]
                    text = f"{deployment_id} {name}: {event['status']}"
                    yield f"event {deployment_id} {name}", "phase", text

    def _native(self) -> Iterator[tuple[str, Kind, str]]:
        for service in self._ask("ecs", "list_services", cluster=self._cluster).get("serviceArns", []):
            listed = self._ask("ecs", "list_service_deployments", service=service, cluster=self._cluster)
            arns = [one["serviceDeploymentArn"] for one in listed.get("serviceDeployments", [])]
            if not arns:
                continue
            described = self._ask("ecs", "describe_service_deployments", serviceDeploymentArns=arns)
            for one in described.get("serviceDeployments", []):
                name = one["serviceDeploymentArn"].rpartition("/")[2][:12]
                stage, reason = one.get("lifecycleStage", ""), one.get("statusReason", "")
                text = f"ECS {name}: {one['status']} {stage} {reason}".rstrip()
                yield f"native {name} {one['status']} {stage}", "phase", text

    def _hooks(self) -> Iterator[tuple[str, Kind, str]]:
        if not self._ledger:
            tables = self._ask("dynamodb", "list_tables").get("TableNames", [])
            self._ledger = next((name for name in tables if "ledger" in name.lower()), "")
        if not self._ledger:
            return
        for item in self._ask("dynamodb", "scan", TableName=self._ledger).get("Items", []):
            entry = item["entry"]["S"]
            verdict, reason = item.get("verdict", {}).get("S", ""), item.get("reason", {}).get("S", "")
            if entry.startswith("hook#") and verdict:
                yield f"{item['release']['S']} {entry}", "hook", f"{entry.split('#')[1]}: {verdict}: {reason}"

    def _alarms(self) -> Iterator[tuple[str, Kind, str]]:
        for alarm in self._ask("cloudwatch", "describe_alarms").get("MetricAlarms", []):
            if alarm["AlarmName"].startswith(self._application):
                yield f"alarm {alarm['AlarmName']}", "alarm", f"{alarm['AlarmName']}: {alarm['StateValue']}"

    def _ask(self, api: str, operation: str, /, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401  # AWS's
        return self._apis.call(api, operation, parameters)


def target_group_title(arn: str) -> str:
    """The name within `targetgroup/<name>/<id>`."""
    return arn.split("/")[1] if "/" in arn else arn
