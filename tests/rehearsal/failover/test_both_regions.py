"""Both regions, deployed once: one is lost while users write, and the other one's stacks are updated without it.

`make test` plays one failover, `make test-full` two hundred drawn by lot.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from rehearsal import assembly
from rehearsal.deployment import DEPLOY, synthesis
from rehearsal.embedded_aws import SECRET_KEY, access_key
from rehearsal.failover.deployed import Deployed
from rehearsal.failover.plan import Plan, drawn
from rehearsal.failover.play import rehearse
from rehearsal.failover.project import APP, ENVIRONMENT, SERVICE
from rehearsal.failure import RehearsalError
from rehearsal.toolkit import PLACEHOLDER_ACCOUNT, Toolkit

SOAK = 200
LARGER = "db.t4g.large"


@pytest.fixture
def alone(regions: Deployed) -> Iterator[Deployed]:
    """Both regions, of which the home answers nothing; afterwards all is as before."""
    file = regions.project.folder / "apps" / f"{APP}.yaml"
    before = file.read_text(encoding="utf-8")
    regions.emulator.tell(reach={"dark": [regions.home], "cut": []})
    yield regions
    file.write_text(before, encoding="utf-8")
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


@contextmanager
def taken_over(regions: Deployed) -> Iterator[None]:
    """The stand-in holds the lease meanwhile, as after a failover that nobody has written down yet."""
    table = {"TableName": f"{regions.wanted.prefix}-recovery"}
    lease = {"item": {"S": "lease"}, "holder": {"S": regions.stand_in}, "epoch": {"N": "2"}}
    apis = regions.apis(regions.stand_in)
    apis.call("dynamodb", "put_item", {**table, "Item": {**lease, "until": {"N": "0"}, "serial": {"N": "1"}}})
    yield
    apis.call("dynamodb", "delete_item", {**table, "Key": {"item": {"S": "lease"}}})


def test_R4_the_stand_in_is_updated_while_its_other_region_is_gone(alone: Deployed) -> None:
    """Every stack of the stand-in takes a change of size, unless it has taken over meanwhile; the lost
    region answers nothing.
    """
    alone.project.change(f"{APP}.yaml", resize)
    toolkit = Toolkit(alone.project.workspace, alone.emulator, region=alone.stand_in)
    toolkit.run(synthesis(alone.project.workspace, APP, ENVIRONMENT), doing="synthesis")
    with taken_over(alone), pytest.raises(RehearsalError) as refused:
        deploy(alone, "standin-services")
    assert f"Write `active: {alone.stand_in}`" in refused.value.details

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

    # The CDK CLI would try for a minute and a half.
    lost = boto3.client(
        "cloudformation",
        region_name=alone.home,
        endpoint_url=alone.emulator.endpoint,
        aws_access_key_id=access_key(PLACEHOLDER_ACCOUNT),
        aws_secret_access_key=SECRET_KEY,
        config=Config(retries={"total_max_attempts": 1}),
    )
    with pytest.raises(ConnectionClosedError):
        lost.describe_stacks()


@pytest.mark.parametrize(
    "plan",
    [
        Plan(fault="dark"),
        pytest.param(Plan(fault="killed", at="take"), marks=pytest.mark.full),
        pytest.param(Plan(fault="switchover"), marks=pytest.mark.full),
    ],
    ids=lambda plan: plan.title,
)
def test_R8_a_region_is_lost_and_the_other_takes_over(regions: Deployed, plan: Plan) -> None:
    """Users are served again in time, and what is lost is within what is promised."""
    outcome = rehearse(regions, plan, tell=lambda _: None)
    assert () == outcome.wrongs, outcome
    assert "recovered" == outcome.ending


@pytest.mark.full
@pytest.mark.parametrize("seed", range(SOAK))
def test_R8_whatever_goes_wrong_at_whatever_moment(regions: Deployed, seed: int) -> None:
    """A fault and a moment by the die: the right ending, no two databases at once, no more lost than promised."""
    outcome = rehearse(regions, drawn(seed), tell=lambda _: None)
    assert () == outcome.wrongs, (seed, outcome)
