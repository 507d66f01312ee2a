"""The emulator and its stacks, as tests use them."""

import io
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from rehearsal.embedded_aws import EmbeddedAws, access_key, server_environment

ACCOUNT = "123456789012"
REGION = "us-west-2"
EDGE_REGION = "us-east-1"


def archive(code: str) -> bytes:
    """Return the archive of a function whose handler is in the module `handler`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("handler.py", code)
    return content.getvalue()


@contextmanager
def serving(aws: EmbeddedAws, log: Path, variables: Mapping[str, str] = {}) -> Iterator[subprocess.Popen[bytes]]:
    """The process of an emulator that answers; it is told to stop at the end."""
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.emulator.server", str(aws.port)],
            env={**server_environment(aws), **variables},
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).parents[2],
        )
        try:
            deadline = time.monotonic() + 60
            while aws.status() is None:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield process
        finally:
            process.terminate()
            process.wait()


@dataclass
class Emulator:
    """A running emulator and its clients."""

    endpoint: str
    port: int
    token: str
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, region: str = REGION) -> Any:
        """Return a client, made once: making one takes longer than most calls."""
        if (service, region) not in self.clients:
            self.clients[service, region] = boto3.client(  # type: ignore[call-overload]
                service,
                region_name=region,
                endpoint_url=self.endpoint,
                aws_access_key_id=access_key(ACCOUNT),
                aws_secret_access_key="rehearsal",
            )
        return self.clients[service, region]

    def status(self) -> list[dict[str, Any]]:
        """Return what the emulator tells of its stacks."""
        return EmbeddedAws(self.port, self.token).stacks()


@dataclass
class Stack:
    """A stack under test."""

    emulator: Emulator
    name: str
    region: str

    def deploy(self, resources: dict[str, Any], *, expect: str = "", **template: Any) -> dict[str, str]:
        """Create or update; return the outputs. The status must be a success, or what is expected."""
        client = self.emulator.client("cloudformation", self.region)
        body = json.dumps({"Resources": resources, **template})
        exists = any(stack["name"] == self.name for stack in self.emulator.status())
        (client.update_stack if exists else client.create_stack)(StackName=self.name, TemplateBody=body)
        wanted = expect or ("UPDATE_COMPLETE" if exists else "CREATE_COMPLETE")
        stack = client.describe_stacks(StackName=self.name)["Stacks"][0]
        assert wanted == stack["StackStatus"], self.failures()
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def delete(self) -> None:
        """Delete; every resource must go."""
        client = self.emulator.client("cloudformation", self.region)
        arn = client.describe_stacks(StackName=self.name)["Stacks"][0]["StackId"]
        client.delete_stack(StackName=self.name)
        status = client.describe_stacks(StackName=arn)["Stacks"][0]["StackStatus"]
        events = client.describe_stack_events(StackName=arn)["StackEvents"]
        assert status == "DELETE_COMPLETE", [event.get("ResourceStatusReason") for event in events[:2]]

    def failures(self) -> list[str]:
        """Return why resources failed."""
        events = self.emulator.client("cloudformation", self.region).describe_stack_events(StackName=self.name)
        return [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
            for event in events["StackEvents"]
            if "FAILED" in event["ResourceStatus"]
        ]

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return what the emulator did with each resource."""
        stack = next(stack for stack in self.emulator.status() if stack["name"] == self.name)
        return {resource["logical_id"]: resource for resource in stack["resources"]}

    def id(self, logical_id: str) -> str:
        """Return a resource's physical ID."""
        physical_id: str = self.resources()[logical_id]["physical_id"]
        return physical_id


@dataclass(frozen=True, kw_only=True)
class Case:
    """One resource type: created with values, changed, removed; `look` reads the values back through AWS's API."""

    type: str
    properties: dict[str, Any]
    expected: Any
    look: Callable[[Emulator, str], Any]
    changes: dict[str, Any] = field(default_factory=dict)
    changed: Any = None
    others: dict[str, Any] = field(default_factory=dict)
    region: str = REGION

    def play(self, emulator: Emulator, name: str) -> None:
        """Create, change and remove, looking at each step."""
        stack = Stack(emulator, name, self.region)
        others = {"Filler": {"Type": "AWS::CloudFormation::WaitConditionHandle"}, **self.others}
        subject = {"Type": self.type, "Properties": self.properties}
        stack.deploy({**others, "Subject": subject})
        resource = stack.resources()["Subject"]
        assert (True, []) == (resource["emulated"], resource["not_carried"])
        assert self.expected == self.look(emulator, resource["physical_id"])
        if self.changes:
            stack.deploy({**others, "Subject": {**subject, "Properties": {**self.properties, **self.changes}}})
            resource = stack.resources()["Subject"]
            assert self.changed == self.look(emulator, resource["physical_id"])
        stack.deploy(others)
        assert gone(self.look, emulator, resource["physical_id"])
        stack.delete()


def gone(look: Callable[[Emulator, str], Any], emulator: Emulator, name: str) -> bool:
    """Tell whether the API no longer knows a thing."""
    try:
        found = look(emulator, name)
    except (ClientError, IndexError, KeyError, StopIteration):
        return True
    return found in (None, {}, [])


def picked(source: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return some members of an answer."""
    return {name: source.get(name) for name in names}


VPC: dict[str, Any] = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}


def subnet(index: int) -> dict[str, Any]:
    """Return a subnet's template, each in a zone of its own."""
    zone = {"Fn::Select": [index, {"Fn::GetAZs": ""}]}
    block = {"CidrBlock": f"10.0.{index}.0/24", "AvailabilityZone": zone, "VpcId": {"Ref": "Vpc"}}
    return {"Type": "AWS::EC2::Subnet", "Properties": block}


NETWORK: dict[str, Any] = {"Vpc": VPC, "SubnetA": subnet(0), "SubnetB": subnet(1)}
SUBNETS = [{"Ref": "SubnetA"}, {"Ref": "SubnetB"}]
