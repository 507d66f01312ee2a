"""Clusters, task definitions, services and their scaling are there with the template's values."""

from typing import Any

import pytest

from tests.rehearsal.under_test import NETWORK, SUBNETS, Case, Emulator, Stack, picked

CONTAINER: dict[str, Any] = {
    "Name": "web",
    "Image": "registry.example.com/web@sha256:" + "0" * 64,
    "Essential": True,
    "PortMappings": [{"ContainerPort": 3000, "Protocol": "tcp"}],
    "Environment": [{"Name": "LOG_LEVEL", "Value": "debug"}],
    "Secrets": [{"Name": "PASSWORD", "ValueFrom": "arn:aws:secretsmanager:us-west-2:1:secret:s:password::"}],
    "HealthCheck": {"Command": ["CMD", "true"], "Interval": 10, "Retries": 3, "StartPeriod": 30, "Timeout": 5},
    "ReadonlyRootFilesystem": True,
    "User": "1000",
    "LinuxParameters": {"Capabilities": {"Drop": ["ALL"]}},
    "MountPoints": [{"ContainerPath": "/tmp", "SourceVolume": "tmp", "ReadOnly": False}],
    "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "g", "mode": "non-blocking"}},
}
TASK: dict[str, Any] = {
    "Family": "task",
    "Cpu": "2048",
    "Memory": "4096",
    "NetworkMode": "awsvpc",
    "RequiresCompatibilities": ["FARGATE"],
    "RuntimePlatform": {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"},
    "EphemeralStorage": {"SizeInGiB": 40},
    "Volumes": [{"Name": "tmp"}],
    "ContainerDefinitions": [CONTAINER],
}
CLUSTER = {"Type": "AWS::ECS::Cluster"}
SECURITY = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "d", "VpcId": {"Ref": "Vpc"}}}
SERVICE: dict[str, Any] = {
    "Cluster": {"Ref": "Cluster"},
    "LaunchType": "FARGATE",
    "TaskDefinition": {"Ref": "Task"},
    "DesiredCount": 2,
    "EnableExecuteCommand": True,
    "DeploymentConfiguration": {
        "MinimumHealthyPercent": 100,
        "MaximumPercent": 200,
        "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
    },
    "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": SUBNETS, "SecurityGroups": [{"Ref": "Security"}]}},
    "HealthCheckGracePeriodSeconds": 60,
}


def cluster(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a cluster's settings."""
    answer = emulator.client("ecs").describe_clusters(clusters=[name], include=["SETTINGS", "CONFIGURATIONS"])
    found = next(one for one in answer["clusters"] if one["status"] == "ACTIVE")
    return {setting["name"]: setting["value"] for setting in found["settings"]}


def task(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a task definition, as far as the template says something."""
    found = emulator.client("ecs").describe_task_definition(taskDefinition=name)["taskDefinition"]
    if found["status"] == "INACTIVE":
        return {}
    container = found["containerDefinitions"][0]
    names = ("cpu", "memory", "networkMode", "runtimePlatform", "ephemeralStorage", "requiresCompatibilities")
    return {
        **picked(found, *names),
        "volumes": [volume["name"] for volume in found["volumes"]],
        **picked(container, "healthCheck", "readonlyRootFilesystem", "user", "mountPoints", "logConfiguration"),
        "secrets": [secret["name"] for secret in container["secrets"]],
        "ports": [port["containerPort"] for port in container["portMappings"]],
        "dropped": container["linuxParameters"]["capabilities"]["drop"],
    }


def service(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a service."""
    answer = emulator.client("ecs").describe_services(cluster=name.split("/")[1], services=[name])
    found = next(one for one in answer["services"] if one["status"] == "ACTIVE")
    breaker = found["deploymentConfiguration"]["deploymentCircuitBreaker"]
    network = found["networkConfiguration"]["awsvpcConfiguration"]
    names = ("desiredCount", "launchType", "enableExecuteCommand", "healthCheckGracePeriodSeconds")
    return {**picked(found, *names), "breaker": breaker, "subnets": len(network["subnets"])}


OTHERS: dict[str, Any] = {
    **NETWORK,
    "Cluster": CLUSTER,
    "Security": SECURITY,
    "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": TASK},
}
EXPECTED_TASK = {
    "cpu": "2048",
    "memory": "4096",
    "networkMode": "awsvpc",
    "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
    "ephemeralStorage": {"sizeInGiB": 40},
    "requiresCompatibilities": ["FARGATE"],
    "volumes": ["tmp"],
    "healthCheck": {"command": ["CMD", "true"], "interval": 10, "retries": 3, "startPeriod": 30, "timeout": 5},
    "readonlyRootFilesystem": True,
    "user": "1000",
    "mountPoints": [{"containerPath": "/tmp", "sourceVolume": "tmp", "readOnly": False}],
    "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "mode": "non-blocking"}},
    "secrets": ["PASSWORD"],
    "ports": [3000],
    "dropped": ["ALL"],
}
EXPECTED_SERVICE = {
    "desiredCount": 2,
    "launchType": "FARGATE",
    "enableExecuteCommand": True,
    "healthCheckGracePeriodSeconds": 60,
    "breaker": {"enable": True, "rollback": True},
    "subnets": 2,
}
CASES = [
    Case(
        type="AWS::ECS::Cluster",
        properties={"ClusterSettings": [{"Name": "containerInsights", "Value": "enhanced"}]},
        expected={"containerInsights": "enhanced"},
        changes={"ClusterSettings": [{"Name": "containerInsights", "Value": "disabled"}]},
        changed={"containerInsights": "disabled"},
        look=cluster,
    ),
    Case(
        type="AWS::ECS::TaskDefinition",
        properties=TASK,
        expected=EXPECTED_TASK,
        changes={"Cpu": "1024", "Memory": "2048"},
        changed={**EXPECTED_TASK, "cpu": "1024", "memory": "2048"},
        look=task,
    ),
    Case(
        type="AWS::ECS::Service",
        others=OTHERS,
        properties=SERVICE,
        expected=EXPECTED_SERVICE,
        changes={"DesiredCount": 3, "HealthCheckGracePeriodSeconds": 30},
        changed={**EXPECTED_SERVICE, "desiredCount": 3, "healthCheckGracePeriodSeconds": 30},
        look=service,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_type(case: Case, emulator: Emulator, stack: Stack) -> None:
    """A resource is created with its values, changed with them, and removed."""
    case.play(emulator, stack.name)


def test_scaling(emulator: Emulator, stack: Stack) -> None:
    """A service's scaling has its limits, its policy and its schedule, and follows a change."""
    target: dict[str, Any] = {
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": {"Fn::Join": ["", ["service/", {"Ref": "Cluster"}, "/", {"Fn::GetAtt": ["Service", "Name"]}]]},
        "MinCapacity": 2,
        "MaxCapacity": 6,
        "RoleARN": "arn:aws:iam::123456789012:role/scaling",
        "ScheduledActions": [
            {
                "ScheduledActionName": "morning",
                "Schedule": "cron(0 7 * * ? *)",
                "ScalableTargetAction": {"MinCapacity": 4, "MaxCapacity": 6},
            }
        ],
    }
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    policy: dict[str, Any] = {
        "PolicyName": "cpu",
        "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": {"Ref": "Target"},
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 60, "PredefinedMetricSpecification": metric},
    }
    resources = {
        **OTHERS,
        "Service": {"Type": "AWS::ECS::Service", "Properties": SERVICE},
        "Target": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": target},
        "Policy": {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": policy},
    }
    stack.deploy(resources)
    scaling = emulator.client("application-autoscaling")
    on = {"ServiceNamespace": "ecs", "ResourceId": stack.id("Target").split("|")[0]}

    def seen() -> tuple[Any, ...]:
        found = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[on["ResourceId"]])
        limits = found["ScalableTargets"][0]
        tracking = scaling.describe_scaling_policies(**on)["ScalingPolicies"][0]
        actions = scaling.describe_scheduled_actions(**on)["ScheduledActions"]
        value = tracking["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
        return limits["MinCapacity"], limits["MaxCapacity"], value, [one["ScheduledActionName"] for one in actions]

    assert (2, 6, 60.0, ["morning"]) == seen()
    target.update(MaxCapacity=8, ScheduledActions=[])
    policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] = 50
    stack.deploy(resources)
    assert (2, 8, 50.0, []) == seen()
    stack.delete()
