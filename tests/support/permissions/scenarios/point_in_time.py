"""What a restore to a moment meets: refused without the environment's name, asked for, looked into, told."""

from __future__ import annotations

import json

from permissions.scenarios.stored_databases import PARTS, StoredDatabases, in_memory
from permissions.scenarios.stored_manifests import StoredManifests
from permissions.scene import Scene

from shared.census import Census


def play(scene: Scene) -> None:
    """One restore from beginning to end."""
    from point_in_time import restore

    mine = json.loads(scene.variables["POINT_IN_TIME"])
    databases = StoredDatabases(scene)
    manifests = StoredManifests(mine["records_bucket"], "database", Census(1.0, PARTS))
    scene.aws.answers = {**databases.answers(), **manifests.answers(), "sns.Publish": {"MessageId": "1"}}
    request = {"environment": mine["prefix"], "moment": "2026-11-28T12:00:00Z", "by": "somebody", "execution": "e"}
    assert "FAILED" == scene.invoke({"request": {**request, "environment": "another"}})["status"]
    with in_memory(restore):
        answers = [scene.invoke({"request": request})["status"] for _ in range(3)]
    assert ["IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED"] == answers
