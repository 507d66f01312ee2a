"""Calls to the embedded AWS's own APIs, the way any client makes them."""

import threading
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.model import StructureShape
from botocore.parsers import ResponseParserError

from rehearsal.embedded_aws import SECRET_KEY, access_key
from rehearsal.emulator.values import Json

ENGINE = "understudy-engine"
"""The application ID of the emulator's own calls, by which `engines.reach` knows them."""
# Nothing is retried: the emulator answers at once or is wrong.
CONFIG = Config(
    user_agent_appid=ENGINE,  # type: ignore[call-arg]  # the stubs lack it
    retries={"max_attempts": 0},
    read_timeout=120,
    s3={"addressing_style": "path"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class ApiError(Exception):
    """An API of the emulator refused a call; `code` is AWS's error code."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Apis:
    """The APIs of one account and region, at an endpoint."""

    def __init__(self, *, endpoint: str, account: str, region: str) -> None:
        self.account = account
        self.region = region
        self._endpoint = endpoint
        self._session = boto3.Session(
            aws_access_key_id=access_key(account), aws_secret_access_key=SECRET_KEY, region_name=region
        )
        self._clients: dict[str, BaseClient] = {}
        self._lock = threading.Lock()  # boto3 may not build two clients at once

    def client(self, service: str) -> Json:
        """Return the client of a service."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._session.client(
                    service,  # type: ignore[call-overload]  # the stubs want literals
                    endpoint_url=self._endpoint,
                    config=CONFIG,
                )
            return self._clients[service]

    def shape(self, service: str, operation: str) -> StructureShape:
        """Return the model of an operation's parameters."""
        meta = self.client(service).meta
        model = meta.service_model.operation_model(meta.method_to_api_mapping[operation])
        shape: StructureShape = model.input_shape
        return shape

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Make a call and return its answer. Raises ApiError with AWS's own words."""
        try:
            answer: dict[str, Any] = getattr(self.client(service), operation)(**parameters)
        except ClientError as error:
            said = error.response["Error"]
            raise ApiError(f"{said['Code']}: {said['Message']} ({error.operation_name})", code=said["Code"]) from error
        except ResponseParserError as error:
            raise ApiError(f"the emulator broke at {service} {operation}; its log tells where") from error
        except BotoCoreError as error:
            raise ApiError(f"{service} {operation}: {error}") from error
        answer.pop("ResponseMetadata", None)
        return answer
