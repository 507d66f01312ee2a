"""What is live already is answered for; everything else goes on to the provider."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from moto import mock_aws
from moto.codedeploy.models import codedeploy_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ecs.models import ecs_backends

from deployment_start import handler
from shared.aws import client, forget_clients

REGION = "us-west-2"
PREFIX = "shop-prod"
PROVIDER = f"arn:aws:lambda:{REGION}:{DEFAULT_ACCOUNT_ID}:function:provider"


class World:
    """A service under CodeDeploy, what CloudFormation is answered, and what the provider is asked."""

    def __init__(self, url: str, answers: list[dict[str, Any]]) -> None:
        self.answers = answers
        self.asked: list[dict[str, Any]] = []
        self._url = url
        ecs = client("ecs")
        ecs.create_cluster(clusterName=PREFIX)
        container: Any = {"name": "web", "image": "shop/web@sha256:" + "a" * 64, "memory": 128}
        revisions = [
            ecs.register_task_definition(family=f"{PREFIX}-web", containerDefinitions=[container]) for _ in range(2)
        ]
        self.old, self.new = (found["taskDefinition"]["taskDefinitionArn"] for found in revisions)
        ecs.create_service(
            cluster=PREFIX,
            serviceName="web",
            taskDefinition=self.old,
            desiredCount=2,
            deploymentController={"type": "CODE_DEPLOY"},
        )
        codedeploy = client("codedeploy")
        codedeploy.create_application(applicationName=PREFIX, computePlatform="ECS")
        codedeploy.create_deployment_group(
            applicationName=PREFIX,
            deploymentGroupName=f"{PREFIX}-web",
            serviceRoleArn=f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/codedeploy",
        )

    def serve(self, task_definition: str, *, deployment: str | None, running: int = 2) -> None:
        """Let tasks of `task_definition` have all requests."""
        service: Any = ecs_backends[DEFAULT_ACCOUNT_ID][REGION].services[f"{PREFIX}:web"]
        service.task_sets = [
            {
                "id": "ecs-svc/1",
                "status": "PRIMARY",
                "taskDefinition": task_definition,
                "externalId": deployment,
                "computedDesiredCount": 2,
                "runningCount": running,
            }
        ]

    def deployment_under_way(self) -> None:
        """Another deployment of the group."""
        found = client("codedeploy").create_deployment(applicationName=PREFIX, deploymentGroupName=f"{PREFIX}-web")
        deployments: Any = codedeploy_backends[DEFAULT_ACCOUNT_ID][REGION].deployments
        deployments[found["deploymentId"]].status = "InProgress"

    def deliver(self, wanted: str, *, request_type: str = "Update", properties: Any = None) -> None:
        """CloudFormation wants the task definition `wanted`."""
        spec = {"Resources": [{"TargetService": {"Properties": {"TaskDefinition": wanted}}}]}
        event = {
            "RequestType": request_type,
            "ResponseURL": self._url,
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Deployment",
            "ResourceType": "Custom::EcsDeployment",
            "PhysicalResourceId": "d-BEFORE",
            "ResourceProperties": properties
            or {
                "applicationName": PREFIX,
                "deploymentGroupName": f"{PREFIX}-web",
                "deploymentConfigName": "config",
                "revisionAppSpecContent": json.dumps(spec),
                "Provider": PROVIDER,
            },
        }
        events = client("lambda").meta.events

        def received(params: Any, **_: Any) -> Any:
            self.asked.append(json.loads(params["body"]))
            assert "Event" == params["headers"]["X-Amz-Invocation-Type"]
            return _Accepted(), {"StatusCode": 202}

        events.register("before-call.lambda.Invoke", received)
        try:
            handler.handler(event, None)
        finally:
            events.unregister("before-call.lambda.Invoke", received)


class _Accepted:
    status_code = 202


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """With moto for CodeDeploy and ECS, and a server that is CloudFormation's."""
    answers: list[dict[str, Any]] = []

    class Address(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    monkeypatch.setenv("AWS_REGION", REGION)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    server = HTTPServer(("localhost", 0), Address)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    forget_clients()
    with mock_aws():
        yield World(f"http://localhost:{server.server_port}/answer", answers)
    forget_clients()
    server.shutdown()


def test_D3_what_is_live_already_is_not_deployed_again(world: World) -> None:
    """As when CloudFormation goes back to the version that CodeDeploy has gone back to: the same physical ID."""
    world.serve(world.old, deployment="d-BEFORE")
    world.deliver(world.old)
    (answer,) = world.answers
    assert ("SUCCESS", "d-BEFORE", []) == (answer["Status"], answer["PhysicalResourceId"], world.asked)
    assert {"deploymentId": "d-BEFORE"} == answer["Data"]


def test_a_new_version_goes_on_to_the_provider(world: World) -> None:
    """Which answers by itself."""
    world.serve(world.old, deployment="d-BEFORE")
    world.deliver(world.new)
    assert ([], world.new) == (world.answers, _task_definition(world.asked[0]))


@pytest.mark.parametrize("request_type", ["Create", "Delete"])
def test_only_updates_are_looked_at(world: World, request_type: str) -> None:
    """The first deployment has to run whatever is there, and removing one is the provider's."""
    world.serve(world.old, deployment="d-BEFORE")
    world.deliver(world.old, request_type=request_type)
    assert ([], request_type) == (world.answers, world.asked[0]["RequestType"])


def test_T7_tasks_that_came_with_the_service_are_released_all_the_same(world: World) -> None:
    """No hook has looked at them."""
    world.serve(world.old, deployment=None)
    world.deliver(world.old)
    assert ([], 1) == (world.answers, len(world.asked))


def test_a_version_that_has_lost_a_task_is_deployed(world: World) -> None:
    """It is not what was wanted."""
    world.serve(world.old, deployment="d-BEFORE", running=1)
    world.deliver(world.old)
    assert 1 == len(world.asked)


def test_nothing_is_live_while_another_deployment_is_under_way(world: World) -> None:
    """Its end decides; the provider says what CodeDeploy says of a second one."""
    world.serve(world.old, deployment="d-BEFORE")
    world.deployment_under_way()
    world.deliver(world.old)
    assert 1 == len(world.asked)


def test_in_doubt_the_provider_decides(world: World) -> None:
    """A service that cannot be read is no reason to stand still."""
    ecs_backends[DEFAULT_ACCOUNT_ID][REGION].services.clear()
    ecs_backends[DEFAULT_ACCOUNT_ID][REGION].clusters.clear()
    world.deliver(world.old)
    assert ([], 1) == (world.answers, len(world.asked))


def test_unreadable_properties_are_answered(world: World) -> None:
    """CloudFormation would wait an hour."""
    world.deliver(world.old, properties={"applicationName": PREFIX})
    (answer,) = world.answers
    assert ("FAILED", []) == (answer["Status"], world.asked)
    assert "could not be started" in answer["Reason"]


def _task_definition(event: dict[str, Any]) -> str:
    spec = json.loads(event["ResourceProperties"]["revisionAppSpecContent"])
    return str(spec["Resources"][0]["TargetService"]["Properties"]["TaskDefinition"])
