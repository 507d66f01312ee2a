"""Clients of AWS, each made at its first use and kept for the life of the execution environment."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, overload

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_cloudfront_keyvaluestore.client import CloudFrontKeyValueStoreClient
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
def client(service: Literal["cloudfront-keyvaluestore"]) -> CloudFrontKeyValueStoreClient: ...
@overload
def client(service: Literal["cloudwatch"], region: str | None = None) -> CloudWatchClient: ...
@overload
def client(service: Literal["codedeploy"], region: str | None = None) -> CodeDeployClient: ...
@overload
def client(service: Literal["dynamodb"], region: str | None = None) -> DynamoDBClient: ...
@overload
def client(service: Literal["ec2"], region: str | None = None) -> EC2Client: ...
@overload
def client(service: Literal["ecs"], region: str | None = None) -> ECSClient: ...
@overload
def client(service: Literal["elbv2"], region: str | None = None) -> ElasticLoadBalancingv2Client: ...
@overload
def client(service: Literal["lambda"], region: str | None = None) -> LambdaClient: ...
@overload
def client(service: Literal["secretsmanager"], region: str | None = None) -> SecretsManagerClient: ...
@overload
def client(service: Literal["ssm"], region: str | None = None) -> SSMClient: ...
@overload
def client(service: Literal["stepfunctions"], region: str | None = None) -> SFNClient: ...
@overload
def client(service: str, region: str | None = None) -> Any: ...  # noqa: ANN401 - a service without a line above has no types
def client(service: str, region: str | None = None) -> Any:
    """The botocore client of `service` in `region`; None: in this function's."""
    return _client(service, region)


def patient(service: str, seconds: int) -> Any:  # noqa: ANN401
    """A client whose calls may take `seconds` each, and are made once: for what takes long and must not be asked for twice."""
    return _once(service, None, CONNECT_SECONDS, seconds)


def prompt(service: str, region: str | None, seconds: float) -> Any:  # noqa: ANN401
    """A client whose calls are made once: `seconds` for the connection, and as many for the answer. For what is asked again
    in a moment anyway, and must not be waited for.
    """
    return _once(service, region, seconds, seconds)


@cache
def _once(service: str, region: str | None, connect_seconds: float, read_seconds: float) -> Any:  # noqa: ANN401
    from botocore.config import Config  # noqa: PLC0415

    limits = Config(connect_timeout=connect_seconds, read_timeout=read_seconds, retries={"total_max_attempts": 1})
    return _session().create_client(service, region_name=region or os.environ.get("AWS_REGION"), config=limits)


@cache
def _session() -> Session:
    from botocore.session import get_session  # noqa: PLC0415 - at the first client, not at import

    return get_session()


@cache
def _client(service: str, region: str | None) -> Any:  # noqa: ANN401
    from botocore.config import Config  # noqa: PLC0415

    limits = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    )
    return _session().create_client(service, region_name=region or os.environ.get("AWS_REGION"), config=limits)


def forget_clients() -> None:
    """Make clients anew at their next use: for tests, whose endpoints come and go."""
    _client.cache_clear()
    _once.cache_clear()
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
