"""Stacks are created, changed, rolled back and removed as CloudFormation does it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.emulator.apis import Apis
from tests.rehearsal.under_test import EDGE_REGION, Emulator, Stack

GROUP: dict[str, Any] = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}}
ALARM: dict[str, Any] = {
    "AlarmName": {"Fn::Sub": "${AWS::StackName}-alarm"},
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "MetricName": "m",
    "Namespace": "n",
    "Period": 60,
    "Statistic": "Sum",
    "Threshold": 1,
}


def log_groups(emulator: Emulator, prefix: str) -> list[str]:
    """Return log groups by prefix."""
    found = emulator.client("logs").describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    return [group["logGroupName"] for group in found]


def alarm(name: str, **properties: Any) -> dict[str, Any]:
    """Return an alarm's template."""
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": {**ALARM, "AlarmName": name, **properties}}


def test_a_change_reaches_those_who_refer_to_it(emulator: Emulator, stack: Stack) -> None:
    """A resource is updated when what it refers to was replaced, although its own template text is the same."""
    task: dict[str, Any] = {
        "Family": stack.name,
        "ContainerDefinitions": [{"Name": "web", "Image": "i", "Memory": 128}],
    }
    service = {"Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "Task"}, "DesiredCount": 1}
    resources: dict[str, Any] = {
        "Cluster": {"Type": "AWS::ECS::Cluster"},
        "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": task},
        "Service": {"Type": "AWS::ECS::Service", "Properties": service},
    }
    stack.deploy(resources)
    task["ContainerDefinitions"][0]["Memory"] = 256
    stack.deploy(resources)
    ecs = emulator.client("ecs")
    running = ecs.describe_services(cluster=stack.id("Cluster"), services=[stack.id("Service")])["services"][0]
    definition = ecs.describe_task_definition(taskDefinition=running["taskDefinition"])["taskDefinition"]
    assert (2, 256) == (definition["revision"], definition["containerDefinitions"][0]["memory"])


def test_added_and_removed_resources(emulator: Emulator, stack: Stack) -> None:
    """An update makes what is new in the template and removes what is no longer in it."""
    stack.deploy({"Old": GROUP})
    stack.deploy({"New": GROUP})
    assert [stack.id("New")] == log_groups(emulator, stack.name)


@pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate"])
def test_retained_resources_stay(emulator: Emulator, stack: Stack, policy: str) -> None:
    """A resource that is to be kept outlives its stack."""
    stack.deploy({"Kept": {**GROUP, "DeletionPolicy": policy}, "Gone": GROUP})
    kept = stack.id("Kept")
    stack.delete()
    assert [kept] == log_groups(emulator, stack.name)


def test_failed_creation_is_rolled_back(emulator: Emulator, stack: Stack) -> None:
    """When a resource cannot be made, the ones before it go and the stack says which one and why."""
    broken = {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": "vpc-0", "CidrBlock": "10.0.0.0/24"}}
    stack.deploy({"Group": GROUP, "Broken": {**broken, "DependsOn": "Group"}}, expect="ROLLBACK_COMPLETE")
    assert [] == log_groups(emulator, stack.name)
    assert any(failure.startswith("Broken: InvalidVpcID.NotFound") for failure in stack.failures())


def test_failed_update_is_rolled_back(emulator: Emulator, stack: Stack) -> None:
    """When an update fails, what it changed is as before, and what it added is gone."""
    stack.deploy({"Alarm": alarm(stack.name)})
    broken = {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": "vpc-0", "CidrBlock": "10.0.0.0/24"}}
    changed = {
        "Alarm": alarm(stack.name, Threshold=2),
        "Group": GROUP,
        "Broken": {**broken, "DependsOn": ["Alarm", "Group"]},
    }
    stack.deploy(changed, expect="UPDATE_ROLLBACK_COMPLETE")
    found = emulator.client("cloudwatch").describe_alarms(AlarmNames=[stack.name])["MetricAlarms"]
    assert [1.0] == [one["Threshold"] for one in found]
    assert [] == log_groups(emulator, stack.name)


def test_parameters_keep_their_defaults_on_update(emulator: Emulator, stack: Stack) -> None:
    """An update may use a parameter's previous value though only its default was ever used: CDK's BootstrapVersion."""
    name = f"/cdk-bootstrap/{stack.name}/version"
    emulator.client("ssm").put_parameter(Name=name, Value="30", Type="String")
    parameters = {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name}}
    rules = {
        "CheckBootstrapVersion": {
            "Assertions": [
                {
                    "Assert": {"Fn::Not": [{"Fn::Contains": [["1"], {"Ref": "BootstrapVersion"}]}]},
                    "AssertDescription": "new enough",
                }
            ]
        }
    }
    outputs = {"Version": {"Value": {"Ref": "BootstrapVersion"}}}
    stack.deploy({"Group": GROUP}, Parameters=parameters, Rules=rules, Outputs=outputs)
    template = {
        "Resources": {"Group": GROUP, "Two": GROUP},
        "Parameters": parameters,
        "Rules": rules,
        "Outputs": outputs,
    }
    client = emulator.client("cloudformation")
    previous = [{"ParameterKey": "BootstrapVersion", "UsePreviousValue": True}]
    client.update_stack(StackName=stack.name, TemplateBody=json.dumps(template), Parameters=previous)
    updated = client.describe_stacks(StackName=stack.name)["Stacks"][0]
    assert ("UPDATE_COMPLETE", "30") == (updated["StackStatus"], updated["Outputs"][0]["OutputValue"])


def test_output_of_another_stack_and_region(new_stack: Callable[..., Stack]) -> None:
    """Fn::GetStackOutput gives another stack's output, from another region too."""
    producer, consumer = new_stack(EDGE_REGION), new_stack()
    producer.deploy({"Group": GROUP}, Outputs={"Name": {"Value": {"Ref": "Group"}}})
    wanted = {"Fn::GetStackOutput": {"StackName": producer.name, "OutputName": "Name", "Region": EDGE_REGION}}
    outputs = consumer.deploy({"Group": GROUP}, Outputs={"Seen": {"Value": wanted}})
    assert producer.id("Group") == outputs["Seen"]


@pytest.mark.parametrize(
    ("name", "reason"), [("nobody", "there is no stack nobody in us-west-2"), ("", "has no output Missing")]
)
def test_missing_output_is_said(new_stack: Callable[..., Stack], name: str, reason: str) -> None:
    """A reference to a stack or an output that is not there fails with its name."""
    producer, consumer = new_stack(), new_stack()
    producer.deploy({"Group": GROUP})
    wanted = {"Fn::GetStackOutput": {"StackName": name or producer.name, "OutputName": "Missing"}}
    named = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": wanted}}
    consumer.deploy({"Group": named}, expect="ROLLBACK_COMPLETE")
    assert reason in " ".join(consumer.failures())


def test_change_sets_deploy_too(emulator: Emulator, stack: Stack) -> None:
    """A change set, CDK's default way, creates with outputs and events like a direct deployment."""
    client = emulator.client("cloudformation")
    template = {"Resources": {"Group": GROUP}, "Outputs": {"Name": {"Value": {"Ref": "Group"}}}}
    client.create_change_set(
        StackName=stack.name, ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=json.dumps(template)
    )
    client.execute_change_set(StackName=stack.name, ChangeSetName="c")
    created = client.describe_stacks(StackName=stack.name)["Stacks"][0]
    assert stack.id("Group") == created["Outputs"][0]["OutputValue"]


def test_unknown_types_are_accepted_and_said_so(stack: Stack) -> None:
    """A type that nothing emulates gets an ID and attributes, and is listed as not emulated."""
    unknown = {"Type": "AWS::Made::Up", "Properties": {"A": 1}}
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Unknown", "Arn"]}}}
    found = stack.deploy({"Unknown": unknown, "Group": GROUP}, Outputs=outputs)
    assert found["Arn"].startswith("arn:aws:made:us-west-2:")
    emulated = {name: resource["emulated"] for name, resource in stack.resources().items()}
    assert {"Unknown": False, "Group": True} == emulated


def test_what_no_api_takes_is_recorded(stack: Stack) -> None:
    """A property that reaches no API is listed with its resource, never dropped in silence."""
    stack.deploy({"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"NotAProperty": 1}}})
    assert ["NotAProperty"] == stack.resources()["Group"]["not_carried"]


def test_a_stack_that_is_there_is_not_created_again(emulator: Emulator, stack: Stack) -> None:
    """Creating a stack twice is refused."""
    stack.deploy({"Group": GROUP})
    client = emulator.client("cloudformation")
    with pytest.raises(ClientError, match="AlreadyExists"):
        client.create_stack(StackName=stack.name, TemplateBody=json.dumps({"Resources": {"Group": GROUP}}))


def test_accounts_are_apart(emulator: Emulator) -> None:
    """The access key says which account a call is for."""
    other = Apis(endpoint=emulator.endpoint, account="999988887777", region="us-west-2")
    assert other.call("sts", "get_caller_identity", {})["Account"] == "999988887777"
