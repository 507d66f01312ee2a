"""Until all is well in both regions: the application's login is made, tasks are healthy, the stand-in follows, looks, and sees
nothing wrong.
"""

from __future__ import annotations

import json
import time
from typing import Final

from rehearsal.emulator.apis import ApiError
from rehearsal.failover.deployed import Deployed
from rehearsal.failover.project import SERVICE
from rehearsal.failover.recovery_table import RecoveryTable
from rehearsal.failover.scene import Scene
from rehearsal.failure import RehearsalError

SETTLE_SECONDS: Final = 180.0
"""Real: a busy machine starts a dozen processes."""
LOOK_SECONDS: Final = 0.2


def prepare(deployed: Deployed, scene: Scene, table: RecoveryTable) -> None:
    """Raises RehearsalError when it does not become well."""
    _login(deployed)
    deadline = time.monotonic() + SETTLE_SECONDS
    while missing := _missing(deployed, scene, table):
        if time.monotonic() > deadline:
            raise RehearsalError(f"waited in vain for {missing}", remedy="see the logs, kept with --keep")
        time.sleep(LOOK_SECONDS)


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


def _missing(deployed: Deployed, scene: Scene, table: RecoveryTable) -> str:
    for region, site in scene.stage.sites.items():
        if not site.healthy():
            return f"healthy tasks in {region}"
    try:
        if table.item(deployed.stand_in, "lease") is None:
            return "the lease in the stand-in's table"
        signals = table.item(deployed.stand_in, "signals")
        seen = json.loads(str(signals["observations"]))[-1] if signals else {}
    except ApiError as error:
        return f"the recovery table: {error}"
    if seen.get("probe") != "ready" or not seen.get("streaming") or not seen.get("heartbeat"):
        return "a look of the stand-in's that sees the active region at work"
    # While everything starts, the stand-in sees nothing of the active region, and may have begun to look closer.
    if scene.ringing():
        return "the end of the alarm that starts failovers"
    if scene.executions():
        return "the end of a failover that the start of everything began"
    return ""
