"""Until all is well in both regions: the application's login is made, tasks are healthy, the stand-in follows, looks, and sees
nothing wrong.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Final

from rehearsal.emulator.apis import ApiError
from rehearsal.failover.deployed import Deployed
from rehearsal.failover.project import SERVICE
from rehearsal.failover.recovery_table import RecoveryTable
from rehearsal.failover.scene import Scene
from rehearsal.failover.stage import Stage
from rehearsal.failure import RehearsalError

SETTLE_SECONDS: Final = 180.0
"""Real: a busy machine starts a dozen processes."""
LOOK_SECONDS: Final = 0.2
FRESH_SECONDS: Final = 20.0
"""Virtual: the age of a heartbeat that a guard writes every five."""


def hold_back(deployed: Deployed, stage: Stage) -> None:
    """Have the stand-in start no task before `prepare` lets it: a task is told its secrets once, and where an environment has stood
    for a while they were copied there long ago.
    """
    stage.sites[deployed.stand_in].capacity(there=False)


def prepare(deployed: Deployed, scene: Scene, table: RecoveryTable) -> None:
    """Raises RehearsalError when it does not become well."""
    _login(deployed)
    _wait_for(lambda: _no_lease(deployed, table))
    _copy_secrets(deployed)
    scene.stage.sites[deployed.stand_in].capacity(there=True)
    _wait_for(lambda: _missing(deployed, scene, table))


def _wait_for(missing: Callable[[], str]) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while said := missing():
        if time.monotonic() > deadline:
            raise RehearsalError(f"waited in vain for {said}", remedy="see the logs, kept with --keep")
        time.sleep(LOOK_SECONDS)


def _copy_secrets(deployed: Deployed) -> None:
    """What the clock has done every minute since the first deployment."""
    apis = deployed.apis(deployed.home)
    functions = apis.call("lambda", "list_functions", {})["Functions"]
    name = next(one["FunctionName"] for one in functions if one["Handler"].startswith("secret_mirror."))
    answer = apis.call("lambda", "invoke", {"FunctionName": name, "Payload": json.dumps({"scheduled": True})})
    if answer.get("FunctionError"):
        said = answer["Payload"].read().decode()
        raise RehearsalError("the stand-in's secrets could not be copied", remedy="see below", details=said)


def _login(deployed: Deployed) -> None:
    """Make the application's login valid at the database: what CloudFormation asks for where a database runs."""
    apis = deployed.apis(deployed.home)
    secret = apis.call("secretsmanager", "describe_secret", {"SecretId": _database_secret(deployed)})
    if not secret.get("RotationLambdaARN"):
        raise RehearsalError(f"{secret['Name']} is not rotated", remedy="is its rotation in the template?")
    event = {"Step": "establish", "SecretId": secret["ARN"]}
    call = {"FunctionName": secret["RotationLambdaARN"], "Payload": json.dumps(event)}
    answer = apis.call("lambda", "invoke", call)
    if answer.get("FunctionError"):
        said = answer["Payload"].read().decode()
        raise RehearsalError("the application's login could not be made", remedy="see below", details=said)


def _database_secret(deployed: Deployed) -> str:
    """ARN of the secret that tasks of the active region log in with."""
    apis = deployed.apis(deployed.home)
    request = {"familyPrefix": f"{deployed.wanted.prefix}-{SERVICE}", "sort": "DESC"}
    newest = apis.call("ecs", "list_task_definitions", request)["taskDefinitionArns"][0]
    definition = apis.call("ecs", "describe_task_definition", {"taskDefinition": newest})["taskDefinition"]
    for container in definition["containerDefinitions"]:
        for secret in container.get("secrets") or []:
            if secret["name"] == "DATABASE_USERNAME":
                return ":".join(secret["valueFrom"].split(":")[:7])
    raise RehearsalError(f"{newest} logs in at no database", remedy="has the service a database?")


def _no_lease(deployed: Deployed, table: RecoveryTable) -> str:
    try:
        lease = table.item(deployed.stand_in, "lease")
    except ApiError as error:
        return f"the recovery table: {error}"
    return "" if lease is not None else "the lease in the stand-in's table"


def _missing(deployed: Deployed, scene: Scene, table: RecoveryTable) -> str:
    for region, site in scene.stage.sites.items():
        if not site.healthy():
            return f"healthy tasks in {region}"
    try:
        signals = table.item(deployed.stand_in, "signals")
        seen = json.loads(str(signals["observations"]))[-1] if signals else {}
    except ApiError as error:
        return f"the recovery table: {error}"
    fresh = seen.get("heartbeat") and seen["at"] - seen["heartbeat"] < FRESH_SECONDS
    if seen.get("probe") != "ready" or not seen.get("streaming") or not fresh:
        return "a look of the stand-in's that sees the active region at work"
    # While everything starts, the stand-in sees nothing of the active region, and may have begun to look closer.
    if scene.ringing():
        return "the end of the alarm that starts failovers"
    if scene.executions():
        return "the end of a failover that the start of everything began"
    return ""
