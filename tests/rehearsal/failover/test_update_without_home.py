"""The stand-in's stacks, once created, are updated by the real CDK CLI while the other region answers nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal import assembly
from rehearsal.deployment import DEPLOY, synthesis
from rehearsal.failover.deployed import Deployed
from rehearsal.failover.project import APP, ENVIRONMENT, SERVICE
from rehearsal.failure import RehearsalError
from rehearsal.toolkit import PLACEHOLDER_ACCOUNT, Toolkit

LARGER = "db.t4g.large"


@pytest.fixture
def alone(regions: Deployed) -> Iterator[Deployed]:
    """Both regions, of which the home answers nothing; afterwards all is as before."""
    regions.emulator.tell(reach={"dark": [regions.home], "cut": []})
    yield regions
    regions.emulator.rewind()


def resize(content: Any) -> None:
    """Have a larger database and larger tasks."""
    environment = content["environments"][ENVIRONMENT]
    environment["database"] = {"instance_class": LARGER}
    environment["services"][SERVICE] |= {"vcpu": 1, "memory_gib": 2}


def deploy(regions: Deployed, stacks: str) -> None:
    """Deploy stacks by a pattern of their construct IDs, and nothing that they depend on, as from a terminal in the stand-in's region."""
    toolkit = Toolkit(regions.project.workspace, regions.emulator, region=regions.stand_in)
    arguments = [argument for argument in DEPLOY if argument != "--all"]
    toolkit.run([*arguments, stacks, "--exclusively", toolkit.assembly], doing="update", account=PLACEHOLDER_ACCOUNT)


def test_R4_the_stand_in_is_updated_while_its_other_region_is_gone(alone: Deployed) -> None:
    """Every stack of the stand-in takes a change of size; a stack of the lost region takes none."""
    alone.project.change(f"{APP}.yaml", resize)
    toolkit = Toolkit(alone.project.workspace, alone.emulator, region=alone.stand_in)
    toolkit.run(synthesis(alone.project.workspace, APP, ENVIRONMENT), doing="synthesis")
    names = [stack.name for stack in assembly.stacks(alone.project.workspace.assembly)]
    waiting = [name for name in names if name.startswith(f"{alone.wanted.prefix}-standin-")]
    assert len(waiting) >= 5
    deploy(alone, "standin-*")

    apis = alone.apis(alone.stand_in)
    (database,) = apis.call("rds", "describe_db_instances", {})["DBInstances"]
    assert LARGER == database["DBInstanceClass"]
    states = {stack["name"]: stack["status"] for stack in alone.emulator.stacks()}
    assert {"UPDATE_COMPLETE"} == {states[name] for name in waiting if name.endswith(("-data", "-services"))}, states
    definitions = apis.call("ecs", "list_task_definitions", {"sort": "DESC"})["taskDefinitionArns"]
    newest = apis.call("ecs", "describe_task_definition", {"taskDefinition": definitions[0]})["taskDefinition"]
    assert "1024" == newest["cpu"]

    with pytest.raises(RehearsalError):
        deploy(alone, "data")
