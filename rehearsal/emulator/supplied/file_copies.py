"""EFS: replications between file systems of two regions. Each region keeps its side of one, and can delete that alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.efs import urls
from moto.efs.models import efs_backends
from moto.efs.responses import EFSResponse

from rehearsal.emulator.engines import reach
from rehearsal.emulator.engines.setting import SETTING, now
from rehearsal.emulator.supplied.shelf import Things, given, missing, shelf, supply

KIND = "replications"
ENDING_SECONDS = 120.0
"""Until the copy takes writes: "several minutes" (EFS User Guide, deleting replication configurations)."""


def create_replication_configuration(self: EFSResponse) -> ActionResult:
    """Copy a file system to another one from now on."""
    source, (destination,) = given(self, "SourceFileSystemId"), given(self, "Destinations")
    region = destination.get("Region", self.region)
    _file_system(self, self.region, source)
    _file_system(self, region, destination["FileSystemId"])
    for side in {self.region, region}:
        shelf(self, KIND, side)[source] = {
            "source": source,
            "from": self.region,
            "to": region,
            "target": destination["FileSystemId"],
            "made": now(),
            "synced": now(),
            "ends": None,
        }
    return ActionResult(_described(self, shelf(self, KIND)[source]))


def describe_replication_configurations(self: EFSResponse) -> ActionResult:
    """Show those of a file system, or of the region."""
    wanted = given(self, "FileSystemId")
    if wanted:
        _file_system(self, self.region, wanted)
    found = [one for one in _known(self).values() if wanted in (None, one["source"], one["target"])]
    if wanted and not found:
        raise missing(self, "ReplicationNotFound", f"A replication of {wanted}")
    return ActionResult({"Replications": [_described(self, one) for one in found]})


def delete_replication_configuration(self: EFSResponse) -> ActionResult:
    """End one, in both regions or on this side alone; what was the copy takes writes some minutes later."""
    source = given(self, "SourceFileSystemId")
    found = _known(self).get(source)
    if found is None:
        raise missing(self, "ReplicationNotFound", f"A replication of {source}")
    sides = {self.region}
    if given(self, "deletionMode") != "LOCAL_CONFIGURATION_ONLY":
        sides = {found["from"], found["to"]}
        if not reach.now().reaches(found["from"], found["to"]):
            raise missing(self, "InternalServerError", "The other region's side of it was")
    for side in sides:
        one = shelf(self, KIND, side).get(source)
        if one is not None and one["ends"] is None:
            one["ends"] = SETTING.clock.epoch() + (ENDING_SECONDS if SETTING.played else 0.0)
    return ActionResult({})


def _known(response: EFSResponse) -> Things:
    """Of this region, without those that have come to their end."""
    things = shelf(response, KIND)
    for source, one in list(things.items()):
        if one["ends"] is not None and one["ends"] <= SETTING.clock.epoch():
            del things[source]
    return things


def _described(response: EFSResponse, one: dict[str, Any]) -> dict[str, Any]:
    if one["ends"] is None and reach.now().reaches(one["from"], one["to"]):
        # Copied by the time that somebody looks; a region that is gone leaves it as it was.
        one["synced"] = now()
    synced: datetime = one["synced"]
    arn = f"arn:aws:elasticfilesystem:{one['from']}:{response.current_account}:file-system/{one['source']}"
    return {
        "SourceFileSystemId": one["source"],
        "SourceFileSystemRegion": one["from"],
        "SourceFileSystemArn": arn,
        "OriginalSourceFileSystemArn": arn,
        "CreationTime": one["made"],
        "Destinations": [
            {
                "Status": "ENABLED" if one["ends"] is None else "DELETING",
                "FileSystemId": one["target"],
                "Region": one["to"],
                "LastReplicatedTimestamp": synced,
            }
        ],
    }


def _file_system(response: EFSResponse, region: str, name: str) -> None:
    """Have moto say that it is not there, if it is not."""
    efs_backends[response.current_account][region].describe_file_systems(file_system_id=name)


def install() -> None:
    """Answer these operations from now on."""
    supply(
        EFSResponse,
        create_replication_configuration=create_replication_configuration,
        describe_replication_configurations=describe_replication_configurations,
        delete_replication_configuration=delete_replication_configuration,
    )
    urls.url_paths["/2015-02-01/file-systems/<file_system_id>/replication-configuration"] = EFSResponse.dispatch
    urls.url_paths["/2015-02-01/file-systems/replication-configurations"] = EFSResponse.dispatch
