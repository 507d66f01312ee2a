"""What the hook meets: a deployment made for the region that takes the writes, and one that is not."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from permissions.scene import Scene


def play(scene: Scene) -> None:
    """The lease is held by the first region that it asks, its own."""
    told = json.loads(scene.variables["HOOK"])
    own, other = told["regions"][:2]
    lease = {
        "item": {"S": "lease"},
        "holder": {"S": own},
        "epoch": {"N": "2"},
        "until": {"N": "0"},
        "serial": {"N": "1"},
    }
    scene.put_item(f"{told['prefix']}-recovery", own, lease)
    assert "SUCCESS" == _ask(scene, own)["hookStatus"]
    assert "NonCompliant" == _ask(scene, other)["errorCode"]


def _ask(scene: Scene, active: str) -> dict[str, Any]:
    payload = {"template": json.dumps({"Metadata": {"Understudy": {"ActiveRegion": active}}})}
    answer: dict[str, Any] = scene.invoke(
        {
            "clientRequestToken": "token",
            "stackId": scene.arn("cloudformation", "stack/shop-prod-services/1"),
            "actionInvocationPoint": "UPDATE_PRE_PROVISION",
            # In the place of the presigned URL, which asks for no permission.
            "requestData": {"targetName": "STACK", "payload": f"data:application/json,{quote(json.dumps(payload))}"},
        }
    )
    return answer
