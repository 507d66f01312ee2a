"""Replications of file systems: made by a template, ended from either side, as EFS has it."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.under_test import EDGE_REGION, REGION, Emulator, Stack

FILES = {"Type": "AWS::EFS::FileSystem", "Properties": {"Encrypted": True}}
OUTPUTS: dict[str, Any] = {"Outputs": {"Id": {"Value": {"Ref": "Files"}}}}


def replicated(target: str) -> dict[str, object]:
    """A template's file system that is copied to another region's."""
    destination = {"FileSystemId": target, "Region": EDGE_REGION}
    properties = {"Encrypted": True, "ReplicationConfiguration": {"Destinations": [destination]}}
    return {"Files": {"Type": "AWS::EFS::FileSystem", "Properties": properties}}


@pytest.fixture
def pair(new_stack: Callable[..., Stack]) -> tuple[Stack, str, str]:
    """The stack of a file system, its ID, and that of its copy in another region."""
    target = new_stack(EDGE_REGION).deploy({"Files": FILES}, **OUTPUTS)["Id"]
    stack = new_stack(REGION)
    return stack, stack.deploy(replicated(target), **OUTPUTS)["Id"], target


def sources(emulator: Emulator, region: str, name: str) -> list[str]:
    """Of the replications that a region knows of a file system."""
    efs = emulator.client("efs", region)
    try:
        found = efs.describe_replication_configurations(FileSystemId=name)
    except efs.exceptions.ReplicationNotFound:
        return []
    return [one["SourceFileSystemId"] for one in found["Replications"]]


def test_both_regions_know_a_replication(emulator: Emulator, pair: tuple[Stack, str, str]) -> None:
    """Each by its own file system."""
    _, source, target = pair
    assert [source] == sources(emulator, REGION, source) == sources(emulator, EDGE_REGION, target)


def test_the_side_of_the_copy_can_be_ended_alone(emulator: Emulator, pair: tuple[Stack, str, str]) -> None:
    """The other region still has its own, and the stack there can end it."""
    stack, source, target = pair
    emulator.client("efs", EDGE_REGION).delete_replication_configuration(
        SourceFileSystemId=source, DeletionMode="LOCAL_CONFIGURATION_ONLY"
    )
    assert ([], [source]) == (sources(emulator, EDGE_REGION, target), sources(emulator, REGION, source))
    stack.deploy({"Files": FILES}, **OUTPUTS)
    assert [] == sources(emulator, REGION, source)


def test_both_sides_end_together(emulator: Emulator, pair: tuple[Stack, str, str]) -> None:
    """When nothing else is asked for; and what is not there cannot be ended."""
    _, source, target = pair
    efs = emulator.client("efs", EDGE_REGION)
    efs.delete_replication_configuration(SourceFileSystemId=source)
    assert ([], []) == (sources(emulator, EDGE_REGION, target), sources(emulator, REGION, source))
    with pytest.raises(ClientError, match="ReplicationNotFound"):
        efs.delete_replication_configuration(SourceFileSystemId=source)
