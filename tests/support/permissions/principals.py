"""Who has a role in an environment: its functions and state machines, and what AWS itself does with their roles."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from permissions.call import Call, Request
from permissions.deployed import Deployed, Resource

STEP_FUNCTIONS_DELIVERY: Final = (
    "CreateLogDelivery",
    "DeleteLogDelivery",
    "DescribeLogGroups",
    "DescribeResourcePolicies",
    "GetLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "UpdateLogDelivery",
)
"""What a state machine's role must allow so that it can log (Step Functions Developer Guide, logging)."""
STEP_FUNCTIONS_TRACING: Final = ("GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments")
"""The same for tracing (Step Functions Developer Guide, X-Ray)."""
LAMBDA_TRACING: Final = ("PutTelemetryRecords", "PutTraceSegments")
"""What Lambda's active tracing needs (Lambda Developer Guide, X-Ray)."""


SMALL_LETTERS: Final = ("codebuild", "codedeploy", "ecs", "logs", "states")
"""Services whose APIs begin parameters with a small letter."""


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function as deployed."""

    deployed: Deployed
    resource: Resource

    @property
    def entry(self) -> str:
        """The handler's import path, `package.module.function`."""
        return str(self.resource.properties.get("Handler", ""))

    @property
    def variables(self) -> dict[str, str]:
        """Its environment variables."""
        given = self.resource.properties.get("Environment", {}).get("Variables", {})
        return {name: str(value) for name, value in given.items()}

    @property
    def title(self) -> str:
        """Entry, and what tells functions of one handler apart: the stage of a hook, or else the name in the log."""
        name = self.variables.get("STAGE") or self.variables.get("POWERTOOLS_SERVICE_NAME")
        return f"{self.entry} {name}" if name else self.entry

    @property
    def role_arn(self) -> str:
        """Its role."""
        return str(self.resource.properties["Role"])

    @property
    def region(self) -> str:
        """Where it runs."""
        return self.resource.stack.region

    def platform_requests(self) -> Iterator[Request]:
        """What Lambda does with the function's role before and beside its code."""
        properties = self.resource.properties
        account, region = self.deployed.account, self.region
        group = properties.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{self.resource.physical.name}"
        stream = f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:2026/11/21/[1]0"
        for action in ("CreateLogStream", "PutLogEvents"):
            yield Request(f"logs:{action}", stream, because="Lambda logs")
        if properties.get("TracingConfig", {}).get("Mode") == "Active":
            for action in LAMBDA_TRACING:
                yield Request(f"xray:{action}", "*", because="Lambda traces")
        if "KmsKeyArn" in properties:
            # Lambda makes itself a grant at deployment; a role that may decrypt needs none.
            yield Request("kms:Decrypt", properties["KmsKeyArn"], because="environment variables", must=False)
        if "DeadLetterConfig" in properties:
            target = properties["DeadLetterConfig"]["TargetArn"]
            action = "sqs:SendMessage" if ":sqs:" in target else "sns:Publish"
            yield Request(action, target, because="Lambda's dead letters")
        yield from self._interfaces(properties.get("VpcConfig") or {})

    def _interfaces(self, vpc: Mapping[str, Any]) -> Iterator[Request]:
        """Lambda Developer Guide, VPC permissions."""
        if not vpc.get("SubnetIds"):
            return
        arn = f"arn:aws:ec2:{self.region}:{self.deployed.account}:"
        interface = f"{arn}network-interface/eni-0"
        made_of = [f"{arn}subnet/{each}" for each in vpc["SubnetIds"]]
        made_of += [f"{arn}security-group/{each}" for each in vpc.get("SecurityGroupIds", [])]
        because = "Lambda's interfaces in the VPC"
        for resource in (interface, *made_of):
            yield Request("ec2:CreateNetworkInterface", resource, because=because)
        for action in ("AssignPrivateIpAddresses", "DeleteNetworkInterface", "UnassignPrivateIpAddresses"):
            yield Request(f"ec2:{action}", interface, because=because)
        yield Request("ec2:DescribeNetworkInterfaces", "*", because=because)
        for action in ("DescribeSubnets", "DescribeSecurityGroups", "DescribeVpcs"):
            yield Request(f"ec2:{action}", "*", because=because, must=action == "DescribeSubnets")


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A state machine as deployed."""

    deployed: Deployed
    resource: Resource

    @property
    def title(self) -> str:
        """Its construct path."""
        return self.resource.path

    @property
    def role_arn(self) -> str:
        """Its role."""
        return str(self.resource.properties["RoleArn"])

    @property
    def definition(self) -> dict[str, Any]:
        """In the Amazon States Language."""
        parsed: dict[str, Any] = json.loads(self.resource.properties["DefinitionString"])
        return parsed

    def tasks(self) -> Iterator[dict[str, Any]]:
        """Every Task state, in branches and maps too."""
        yield from _tasks(self.definition)

    def platform_requests(self) -> Iterator[Request]:
        """What Step Functions does with the role beside its states."""
        properties = self.resource.properties
        if properties.get("LoggingConfiguration"):
            for action in STEP_FUNCTIONS_DELIVERY:
                yield Request(f"logs:{action}", "*", because="Step Functions logs")
        if properties.get("TracingConfiguration", {}).get("Enabled"):
            for action in STEP_FUNCTIONS_TRACING:
                yield Request(f"xray:{action}", "*", because="Step Functions traces")

    def calls(self, functions: Mapping[str, Any]) -> Iterator[Call]:
        """The calls that its Task states make.

        A function or another value that only the input gives (`FunctionName.$`) is filled in from `functions`, values
        by parameter name: the ARNs of functions that may be asked.
        """
        region = self.resource.stack.region
        for task in self.tasks():
            resource = task["Resource"]
            service, operation = _integration(resource)
            given = task.get("Parameters", task.get("Arguments", {}))
            if resource.startswith("arn:aws:lambda:"):
                given = {"FunctionName": resource}
            for parameters in _filled(given, functions):
                yield Call(service, operation, region, _as_api(service, parameters))


def functions(deployed: Deployed) -> list[Function]:
    """Every function of the environment, this project's or not."""
    return [Function(deployed, each) for each in deployed.resources("AWS::Lambda::Function")]


def state_machines(deployed: Deployed) -> list[StateMachine]:
    """Every state machine of the environment."""
    return [StateMachine(deployed, each) for each in deployed.resources("AWS::StepFunctions::StateMachine")]


def _tasks(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("Type") == "Task":
            yield node
        for part in node.values():
            yield from _tasks(part)
    elif isinstance(node, list):
        for part in node:
            yield from _tasks(part)


def _integration(resource: str) -> tuple[str, str]:
    """Signing name and operation of a Task's `Resource` (Step Functions Developer Guide, AWS SDK integrations)."""
    if ":lambda:" in resource:
        return "lambda", "Invoke"
    parts = resource.removesuffix(".sync").removesuffix(".waitForTaskToken").split(":")
    service, operation = parts[-2:]
    service = {"sfn": "states", "elasticloadbalancingv2": "elasticloadbalancing"}.get(service, service)
    return service, operation[0].upper() + operation[1:]


def _as_api(service: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """State machines begin every parameter with a capital letter, whatever the API does (SDK integrations)."""
    if service not in SMALL_LETTERS:
        return dict(parameters)
    return {name[0].lower() + name[1:]: value for name, value in parameters.items()}


def _filled(parameters: Mapping[str, Any], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`parameters` with what the input gives filled in; one for each value where several are given."""
    filled: list[dict[str, Any]] = [{}]
    for name, value in parameters.items():
        if not name.endswith(".$"):
            filled = [{**each, name: value} for each in filled]
            continue
        plain = name.removesuffix(".$")
        given = values.get(plain, f"{plain}-of-the-input")
        filled = [{**each, plain: one} for each in filled for one in (given if isinstance(given, list) else [given])]
    return filled
