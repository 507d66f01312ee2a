"""One function of an environment, run as Lambda would run it: its handler, its variables, its region."""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from botocore.loaders import Loader
from botocore.session import get_session
from moto import mock_aws
from permissions.deployed import Resource
from permissions.principals import Function
from permissions.recorded_aws import RecordedAws
from permissions.synthesis import ROOT

PACKAGES: Final = tuple(sorted(file.parent.name for file in (ROOT / "lambdas").glob("*/__init__.py")))
SHARED: Final = "shared"
INVOCATION_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda hands to a handler beside the event."""

    invoked_function_arn: str
    function_name: str
    memory_limit_in_mb: int = 512
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Plenty."""
        return INVOCATION_MS


@dataclass
class Scene:
    """A function to be played, and the AWS that answers it. Scenarios prepare `aws` and call `invoke`."""

    function: Function
    aws: RecordedAws = field(default_factory=RecordedAws)

    @property
    def variables(self) -> dict[str, str]:
        """The function's environment variables."""
        return self.function.variables

    @property
    def stage(self) -> str:
        """`STAGE` of a function that is one of several of its handler."""
        return self.variables.get("STAGE", "")

    def arn(self, service: str, resource: str) -> str:
        """An ARN in the function's account and region."""
        return f"arn:aws:{service}:{self.function.region}:{self.function.deployed.account}:{resource}"

    def custom_resources(self, type_: str) -> list[dict[str, Any]]:
        """Properties of each custom resource of the type that this function is the provider of."""
        return [
            dict(each.properties)
            for each in self.function.deployed.resources(type_)
            if each.properties["ServiceToken"] == self.function.resource.arn
        ]

    @cached_property
    def plans(self) -> dict[str, dict[str, Any]]:
        """The release plan of each service, as its parameter in the template has it."""
        prefix = f"/{self.variables['PREFIX']}/release/"
        return {
            parameter.properties["Name"].removeprefix(prefix): json.loads(parameter.properties["Value"])
            for parameter in self._parameters()
            if str(parameter.properties.get("Name", "")).startswith(prefix)
        }

    def write_plan(self, service: str, **changes: Any) -> dict[str, Any]:
        """Put the plan of `service` where the function reads it, with `changes`; return it."""
        plan = {**self.plans[service], **changes}
        self.write_parameter(f"/{self.variables['PREFIX']}/release/{service}", json.dumps(plan))
        return plan

    def parameter(self, name: str) -> str:
        """Value of the parameter `name`, as the template of the function's region has it."""
        return str(next(each.properties["Value"] for each in self._parameters() if each.properties.get("Name") == name))

    def _parameters(self) -> Iterator[Resource]:
        everywhere = self.function.deployed.resources("AWS::SSM::Parameter")
        return (each for each in everywhere if each.stack.region == self.function.region)

    def write_parameter(self, name: str, value: str) -> None:
        """Put a parameter where the function reads it."""
        self._moto("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """Call the handler."""
        module, _, name = self.function.entry.rpartition(".")
        handler = getattr(importlib.import_module(module), name)
        resource = self.function.resource
        return handler(json.loads(json.dumps(event)), Context(resource.arn, resource.physical.name))

    def put_item(self, table: str, region: str, item: Mapping[str, Any]) -> None:
        """Put an item, as DynamoDB has it, where the function or somebody else finds it."""
        self._moto("dynamodb", region).put_item(TableName=table, Item=item)

    def item(self, table: str, region: str, name: str) -> dict[str, Any]:
        """What stands under `name` in a table of recovery."""
        found: dict[str, Any] = self._moto("dynamodb", region).get_item(TableName=table, Key={"item": {"S": name}})
        return dict(found.get("Item", {}))

    def _moto(self, service: str, region: str | None = None) -> Any:
        session = get_session()
        session.register_component("data_loader", _models())
        return session.create_client(service, region_name=region or self.function.region)

    def _make_tables(self) -> None:
        for table in self.function.deployed.resources("AWS::DynamoDB::Table"):
            wanted = ("AttributeDefinitions", "KeySchema", "BillingMode")
            given = {name: value for name, value in table.properties.items() if name in wanted}
            self._moto("dynamodb", table.stack.region).create_table(
                **{"BillingMode": "PAY_PER_REQUEST", **given}, TableName=table.physical.name
            )


@contextmanager
def playing(function: Function) -> Iterator[Scene]:
    """The stage for one function: its variables are set, its region is the process's, every call is recorded."""
    from shared import aws

    scene = Scene(function)
    variables = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        **function.variables,
    }
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    with patch.dict(os.environ, {**inherited, **variables}, clear=True), mock_aws():
        _forget()
        scene._make_tables()
        session = aws._session()
        # Each function has clients of its own, and reading the models of services is what takes long in making one.
        session.register_component("data_loader", _models())
        # Hundreds of lines that would bury the one finding of a test that fails.
        logging.disable(logging.CRITICAL)
        try:
            with scene.aws.watching(session):
                yield scene
        finally:
            logging.disable(logging.NOTSET)
            _forget()


@cache
def _models() -> Loader:
    loader: Loader = get_session().get_component("data_loader")
    return loader


def _forget() -> None:
    """Empty the caches of the functions' modules: Lambda gives each function a process of its own."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in PACKAGES:
            for value in vars(module).values():
                clear = getattr(value, "cache_clear", None)
                if callable(clear):
                    clear()


@contextmanager
def listening() -> Iterator[str]:
    """The URL of a server on the loopback that takes every PUT: CloudFormation waiting for an answer."""

    class Taking(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def scenario_file(package: str) -> Path:
    """Where the scenarios of a package of lambdas/ stand."""
    return Path(__file__).parent / "scenarios" / f"{package}.py"
