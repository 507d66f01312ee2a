"""Databases, replicas and their groups are there with the template's values."""

from typing import Any

import pytest

from tests.rehearsal.under_test import NETWORK, SUBNETS, Case, Emulator, Stack, picked

KEY = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}}
GROUP_OF_SUBNETS = {
    "Type": "AWS::RDS::DBSubnetGroup",
    "Properties": {"DBSubnetGroupDescription": "d", "SubnetIds": SUBNETS},
}
PARAMETERS = {
    "Type": "AWS::RDS::DBParameterGroup",
    "Properties": {"Family": "postgres15", "Description": "d", "Parameters": {"rds.force_ssl": "1"}},
}
SECURITY = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "d", "VpcId": {"Ref": "Vpc"}}}
OTHERS: dict[str, Any] = {
    **NETWORK,
    "Key": KEY,
    "Subnets": GROUP_OF_SUBNETS,
    "Parameters": PARAMETERS,
    "Security": SECURITY,
    "Monitoring": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}},
}
DATABASE: dict[str, Any] = {
    "Engine": "postgres",
    "EngineVersion": "15.17",
    "DBInstanceClass": "db.r6g.large",
    "AllocatedStorage": "100",
    "MaxAllocatedStorage": 200,
    "StorageType": "gp3",
    "StorageEncrypted": True,
    "KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
    "MultiAZ": True,
    "DBName": "app",
    "MasterUsername": "owner",
    "MasterUserPassword": "only-for-this-test",
    "BackupRetentionPeriod": 30,
    "DeletionProtection": True,
    "DBSubnetGroupName": {"Ref": "Subnets"},
    "DBParameterGroupName": {"Ref": "Parameters"},
    "VPCSecurityGroups": [{"Fn::GetAtt": ["Security", "GroupId"]}],
    "EnableCloudwatchLogsExports": ["postgresql"],
    "EnablePerformanceInsights": True,
    "CopyTagsToSnapshot": True,
    "MonitoringInterval": 60,
    "MonitoringRoleArn": {"Fn::GetAtt": ["Monitoring", "Arn"]},
}
AS_GIVEN = (
    "Engine",
    "EngineVersion",
    "DBInstanceClass",
    "AllocatedStorage",
    "MaxAllocatedStorage",
    "StorageType",
    "StorageEncrypted",
    "MultiAZ",
    "DBName",
    "MasterUsername",
    "BackupRetentionPeriod",
    "DeletionProtection",
    "CopyTagsToSnapshot",
    "MonitoringInterval",
)
EXPECTED = {
    **picked(DATABASE, *AS_GIVEN),
    "AllocatedStorage": 100,
    "EnabledCloudwatchLogsExports": ["postgresql"],
    "PerformanceInsightsEnabled": True,
    "subnets": 2,
    "groups": 1,
}


def database(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return an instance, as far as the template says something."""
    found = emulator.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    names = (*AS_GIVEN, "EnabledCloudwatchLogsExports", "PerformanceInsightsEnabled")
    subnets = len(found["DBSubnetGroup"]["Subnets"])
    return {**picked(found, *names), "subnets": subnets, "groups": len(found["VpcSecurityGroups"])}


def parameters(emulator: Emulator, name: str) -> dict[str, str]:
    """Return what a parameter group sets."""
    found = emulator.client("rds").describe_db_parameters(DBParameterGroupName=name)["Parameters"]
    return {one["ParameterName"]: one["ParameterValue"] for one in found}


CASES = [
    Case(
        type="AWS::RDS::DBInstance",
        others=OTHERS,
        properties=DATABASE,
        expected=EXPECTED,
        changes={"DBInstanceClass": "db.r6g.xlarge", "BackupRetentionPeriod": 14, "MultiAZ": False},
        changed={**EXPECTED, "DBInstanceClass": "db.r6g.xlarge", "BackupRetentionPeriod": 14, "MultiAZ": False},
        look=database,
    ),
    Case(
        type="AWS::RDS::DBParameterGroup",
        properties=PARAMETERS["Properties"],  # type: ignore[arg-type]
        expected={"rds.force_ssl": "1"},
        changes={"Parameters": {"rds.force_ssl": "1", "log_min_duration_statement": "1000"}},
        changed={"rds.force_ssl": "1", "log_min_duration_statement": "1000"},
        look=parameters,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_type(case: Case, emulator: Emulator, stack: Stack) -> None:
    """A resource is created with its values, changed with them, and removed."""
    case.play(emulator, stack.name)


def test_replica(emulator: Emulator, stack: Stack) -> None:
    """A replica names its source, and has a class, groups and a key of its own."""
    replica = {
        "SourceDBInstanceIdentifier": {"Ref": "Database"},
        "DBInstanceClass": "db.r6g.xlarge",
        "KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
        "VPCSecurityGroups": [{"Fn::GetAtt": ["Security", "GroupId"]}],
        "DBSubnetGroupName": {"Ref": "Subnets"},
    }
    resources = {**OTHERS, "Database": {"Type": "AWS::RDS::DBInstance", "Properties": DATABASE}}
    address = {"Address": {"Value": {"Fn::GetAtt": ["Replica", "Endpoint.Address"]}}}
    outputs = stack.deploy(
        {**resources, "Replica": {"Type": "AWS::RDS::DBInstance", "Properties": replica}}, Outputs=address
    )
    name = stack.id("Replica")
    found = emulator.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    seen = picked(found, "DBInstanceClass", "ReadReplicaSourceDBInstanceIdentifier", "StorageEncrypted", "Engine")
    assert {
        "DBInstanceClass": "db.r6g.xlarge",
        "ReadReplicaSourceDBInstanceIdentifier": stack.id("Database"),
        "StorageEncrypted": True,
        "Engine": "postgres",
    } == seen
    assert outputs["Address"].startswith(f"{name}.")
    stack.delete()
