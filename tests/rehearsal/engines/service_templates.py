"""Templates of a service behind a load balancer, under either engine, with hooks that do as a parameter says."""

import json
from typing import Any

from tests.rehearsal.engines.played import NEW, OLD, Played
from tests.rehearsal.under_test import NETWORK, SUBNETS

__all__ = ["NEW", "OLD", "codedeploy", "hooks", "native"]

CODEDEPLOY_HOOK = """
import json, botocore.session
session = botocore.session.get_session()
ssm, codedeploy = session.create_client("ssm"), session.create_client("codedeploy")
def handle(event, context):
    name = context.function_name
    count = ssm.put_parameter(Name=f"/calls/{name}", Value=json.dumps(event), Type="String", Overwrite=True)
    said = ssm.get_parameter(Name=f"/says/{name}")["Parameter"]["Value"]
    if said != "silence":
        codedeploy.put_lifecycle_event_hook_execution_status(
            deploymentId=event["DeploymentId"], status=said,
            lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"])
"""
ECS_HOOK = """
import json, botocore.session
ssm = botocore.session.get_session().create_client("ssm")
def handle(event, context):
    name = context.function_name
    made = ssm.put_parameter(Name=f"/calls/{name}", Value=json.dumps(event), Type="String", Overwrite=True)
    said = json.loads(ssm.get_parameter(Name=f"/says/{name}")["Parameter"]["Value"])
    return said[min(made["Version"], len(said)) - 1]
"""


def says(played: Played, hook: str, what: Any) -> None:
    """Have a hook answer this from now on."""
    value = what if isinstance(what, str) else json.dumps(what)
    played.client("ssm").put_parameter(Name=f"/says/{hook}", Value=value, Type="String", Overwrite=True)


def calls(played: Played, hook: str) -> list[dict[str, Any]]:
    """Return the events that a hook was called with."""
    client = played.client("ssm")
    try:
        history = client.get_parameter_history(Name=f"/calls/{hook}")["Parameters"]
    except client.exceptions.ParameterNotFound:
        return []
    return [json.loads(one["Value"]) for one in history]


def hooks(played: Played, name: str, stages: list[str], *, code: str, answer: Any) -> dict[str, str]:
    """Make a function per stage that answers as said; return their ARNs."""
    arns = {}
    for stage in stages:
        hook = f"{name}-{stage}"
        says(played, hook, answer)
        # Several real seconds: the time-out is not what is tested, and a client takes a while to be made.
        arns[stage] = played.function(hook, code, timeout=900)
    return arns


def group(name: str, **properties: Any) -> dict[str, Any]:
    """Return a target group's template."""
    given = {"Name": name, "Port": 80, "Protocol": "HTTP", "TargetType": "ip", "VpcId": {"Ref": "Vpc"}}
    return {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {**given, **properties}}


def listener(port: int) -> dict[str, Any]:
    """Return a listener's template."""
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    properties = {"LoadBalancerArn": {"Ref": "Balancer"}, "Port": port, "Protocol": "HTTP", "DefaultActions": [answer]}
    return {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": properties}


def rule(of: str, **weights: int) -> dict[str, Any]:
    """Return a rule's template, which forwards with these weights."""
    groups = [{"TargetGroupArn": {"Ref": name}, "Weight": weight} for name, weight in weights.items()]
    return {
        "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
        "Properties": {
            "ListenerArn": {"Ref": of},
            "Priority": 1,
            "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}],
            "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
        },
    }


def basis(name: str, digest: str) -> dict[str, Any]:
    """Return what both engines stand on: network, load balancer, target groups, rules, cluster, task definition."""
    container = {
        "Name": "web",
        "Image": f"registry.invalid/web@{digest}",
        "Essential": True,
        "Memory": 128,
        "PortMappings": [{"ContainerPort": 80}],
    }
    return {
        **NETWORK,
        "Balancer": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {"Name": name, "Subnets": SUBNETS},
        },
        "Blue": group(f"{name}-blue"),
        "Green": group(f"{name}-green"),
        "Production": listener(80),
        "Test": listener(8443),
        "Rule": rule("Production", Blue=100, Green=0),
        "TestRule": rule("Test", Blue=0, Green=100),
        "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": name}},
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {"Family": name, "ContainerDefinitions": [container]},
        },
    }


HAND_ON = """
import json, boto3
def handler(event, context):
    provider = event["ResourceProperties"]["Provider"]
    boto3.client("lambda").invoke(FunctionName=provider, InvocationType="Event", Payload=json.dumps(event))
"""
"What lets the library's own provider do everything."


def function(runtime: str, code: str) -> dict[str, Any]:
    """Return a function in the template."""
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": runtime,
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["FunctionRole", "Arn"]},
            "Code": {"ZipFile": code},
            "Timeout": 900,
        },
    }


def codedeploy(
    name: str,
    digest: str,
    *,
    stages: dict[str, str] | None = None,
    alarms: tuple[str, ...] = (),
    routing: dict[str, Any] | None = None,
    termination_minutes: int = 0,
) -> dict[str, Any]:
    """Return a service under CodeDeploy, with its deployment."""
    pair = {
        "TargetGroups": [{"Name": f"{name}-blue"}, {"Name": f"{name}-green"}],
        "ProdTrafficRoute": {"ListenerArns": [{"Ref": "Production"}]},
        "TestTrafficRoute": {"ListenerArns": [{"Ref": "Test"}]},
    }
    spec = {
        "version": "0.0",
        "Resources": [
            {
                "TargetService": {
                    "Type": "AWS::ECS::Service",
                    "Properties": {
                        "TaskDefinition": "${Task}",
                        "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 80},
                    },
                }
            }
        ],
        "Hooks": [{stage: arn} for stage, arn in (stages or {}).items()],
    }
    return {
        **basis(name, digest),
        "Service": {
            "Type": "AWS::ECS::Service",
            "DependsOn": ["Rule"],
            "Properties": {
                "ServiceName": "web",
                "Cluster": {"Ref": "Cluster"},
                "TaskDefinition": name,
                "DesiredCount": 2,
                "DeploymentController": {"Type": "CODE_DEPLOY"},
                "LoadBalancers": [{"ContainerName": "web", "ContainerPort": 80, "TargetGroupArn": {"Ref": "Blue"}}],
            },
        },
        "Application": {
            "Type": "AWS::CodeDeploy::Application",
            "Properties": {"ApplicationName": name, "ComputePlatform": "ECS"},
        },
        "Config": {
            "Type": "AWS::CodeDeploy::DeploymentConfig",
            "Properties": {
                "ComputePlatform": "ECS",
                "TrafficRoutingConfig": routing
                or {"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryPercentage": 10, "CanaryInterval": 2}},
            },
        },
        "Group": {
            "Type": "AWS::CodeDeploy::DeploymentGroup",
            "Properties": {
                "ApplicationName": {"Ref": "Application"},
                "DeploymentGroupName": f"{name}-web",
                "DeploymentConfigName": {"Ref": "Config"},
                "ServiceRoleArn": "arn:aws:iam::123456789012:role/codedeploy",
                "AlarmConfiguration": {"Enabled": bool(alarms), "Alarms": [{"Name": alarm} for alarm in alarms]},
                "AutoRollbackConfiguration": {
                    "Enabled": True,
                    "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
                },
                "BlueGreenDeploymentConfiguration": {
                    "TerminateBlueInstancesOnDeploymentSuccess": {
                        "Action": "TERMINATE",
                        "TerminationWaitTimeInMinutes": termination_minutes,
                    },
                    "DeploymentReadyOption": {"ActionOnTimeout": "CONTINUE_DEPLOYMENT"},
                },
                "DeploymentStyle": {
                    "DeploymentType": "BLUE_GREEN",
                    "DeploymentOption": "WITH_TRAFFIC_CONTROL",
                },
                "LoadBalancerInfo": {"TargetGroupPairInfoList": [pair]},
                "ECSServices": [
                    {"ClusterName": {"Ref": "Cluster"}, "ServiceName": {"Fn::GetAtt": ["Service", "Name"]}}
                ],
            },
        },
        "FunctionRole": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            },
        },
        "Provider": function("nodejs22.x", "exports.handler = async () => {};"),
        "Start": function("python3.13", HAND_ON),
        "Deployment": {
            "Type": "Custom::EcsDeployment",
            "Properties": {
                "ServiceToken": {"Fn::GetAtt": ["Start", "Arn"]},
                "Provider": {"Fn::GetAtt": ["Provider", "Arn"]},
                "applicationName": {"Ref": "Application"},
                "deploymentGroupName": {"Ref": "Group"},
                "deploymentConfigName": {"Ref": "Config"},
                "revisionAppSpecContent": {"Fn::Sub": json.dumps(spec)},
            },
        },
    }


def native(
    name: str, digest: str, *, configuration: dict[str, Any], stages: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return a service under ECS's own engine."""
    lifecycle = [
        {
            "HookTargetArn": arn,
            "LifecycleStages": [stage],
            "RoleArn": "arn:aws:iam::123456789012:role/h",
            "HookDetails": '{"service":"web"}',
        }
        for stage, arn in (stages or {}).items()
    ]
    shifting = configuration.get("Strategy", "ROLLING") != "ROLLING"
    balancer: dict[str, Any] = {"ContainerName": "web", "ContainerPort": 80, "TargetGroupArn": {"Ref": "Blue"}}
    if shifting:
        balancer["AdvancedConfiguration"] = {
            "AlternateTargetGroupArn": {"Ref": "Green"},
            "ProductionListenerRule": {"Ref": "Rule"},
            "TestListenerRule": {"Ref": "TestRule"},
            "RoleArn": "arn:aws:iam::123456789012:role/ecs",
        }
    return {
        **basis(name, digest),
        "Service": {
            "Type": "AWS::ECS::Service",
            "DependsOn": ["Rule", "TestRule"],
            "Properties": {
                "ServiceName": "web",
                "Cluster": {"Ref": "Cluster"},
                "TaskDefinition": {"Ref": "Task"},
                "DesiredCount": 2,
                "DeploymentConfiguration": {**configuration, **({"LifecycleHooks": lifecycle} if lifecycle else {})},
                "LoadBalancers": [balancer],
            },
        },
    }
