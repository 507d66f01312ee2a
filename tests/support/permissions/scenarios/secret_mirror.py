"""What the mirror meets: every secret has changed, then every change was taken back, then the region has lost the lease."""

from __future__ import annotations

import json
from typing import Any, Final

from permissions.scenarios.stored_secrets import CURRENT, FIRST, StoredSecrets
from permissions.scene import Scene

SECOND: Final = "second".ljust(32, "-")


def play(scene: Scene) -> None:
    """Each pair of secrets, in both regions."""
    name = f"/{scene.variables['PREFIX']}/secret-mirror"
    copies = json.loads(scene.parameter(name))
    scene.write_parameter(name, json.dumps(copies))
    secrets = StoredSecrets(scene.function.deployed)
    # Who holds the lease, the scenario says.
    scene.aws.passed_on = ("ssm",)
    scene.aws.answers = {
        **secrets.answers(),
        "dynamodb.GetItem": _lease(scene.function.region),
        "cloudwatch.PutMetricData": {},
        "stepfunctions.StartExecution": {"executionArn": "arn", "startDate": 0},
    }
    for copy in copies:
        secrets.by_arn[copy["source"]].put(SECOND, '{"password": "x"}', [CURRENT])
    assert {"copied": [copy["name"] for copy in copies]} == scene.invoke({})
    for copy in copies:
        secrets.by_arn[copy["source"]].place(CURRENT, FIRST)
    scene.invoke({})
    assert {FIRST} == {secrets.by_arn[copy["target"]].holder(CURRENT) for copy in copies}
    scene.aws.answers["dynamodb.GetItem"] = _lease(scene.variables["PEER_REGION"])
    assert [] == scene.invoke({})["copied"]


def _lease(holder: str) -> dict[str, Any]:
    numbers = {name: {"N": "1"} for name in ("epoch", "until", "serial")}
    return {"Item": {"item": {"S": "lease"}, "holder": {"S": holder}, **numbers}}
