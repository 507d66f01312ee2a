"""What the two ends meet: the other region holds the lease, or this one; a broker with a virtual host, which is not AWS's."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final, Self
from unittest.mock import patch

import msgspec
from permissions.scenarios.stored_secrets import StoredSecrets
from permissions.scene import Scene

from broker_mirror.models import Definitions, VirtualHost
from shared import clock

RECEIVING: Final = "broker_mirror.receiving.handler"
HOST: Final[dict[str, Any]] = {"queues": [{"name": "orders", "durable": True}]}


def play(scene: Scene) -> None:
    """Sending or receiving, whichever the function does; and nothing, with the lease elsewhere."""
    receives = scene.function.entry == RECEIVING
    written = msgspec.json.encode(Definitions(clock.epoch(), {"/": VirtualHost(**HOST)}))
    # Who holds the lease, the scenario says.
    scene.aws.passed_on = ("ssm",)
    scene.aws.answers = {
        **StoredSecrets(scene.function.deployed).answers(),
        "dynamodb.GetItem": _lease("elsewhere" if receives else scene.function.region),
        "s3.PutObject": {},
        "s3.GetObject": lambda _: {"Body": BytesIO(written)},
    }
    with patch("broker_mirror.broker.Management", _Broker):
        assert {"status": "in step" if receives else "written"} == scene.invoke({})
        scene.aws.answers["dynamodb.GetItem"] = _lease(scene.function.region if receives else "elsewhere")
        before = len(scene.aws.calls)
        scene.invoke({})
    assert ["GetItem"] == [call.operation for call in scene.aws.calls[before:]]


def _lease(holder: str) -> dict[str, Any]:
    numbers = {name: {"N": "1"} for name in ("epoch", "until", "serial")}
    return {"Item": {"item": {"S": "lease"}, "holder": {"S": holder}, **numbers}}


class _Broker:
    """The management API of one with a single virtual host."""

    def __init__(self, _host: str, _port: int, login: Any) -> None:
        self.login = login

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def get(self, *path: str) -> Any:
        match path:
            case ("vhosts",):
                return [{"name": "/"}]
            case ("definitions", _):
                return {}
            case ("users",) | ("vhosts", _, "permissions"):
                return []
            case _:
                return {}

    def put(self, *path: str, body: object) -> None:
        """Taken."""

    def post(self, *path: str, body: object) -> None:
        """Taken."""
