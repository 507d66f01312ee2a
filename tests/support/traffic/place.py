"""A load balancer with a listener for users and one for tests, a service's target groups, and CloudFormation's ear."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from moto import mock_aws
from rule_priorities import allow_swaps

from service_traffic.handler import handler
from shared import aws

REGION = "us-west-2"
PREFIX = "shop-prod"


@dataclass
class Ear:
    """Where CloudFormation waits for answers."""

    url: str
    answers: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def last(self) -> dict[str, Any]:
        """The answer that came last."""
        return self.answers[-1]


@pytest.fixture
def ear() -> Iterator[Ear]:
    """An HTTP server on the loopback that takes PUT requests."""

    class Listening(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            heard.answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            heard.headers.append(dict(self.headers))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listening)
    heard = Ear(f"http://127.0.0.1:{server.server_port}/answer?signature=very-secret")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield heard
    server.shutdown()
    server.server_close()


@dataclass(frozen=True)
class Place:
    """What the template's other resources are here."""

    users: str
    tests: str
    blue: str
    green: str
    other: str
    """A target group of another service."""
    stack_id: str

    def rule(self, path: str, priority: int, *, test: bool = False, green: bool = True) -> dict[str, Any]:
        """A rule as the template has it: CloudFormation makes every value a string."""
        return {
            "Key": f"{'Test' if test else 'Public'}{path.strip('/*').replace('/', '').title() or 'Root'}",
            "ListenerArn": self.tests if test else self.users,
            "Priority": str(priority),
            "Conditions": [
                {"Field": "host-header", "HostHeaderConfig": {"Values": ["shop.example.com"]}},
                {"Field": "path-pattern", "PathPatternConfig": {"Values": [path]}},
            ],
            "BlueArn": self.blue,
            "GreenArn": self.green if green else "",
            "Test": "true" if test else "false",
        }

    def standing(self, listener: str | None = None) -> dict[int, dict[str, Any]]:
        """Rules of a listener, by priority."""
        rules = aws.client("elbv2").describe_rules(ListenerArn=listener or self.users)["Rules"]
        return {int(rule["Priority"]): dict(rule) for rule in rules if not rule["IsDefault"]}

    def put(self, path: str, priority: int, weights: Mapping[str, int], *, listener: str | None = None) -> str:
        """Make a rule by hand, or by an engine's."""
        groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
        actions: Any = [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
        answer = aws.client("elbv2").create_rule(
            ListenerArn=listener or self.users,
            Priority=priority,
            Conditions=self.rule(path, priority)["Conditions"],
            Actions=actions,
        )
        return answer["Rules"][0]["RuleArn"]

    def shift(self, blue: int, green: int, listener: str | None = None) -> None:
        """Move requests, as an engine does in every rule of the service."""
        for rule in self.standing(listener).values():
            aws.client("elbv2").modify_rule(
                RuleArn=rule["RuleArn"],
                Actions=[
                    {
                        "Type": "forward",
                        "ForwardConfig": {
                            "TargetGroups": [
                                {"TargetGroupArn": self.blue, "Weight": blue},
                                {"TargetGroupArn": self.green, "Weight": green},
                            ]
                        },
                    }
                ],
            )


def weights(rule: Mapping[str, Any]) -> dict[str, int]:
    """Of a rule, by target group."""
    return {one["TargetGroupArn"]: one["Weight"] for one in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]}


def path(rule: Mapping[str, Any]) -> str:
    """That a rule matches."""
    for condition in rule["Conditions"]:
        if condition["Field"] == "path-pattern":
            return str((condition.get("Values") or condition["PathPatternConfig"]["Values"])[0])
    raise LookupError(rule)


def make_place() -> Place:
    """In moto, which must run."""
    ec2, elbv2 = aws.client("ec2"), aws.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for index, zone in enumerate("ab")
    ]
    balancer = elbv2.create_load_balancer(Name=f"{PREFIX}-alb", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    listeners = [
        elbv2.create_listener(
            LoadBalancerArn=balancer,
            Protocol="HTTP",
            Port=port,
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
        )["Listeners"][0]["ListenerArn"]
        for port in (443, 8443)
    ]
    groups = [
        elbv2.create_target_group(Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")["TargetGroups"][0][
            "TargetGroupArn"
        ]
        for name in ("blue", "green", "other")
    ]
    stack = aws.client("cloudformation").create_stack(
        StackName=f"{PREFIX}-services", TemplateBody='{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    )
    users, tests = listeners
    blue, green, other = groups
    return Place(users, tests, blue, green, other, stack["StackId"])


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of the function, and ELB's own way with priorities."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "PREFIX": PREFIX,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    allow_swaps(monkeypatch)


@pytest.fixture
def environment(variables: None) -> Iterator[None]:  # noqa: ARG001
    """The function's variables, and an account in moto."""
    with mock_aws():
        aws.forget_clients()
        yield
    aws.forget_clients()


@pytest.fixture
def place(environment: None) -> Place:  # noqa: ARG001
    """A load balancer, its listeners, and target groups."""
    return make_place()


@dataclass(frozen=True)
class CloudFormation:
    """Sends requests to the function, and hears its answers."""

    place: Place
    ear: Ear

    def properties(self, rules: Sequence[Mapping[str, Any]], **others: object) -> dict[str, Any]:
        """As the template has them."""
        return {
            "ServiceToken": "arn:aws:lambda:us-west-2:123456789012:function:traffic",
            "ServiceTimeout": "300",
            "Service": "web",
            "Engine": "codedeploy",
            "Strategy": "canary",
            "Cluster": PREFIX,
            "CodeDeployGroup": f"{PREFIX}-web",
            "Rules": list(rules),
            "Fixed": {"port": "8080", "protocol": "http", "release.engine": "codedeploy"},
            "Remedies": {"port": "Add a second service beside it", "protocol": "Add a second service beside it"},
            "Fingerprint": "0",
            **others,
        }

    def event(self, kind: str, new: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """As CloudFormation sends it."""
        event: dict[str, Any] = {
            "RequestType": kind,
            "ResponseURL": self.ear.url,
            "StackId": self.place.stack_id,
            "RequestId": "request",
            "LogicalResourceId": "WebTraffic",
            "ResourceType": "Custom::ServiceTraffic",
            "ServiceToken": "arn:aws:lambda:us-west-2:123456789012:function:traffic",
            "ResourceProperties": new,
        }
        if kind != "Create":
            event["PhysicalResourceId"] = f"{PREFIX}-web-traffic"
        if old is not None:
            event["OldResourceProperties"] = old
        return event

    def send(self, kind: str, new: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer."""
        handler(self.event(kind, new, old), object())
        return self.ear.last


@pytest.fixture
def cloudformation(place: Place, ear: Ear) -> CloudFormation:
    """CloudFormation, deploying the service `web`."""
    return CloudFormation(place, ear)
