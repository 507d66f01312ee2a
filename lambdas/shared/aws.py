"""Clients of AWS, each made at its first use and kept for the life of the execution environment."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, overload

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_codedeploy.client import CodeDeployClient
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_ec2.client import EC2Client
    from mypy_boto3_ecs.client import ECSClient
    from mypy_boto3_elbv2.client import ElasticLoadBalancingv2Client
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_ssm.client import SSMClient
    from mypy_boto3_stepfunctions.client import SFNClient

CONNECT_SECONDS: Final = 2
"""A regional endpoint answers within milliseconds; one that does not is tried again at another address."""
READ_SECONDS: Final = 5
ATTEMPTS: Final = 3
"""So that a call takes at most some 21 seconds, which every function's time-out must leave."""


@overload
def client(service: Literal["cloudwatch"]) -> CloudWatchClient: ...
@overload
def client(service: Literal["codedeploy"]) -> CodeDeployClient: ...
@overload
def client(service: Literal["dynamodb"]) -> DynamoDBClient: ...
@overload
def client(service: Literal["ec2"]) -> EC2Client: ...
@overload
def client(service: Literal["ecs"]) -> ECSClient: ...
@overload
def client(service: Literal["elbv2"]) -> ElasticLoadBalancingv2Client: ...
@overload
def client(service: Literal["lambda"]) -> LambdaClient: ...
@overload
def client(service: Literal["secretsmanager"]) -> SecretsManagerClient: ...
@overload
def client(service: Literal["ssm"]) -> SSMClient: ...
@overload
def client(service: Literal["stepfunctions"]) -> SFNClient: ...
@overload
def client(service: str) -> Any: ...  # noqa: ANN401 - a service without a line above has no types
def client(service: str) -> Any:
    """The botocore client of `service` in this function's region."""
    return _client(service)


@cache
def patient(service: str, seconds: int) -> Any:  # noqa: ANN401
    """A client whose calls may take `seconds` each, and are made once: for what takes long and must not be asked for twice."""
    from botocore.config import Config  # noqa: PLC0415

    limits = Config(connect_timeout=CONNECT_SECONDS, read_timeout=seconds, retries={"total_max_attempts": 1})
    return _session().create_client(service, region_name=os.environ.get("AWS_REGION"), config=limits)


@cache
def _session() -> Session:
    from botocore.session import get_session  # noqa: PLC0415 - at the first client, not at import

    return get_session()


@cache
def _client(service: str) -> Any:  # noqa: ANN401
    from botocore.config import Config  # noqa: PLC0415

    limits = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    )
    return _session().create_client(service, region_name=os.environ.get("AWS_REGION"), config=limits)


def forget_clients() -> None:
    """Make clients anew at their next use: for tests, whose endpoints come and go."""
    _client.cache_clear()
    patient.cache_clear()
    _session.cache_clear()


def is_error(failure: Exception, *codes: str) -> bool:
    """Whether AWS answered with one of the error `codes`, such as `ConditionalCheckFailedException`."""
    response = getattr(failure, "response", None)
    return isinstance(response, dict) and response.get("Error", {}).get("Code") in codes


def region_of(arn: str) -> str:
    """The region in an ARN."""
    return arn.split(":", 5)[3]


def error_sentence(failure: BaseException) -> str | None:
    """What AWS answered, as `<operation>: <code>: <message>`; None when `failure` is no answer of AWS."""
    response = getattr(failure, "response", None)
    if isinstance(response, dict) and "Error" in response:
        error = response["Error"]
        operation = getattr(failure, "operation_name", "AWS")
        return f"{operation}: {error.get('Code')}: {str(error.get('Message'))[:300]}"
    if type(failure).__module__ == "botocore.exceptions":
        return f"AWS did not answer: {type(failure).__name__}"
    return None
