"""Regions go dark and lose each other: nothing of them answers, runs or is called, and afterwards it goes on."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.rehearsal.engines.played import ACCOUNT, REGION, Played
from tests.rehearsal.engines.test_workflows import machine

STAND_IN = "us-east-1"
ASKS = """
import botocore.session
from botocore.config import Config
def handle(event, context):
    once = Config(retries={"total_max_attempts": 1})
    ssm = botocore.session.get_session().create_client("ssm", region_name=event["region"], config=once)
    try:
        ssm.describe_parameters()
    except Exception as failure:
        return type(failure).__name__
    return "answered"
"""


@pytest.fixture
def regions(played: Played) -> Iterator[Played]:
    """A played emulator that has all its regions again after the test."""
    yield played
    reach(played)


def reach(played: Played, *, dark: tuple[str, ...] = (), cut: tuple[tuple[str, str], ...] = ()) -> None:
    """Have these regions dark, and these calls lost."""
    played.ask({"reach": {"dark": dark, "cut": cut}})


def subnets(played: Played) -> list[str]:
    """Return subnets of the other region."""
    found = played.client("ec2", STAND_IN).describe_subnets()["Subnets"]
    return [subnet["SubnetId"] for subnet in found]


def from_outside(played: Played, service: str, region: str) -> Any:
    """Return a client that asks once."""
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=region,
        endpoint_url=played.endpoint,
        aws_access_key_id="AKIA0000" + ACCOUNT,
        aws_secret_access_key="rehearsal",
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_R8_a_dark_region_answers_nobody(regions: Played) -> None:
    """Its APIs close every connection, those of the other region and of global services go on."""
    reach(regions, dark=(REGION,))
    with pytest.raises(BotoCoreError):
        from_outside(regions, "dynamodb", REGION).list_tables()
    assert [] == from_outside(regions, "dynamodb", STAND_IN).list_tables()["TableNames"]
    assert from_outside(regions, "iam", REGION).list_roles()["Roles"] is not None
    reach(regions)
    assert from_outside(regions, "dynamodb", REGION).list_tables()["TableNames"] is not None


def test_R8_functions_of_a_dark_region_do_not_run(regions: Played, name: str) -> None:
    """They answer with an error, and run again when there is light."""
    regions.function(name, "def handle(event, context):\n    return 1\n")
    assert (1, None) == regions.invoke(name)
    reach(regions, dark=(REGION,))
    with pytest.raises(BotoCoreError):
        from_outside(regions, "lambda", REGION).invoke(FunctionName=name)
    reach(regions)
    assert (1, None) == regions.invoke(name)


def test_R8_a_cut_is_of_one_direction(regions: Played, name: str) -> None:
    """A function no longer reaches another region, still its own, and the other still reaches this one's API."""
    regions.function(name, ASKS, timeout=900)
    reach(regions, cut=((REGION, STAND_IN),))
    assert "answered" == regions.invoke(name, {"region": REGION})[0]
    assert "ConnectionClosedError" == regions.invoke(name, {"region": STAND_IN})[0]
    reach(regions, cut=((STAND_IN, REGION),))
    assert "answered" == regions.invoke(name, {"region": STAND_IN})[0]


def test_R8_a_workflow_of_a_dark_region_waits_for_the_light(regions: Played, name: str) -> None:
    """It goes on afterwards, where it was."""
    states = {"Wait": {"Type": "Wait", "Seconds": 120, "Next": "Done"}, "Done": {"Type": "Succeed"}}
    arn = machine(regions, name, {"StartAt": "Wait", "States": states})
    client = regions.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]
    reach(regions, dark=(REGION,))
    regions.clock.sleep(240)
    reach(regions)
    found = regions.wait(
        lambda: (
            client.describe_execution(executionArn=execution)["status"] != "RUNNING"
            and client.describe_execution(executionArn=execution)
        )
    )
    assert 240 <= (found["stopDate"] - found["startDate"]).total_seconds()


def test_R8_a_stack_does_not_read_a_dark_region(regions: Played, name: str) -> None:
    """An output of a stack there cannot be had: the update fails."""
    queue = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}}
    outputs = {"Name": {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}}
    regions.client("cloudformation").create_stack(
        StackName=name, TemplateBody=json.dumps({"Resources": queue, "Outputs": outputs})
    )
    reading = {"Fn::GetStackOutput": {"StackName": name, "Region": REGION, "OutputName": "Name"}}
    topic = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": reading}}}
    reach(regions, dark=(REGION,))
    other = regions.client("cloudformation", STAND_IN)
    other.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": topic}))
    failed = regions.wait(
        lambda: [
            event["ResourceStatusReason"]
            for event in other.describe_stack_events(StackName=name)["StackEvents"]
            if event["ResourceStatus"] == "CREATE_FAILED" and event["ResourceType"] == "AWS::SNS::Topic"
        ]
    )
    assert f"nothing answers in {REGION}" in failed[0]


def test_R8_a_replica_needs_its_source(regions: Played, name: str) -> None:
    """None is made of a database in a dark region; one that is there is promoted, and has no source afterwards."""
    rds, other = regions.client("rds"), regions.client("rds", STAND_IN)
    source = rds.create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="administrator",
        MasterUserPassword="only-for-this-test",
    )["DBInstance"]["DBInstanceArn"]
    other.create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription="of this region alone", SubnetIds=subnets(regions)
    )
    wanted = {"SourceDBInstanceIdentifier": source, "DBInstanceClass": "db.t4g.micro", "DBSubnetGroupName": name}
    reach(regions, dark=(REGION,))
    with pytest.raises(ClientError, match="InvalidDBInstanceState"):
        other.create_db_instance_read_replica(DBInstanceIdentifier=f"{name}-2", **wanted)
    reach(regions)
    other.create_db_instance_read_replica(DBInstanceIdentifier=f"{name}-3", **wanted)
    reach(regions, dark=(REGION,))
    status = other.promote_read_replica(DBInstanceIdentifier=f"{name}-3", BackupRetentionPeriod=7)["DBInstance"]
    assert "modifying" == status["DBInstanceStatus"]

    def promoted() -> Any:
        found = other.describe_db_instances(DBInstanceIdentifier=f"{name}-3")["DBInstances"][0]
        return found["DBInstanceStatus"] == "available" and found

    found = regions.wait(promoted)
    assert (None, 7) == (found.get("ReadReplicaSourceDBInstanceIdentifier"), found["BackupRetentionPeriod"])
    reach(regions)
    assert [] == rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0].get(
        "ReadReplicaDBInstanceIdentifiers", []
    )
