"""What a region's guard meets: the first look, the next, a request to hand over, and the end of it.

The database is in memory, because nothing that happens there is AWS's to allow; its administrator's secret is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from leasing.world import Server, Store, World
from permissions.scenarios.stored_secrets import StoredSecrets
from permissions.scene import Scene

from shared.login import Login


def play(scene: Scene) -> None:
    """As the site that the spec begins with, whichever this one is, so that it has something to renew."""
    told = json.loads(scene.variables["GUARD"])
    scene.aws.answers = dict(StoredSecrets(scene.function.deployed).answers())
    with patch.dict("os.environ", {"GUARD": json.dumps({**told, "active": True})}), _database(told["region"]):
        for reason in ("first", "holder"):
            assert reason == _look(scene)["reason"]
        scene.put_item(f"{told['prefix']}-recovery", told["region"], _request(told["peer_region"]))
        _look(scene)
        found = scene.item(f"{told['prefix']}-recovery", told["region"], "handover")
        assert "fenced_at" in found, "the request was not answered"


def _look(scene: Scene) -> dict[str, Any]:
    answer: dict[str, Any] = scene.invoke({"started": datetime.now(UTC).isoformat()})
    assert "IN_PROGRESS" == answer["status"], answer
    return answer


def _request(region: str) -> dict[str, Any]:
    """As the other site's workflow writes it."""
    later = str(int(datetime.now(UTC).timestamp()) + 600)
    return {"item": {"S": "handover"}, "execution": {"S": "one"}, "to": {"S": region}, "expires_at": {"N": later}}


@contextmanager
def _database(region: str) -> Iterator[None]:
    """It takes the administrator's first login."""

    @contextmanager
    def administering(_: object, logins: Iterable[Login], *_rest: object, **_more: object) -> Iterator[Any]:
        yield SimpleNamespace(login=next(iter(logins)))

    world = World(stores={region: Store(writable=True)})
    server = Server(world, region)
    with (
        patch("region_guard.database.administering", administering),
        patch("region_guard.database.Database.state", lambda _: server.state()),
        patch("region_guard.database.Database.beat", lambda _, found, beat: server.beat(found, beat)),
        patch(
            "region_guard.database.Database.fence", lambda _, found, fence, *, now: server.fence(found, fence, now=now)
        ),
    ):
        yield
