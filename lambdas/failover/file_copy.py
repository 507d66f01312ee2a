"""The files of the waiting site: EFS keeps them in step with the active one's, and lets nobody else write, until that is ended."""

from __future__ import annotations

from dataclasses import dataclass

from shared.aws import client, is_error


@dataclass(frozen=True, slots=True)
class Replication:
    """To this site's file system."""

    source: str
    """ID of the other site's."""
    ending: bool
    """Whether EFS is deleting it already: that takes minutes (EFS User Guide, deleting replication configurations)."""
    as_of: float | None
    """What was written until then is here; epoch seconds, None before the first time that everything was."""


def replication(file_system: str) -> Replication | None:
    """To the file system `file_system` of this region, as this region knows it; None where there is none, and so it takes writes."""
    try:
        found = client("efs").describe_replication_configurations(FileSystemId=file_system)["Replications"]
    except Exception as failure:
        if is_error(failure, "ReplicationNotFound"):
            return None
        raise
    for each in found:
        for destination in each["Destinations"]:
            if destination["FileSystemId"] == file_system:
                last = destination.get("LastReplicatedTimestamp")
                return Replication(
                    each["SourceFileSystemId"], destination["Status"] == "DELETING", last.timestamp() if last else None
                )
    return None


def end(replication: Replication, *, everywhere: bool) -> None:
    """Have it deleted, after which EFS lets in whoever writes.

    `everywhere`: in the other region as well, which has to answer for that; otherwise here alone, and what the other region
    knows of it cannot be used any more (EFS API, DeleteReplicationConfiguration).
    """
    try:
        client("efs").delete_replication_configuration(
            SourceFileSystemId=replication.source,
            DeletionMode="ALL_CONFIGURATIONS" if everywhere else "LOCAL_CONFIGURATION_ONLY",
        )
    except Exception as failure:
        # Somebody else had it deleted in the meantime.
        if not is_error(failure, "ReplicationNotFound"):
            raise
