"""A Lambda function of this project: its role, its log, and the alarm on its errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from spec import Deployment
from understudy.acknowledgement import acknowledge
from understudy.alarm import Alarm
from understudy.alarms import Alarms
from understudy.encrypted_log_group import encrypted_log_group
from understudy.handler_layer import ARCHITECTURE, RUNTIME, HandlerLayer
from understudy.metric import Metric
from understudy.removal import removal_policy
from understudy.statement import Statement, findings, policy_document

NO_RESERVE: Final = ("CKV_AWS_115", "HIPAA.Security-LambdaConcurrency", "NIST.800.53.R5-LambdaConcurrency")
NO_DEAD_LETTERS: Final = ("CKV_AWS_116", "HIPAA.Security-LambdaDLQ", "NIST.800.53.R5-LambdaDLQ")
OUTSIDE_VPC: Final = (
    "CKV_AWS_117",
    "HIPAA.Security-LambdaInsideVPC",
    "NIST.800.53.R5-LambdaInsideVPC",
    "PCI.DSS.321-LambdaInsideVPC",
)

WITHOUT_RESERVE: Final = (
    "A reserve is taken from what all functions of the account share, and AWS refuses it where little is left; this one is "
    "called a few times in a release or a rotation, once in an hour, or by one caller that waits for each answer."
)
WITHOUT_DEAD_LETTERS: Final = (
    "Its caller waits for the answer and reports a failure itself, or asks the same again within the hour, and an alarm "
    "rings on each error: a dead-letter queue would hold what is known already."
)
WITHOUT_VPC: Final = "It calls AWS's APIs alone, which need no address in the VPC, and nothing that lies inside it."
RUNTIME_REASON: Final = (
    "Lambda supports Python 3.13 until June 2029 (Developer Guide, runtimes); all that handlers import is there for it."
)
TRACE_REASON: Final = (
    "X-Ray has no resources that a statement could name for writing segments (Service Authorization Reference)."
)
INTERFACES_REASON: Final = (
    "Lambda makes the function's network interfaces with this role, and their IDs are not known before; describing has no "
    "resources. The function's own code is denied to make any."
)

INTERFACES: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
)
INTERFACE_LISTS: Final = ("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets")
CODE_MAKES_NO_INTERFACES: Final[Mapping[str, Any]] = {
    "Sid": "CodeMakesNoInterfaces",
    "Effect": "Deny",
    "Action": list(INTERFACES),
    "Resource": "*",
    "Condition": {"Null": {"lambda:SourceFunctionArn": "false"}},
}
"""Lambda's own calls name no source function; those of the function's code do (Lambda Developer Guide, VPC permissions)."""


@dataclass(frozen=True, slots=True)
class HandlerSettings:
    """What the functions of a stack have in common."""

    prefix: str
    layer: HandlerLayer
    alarms: Alarms
    logs_key: kms.IKey
    """For the log, and for environment variables, which say no more than the log does."""
    retention_days: int
    removal_policy: RemovalPolicy
    log_level: str

    @classmethod
    def of(cls, scope: Construct, deployment: Deployment, *, logs_key: kms.IKey, topic_arn: str) -> HandlerSettings:
        """With a layer and alarms in `scope`; what rings is sent to the topic."""
        return cls(
            prefix=deployment.prefix,
            layer=HandlerLayer(scope, "Layer"),
            alarms=Alarms(scope, "Alarms", prefix=deployment.prefix, topic_arn=topic_arn),
            logs_key=logs_key,
            retention_days=deployment.monitoring.log_retention_days,
            removal_policy=removal_policy(deployment.protection),
            log_level=deployment.monitoring.log_level,
        )


class DormantHandler(Construct):
    """The log of a function that stands where a site is active, or while the other one follows.

    It stays when the function goes: what it says is kept, and its fixed name is in nobody's way when the function comes back.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: HandlerSettings, name: str) -> None:
        super().__init__(scope, construct_id)
        _log(self, settings, name)


class PythonHandler(Construct):
    """A function of `lambdas/<package>` on Python 3.13 and arm64.

    It logs into a group of its own, `/<prefix>/function/<name>`, traces by Lambda itself, and may do what `statements`
    allow and nothing else: its role has one policy, complete before the function exists. Each error rings, and the alarm
    says what comes of it: `if_it_fails`.

    `dead_letter_arn`: a queue for events that it failed on, for a function that is called without anybody waiting.
    `signs_for_every_region`: it calls an API that belongs to no region and wants signature version 4A, such as CloudFront
    KeyValueStore's; it gets the layer that botocore needs for that.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: HandlerSettings,
        name: str,
        description: str,
        package: str,
        entry: str,
        environment: Mapping[str, str],
        statements: Sequence[Statement],
        timeout_seconds: int,
        memory_mib: int = 512,
        subnet_ids: Sequence[str] = (),
        security_group_ids: Sequence[str] = (),
        reserved_concurrency: int | None = None,
        dead_letter_arn: str | None = None,
        signs_for_every_region: bool = False,
        if_it_fails: str = "whoever waits for it takes that for a failure",
    ) -> None:
        """Subnets and security groups: those of a function that talks to something inside the VPC."""
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        group = _log(self, settings, name)
        in_vpc = bool(subnet_ids)
        self._statements = [*_own(stack, group.attr_arn, settings, dead_letter_arn, in_vpc=in_vpc), *statements]
        self._further = [CODE_MAKES_NO_INTERFACES] if in_vpc else []
        self._policy = iam.CfnManagedPolicy(
            self, "Policy", description=description, policy_document=policy_document(self._statements, *self._further)
        )
        self.role = iam.CfnRole(
            self,
            "Role",
            description=description,
            managed_policy_arns=[self._policy.ref],
            assume_role_policy_document={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
        )
        code = settings.layer.code(package)
        function = lambda_.CfnFunction(
            self,
            "Resource",
            description=description,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            code=lambda_.CfnFunction.CodeProperty(s3_bucket=code.bucket, s3_key=code.key),
            handler=entry,
            layers=[settings.layer.arn, *([settings.layer.signing_arn] if signs_for_every_region else [])],
            role=self.role.attr_arn,
            environment=lambda_.CfnFunction.EnvironmentProperty(
                variables={
                    "POWERTOOLS_SERVICE_NAME": name,
                    "POWERTOOLS_LOG_LEVEL": settings.log_level.upper(),
                    **environment,
                }
            ),
            kms_key_arn=settings.logs_key.key_arn,
            timeout=timeout_seconds,
            memory_size=memory_mib,
            reserved_concurrent_executions=reserved_concurrency,
            dead_letter_config=lambda_.CfnFunction.DeadLetterConfigProperty(target_arn=dead_letter_arn)
            if dead_letter_arn
            else None,
            tracing_config=lambda_.CfnFunction.TracingConfigProperty(mode="Active"),
            logging_config=lambda_.CfnFunction.LoggingConfigProperty(log_format="JSON", log_group=group.ref),
            vpc_config=lambda_.CfnFunction.VpcConfigProperty(
                subnet_ids=list(subnet_ids), security_group_ids=list(security_group_ids)
            )
            if in_vpc
            else None,
        )
        self.arn = function.attr_arn
        self.function_name = function.ref
        self._function: lambda_.IFunction | None = None
        settings.alarms.add([_errors(name, function.ref, if_it_fails)])
        self._acknowledge(
            in_vpc=in_vpc, reserved=reserved_concurrency is not None, dead_letters=dead_letter_arn is not None
        )

    @property
    def function(self) -> lambda_.IFunction:
        """As the L2s of other services take it."""
        if self._function is None:
            self._function = lambda_.Function.from_function_attributes(
                self, "Function", function_arn=self.arn, same_environment=True, skip_permissions=True
            )
        return self._function

    def allow(self, statements: Sequence[Statement]) -> None:
        """Add what could not be known when the function was made, such as roles of services that use it."""
        self._statements += statements
        self._policy.policy_document = policy_document(self._statements, *self._further)
        if found := findings(statements):
            acknowledge(self._policy, found)

    def _acknowledge(self, *, in_vpc: bool, reserved: bool, dead_letters: bool) -> None:
        acknowledge(self._policy, findings(self._statements))
        reasons = {"AwsSolutions-L1": RUNTIME_REASON}
        if not in_vpc:
            reasons |= dict.fromkeys(OUTSIDE_VPC, WITHOUT_VPC)
        if not reserved:
            reasons |= dict.fromkeys(NO_RESERVE, WITHOUT_RESERVE)
        if not dead_letters:
            reasons |= dict.fromkeys(NO_DEAD_LETTERS, WITHOUT_DEAD_LETTERS)
        acknowledge(self, reasons)


def _log(handler: Construct, settings: HandlerSettings, name: str) -> logs.CfnLogGroup:
    return encrypted_log_group(
        handler,
        "Log",
        name=f"/{settings.prefix}/function/{name}",
        key=settings.logs_key,
        retention_days=settings.retention_days,
        removal_policy=settings.removal_policy,
    )


def _own(
    stack: Stack, log_streams: str, settings: HandlerSettings, dead_letter_arn: str | None, *, in_vpc: bool
) -> list[Statement]:
    """What every function may do, whatever it is for."""
    statements = [
        Statement("Log", ("logs:CreateLogStream", "logs:PutLogEvents"), (log_streams,)),
        Statement("Trace", ("xray:PutTelemetryRecords", "xray:PutTraceSegments"), ("*",), because=TRACE_REASON),
        Statement("Environment", ("kms:Decrypt",), (settings.logs_key.key_arn,)),
    ]
    if in_vpc:
        # Lambda asks IAM about this ARN when the function is made: anything narrower is refused for deleting.
        every = f"arn:{stack.partition}:ec2:{stack.region}:{stack.account}:*/*"
        statements += [
            Statement("Interfaces", INTERFACES, (every,), because=INTERFACES_REASON),
            Statement("InterfaceLists", INTERFACE_LISTS, ("*",), because=INTERFACES_REASON),
        ]
    if dead_letter_arn is not None:
        statements.append(Statement("DeadLetters", ("sqs:SendMessage",), (dead_letter_arn,)))
    return statements


def _errors(name: str, function_name: str, if_it_fails: str) -> Alarm:
    return Alarm(
        subject=name,
        what="errors",
        severity="warning",
        meaning=f"The function {name} ended with an error or was stopped at its time limit.",
        look_first=f"the last lines of its log, then its trace: {if_it_fails}.",
        comparison="above",
        threshold=0,
        value=Metric("AWS/Lambda", "Errors", {"FunctionName": function_name}, "Sum"),
        periods=1,
    )
