"""The names and ARNs that CloudFormation would give: not AWS's own, but the same wherever they are spoken of.

A policy in the template and a call of a handler both reach this table in the end: the policy by `Ref` and `Fn::GetAtt`,
the call by a variable or a plan that the template fills by the same two functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal


@dataclass(frozen=True, slots=True)
class Kind:
    """How resources of one type are named. In `arn`, `{name}` is the name, `{bare}` the name without the slash that it may start with, and
    `{hash}` 16 letters of AWS's choice.
    """

    arn: str
    name_property: str | None = None
    ref: Literal["name", "arn"] = "name"
    parent_property: str | None = None
    attributes: Mapping[str, str | list[str]] | None = None
    """Attributes besides the ARN, written like it: those that are lists, and those that people take apart."""


def _regional(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{{region}}:{{account}}:{resource}"


ELB: Final = "elasticloadbalancing"
KINDS: Final = {
    "AWS::AmazonMQ::Broker": Kind(
        _regional("mq", "broker:{name}:{hash}"),
        "BrokerName",
        attributes={"AmqpEndpoints": ["amqps://{name}.mq.{region}.amazonaws.com:5671"]},
    ),
    "AWS::Backup::RestoreTestingPlan": Kind(
        _regional("backup", "restore-testing-plan:{name}-{hash}"),
        "RestoreTestingPlanName",
        attributes={"RestoreTestingPlanArn": _regional("backup", "restore-testing-plan:{name}-{hash}")},
    ),
    "AWS::CloudFront::KeyValueStore": Kind("arn:aws:cloudfront::{account}:key-value-store/{hash}", "Name"),
    "AWS::CloudWatch::Alarm": Kind(_regional("cloudwatch", "alarm:{name}"), "AlarmName"),
    "AWS::CloudWatch::CompositeAlarm": Kind(_regional("cloudwatch", "alarm:{name}"), "AlarmName"),
    "AWS::CodeDeploy::Application": Kind(_regional("codedeploy", "application:{name}"), "ApplicationName"),
    "AWS::CodeDeploy::DeploymentGroup": Kind(
        _regional("codedeploy", "deploymentgroup:{parent}/{name}"),
        "DeploymentGroupName",
        parent_property="ApplicationName",
    ),
    "AWS::DynamoDB::GlobalTable": Kind(_regional("dynamodb", "table/{name}"), "TableName"),
    "AWS::DynamoDB::Table": Kind(_regional("dynamodb", "table/{name}"), "TableName"),
    "AWS::ECS::Cluster": Kind(_regional("ecs", "cluster/{name}"), "ClusterName"),
    "AWS::ECS::Service": Kind(
        _regional("ecs", "service/{parent}/{name}"), "ServiceName", "arn", "Cluster", {"Name": "{name}"}
    ),
    "AWS::ECS::TaskDefinition": Kind(_regional("ecs", "task-definition/{name}:1"), "Family", "arn"),
    "AWS::ElasticLoadBalancingV2::Listener": Kind(
        _regional(ELB, "listener/{parent}/{hash}"), None, "arn", "LoadBalancerArn"
    ),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Kind(
        _regional(ELB, "loadbalancer/app/{name}/{hash}"),
        "Name",
        "arn",
        attributes={"LoadBalancerFullName": "app/{name}/{hash}", "DNSName": "{name}.{region}.elb.amazonaws.com"},
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": Kind(
        _regional(ELB, "targetgroup/{name}/{hash}"),
        "Name",
        "arn",
        attributes={"TargetGroupFullName": "targetgroup/{name}/{hash}"},
    ),
    "AWS::Events::Rule": Kind(_regional("events", "rule/{name}"), "Name"),
    "AWS::IAM::ManagedPolicy": Kind("arn:aws:iam::{account}:policy/{name}", "ManagedPolicyName", "arn"),
    "AWS::IAM::Role": Kind("arn:aws:iam::{account}:role/{name}", "RoleName"),
    "AWS::KMS::Key": Kind(_regional("kms", "key/{hash}")),
    "AWS::KMS::ReplicaKey": Kind(_regional("kms", "key/{hash}")),
    "AWS::Lambda::Function": Kind(_regional("lambda", "function:{name}"), "FunctionName"),
    "AWS::Logs::LogGroup": Kind(_regional("logs", "log-group:{name}:*"), "LogGroupName"),
    "AWS::S3::Bucket": Kind("arn:aws:s3:::{name}", "BucketName"),
    "AWS::SNS::Topic": Kind(_regional("sns", "{name}"), "TopicName", "arn", attributes={"TopicName": "{name}"}),
    "AWS::SQS::Queue": Kind(_regional("sqs", "{name}"), "QueueName", attributes={"QueueName": "{name}"}),
    "AWS::SSM::Parameter": Kind(_regional("ssm", "parameter/{bare}"), "Name"),
    "AWS::SecretsManager::Secret": Kind(_regional("secretsmanager", "secret:{name}-{hash:.6}"), "Name", "arn"),
    "AWS::StepFunctions::StateMachine": Kind(
        _regional("states", "stateMachine:{name}"), "StateMachineName", "arn", attributes={"Name": "{name}"}
    ),
}
"""The types whose names or ARNs policies and handlers speak of. Any other has its logical ID for a name, and no ARN."""

# Their `Ref` is the ARN, though they have an attribute for it too.
ARN_ATTRIBUTES: Final = ("Arn", "LoadBalancerArn", "TargetGroupArn", "ListenerArn", "TopicArn", "TaskDefinitionArn")


@dataclass(frozen=True, slots=True)
class Physical:
    """The identity of one resource."""

    account: str
    region: str
    logical_id: str
    type: str
    name: str
    """Given in the template, or made from the logical ID."""
    parent: str = ""
    """What it stands in, as the template names it: a name or an ARN."""

    @property
    def arn(self) -> str:
        """Its ARN. A type that is not in the table has one that no service knows."""
        kind = KINDS.get(self.type)
        return self._written(kind.arn if kind else f"arn:aws:unknown:{{region}}:{{account}}:{self.logical_id}")

    @property
    def reference(self) -> str:
        """What `Ref` gives."""
        kind = KINDS.get(self.type)
        if self.type in ("AWS::KMS::Key", "AWS::KMS::ReplicaKey"):
            return self._written("{hash}")
        return self.arn if kind and kind.ref == "arn" else self.name

    def attribute(self, name: str) -> str | list[str]:
        """What `Fn::GetAtt` gives; for a type or attribute that is not in the table, a text that says which it is."""
        kind = KINDS.get(self.type)
        if name in ARN_ATTRIBUTES:
            return self.arn
        if kind and kind.attributes and name in kind.attributes:
            found = kind.attributes[name]
            return self._written(found) if isinstance(found, str) else [self._written(each) for each in found]
        return f"{self.name}.{name}"

    def _written(self, text: str) -> str:
        digest = sha256(f"{self.region} {self.logical_id}".encode()).hexdigest()[:16]
        # Of an ARN, what follows the type: `app/name/id` of a load balancer.
        parent = self.parent.partition("/")[2] if self.parent.startswith("arn:") else self.parent
        return text.format(
            account=self.account,
            region=self.region,
            name=self.name,
            bare=self.name.removeprefix("/"),
            parent=parent,
            hash=digest,
        )


def parent_property(type_: str) -> str | None:
    """The property that names what a resource of this type stands in."""
    kind = KINDS.get(type_)
    return kind.parent_property if kind else None


def named(type_: str, logical_id: str, properties: Mapping[str, Any]) -> str:
    """The resource's name: the property that gives it, its value a text, or else the logical ID."""
    kind = KINDS.get(type_)
    given = properties.get(kind.name_property) if kind and kind.name_property else None
    return given if isinstance(given, str) else logical_id
