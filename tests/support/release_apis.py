"""Operations of CodeDeploy and ECS that moto lacks, over things that a test puts there. Installed for one test."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from moto.codedeploy.responses import CodeDeployResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.ecs.responses import EC2ContainerServiceResponse


class DeploymentDoesNotExistException(ServiceException):
    """CodeDeploy's."""

    __module__ = "moto.codedeploy.exceptions"
    code = "DeploymentDoesNotExistException"


class DeploymentAlreadyCompletedException(ServiceException):
    """CodeDeploy's."""

    __module__ = "moto.codedeploy.exceptions"
    code = "DeploymentAlreadyCompletedException"


@dataclass
class ReleaseApis:
    """What the added operations answer from. Shapes are those of the APIs."""

    deployments: dict[str, dict[str, Any]] = field(default_factory=dict)
    """`deploymentInfo` of GetDeployment, by id."""
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    """`ecsTarget` of GetDeploymentTarget, by deployment id."""
    service_deployments: dict[str, dict[str, Any]] = field(default_factory=dict)
    revisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    stops: list[dict[str, Any]] = field(default_factory=list)
    """Each StopDeployment."""
    on_stop: Callable[[str], None] = lambda _: None
    """What CodeDeploy does upon it."""
    tasks_run: dict[str, Any] = field(default_factory=dict)
    """RunTask's answer by client token, which makes it idempotent (API Reference, "Ensuring idempotency")."""
    run_requests: list[dict[str, Any]] = field(default_factory=list)
    """Each RunTask that started a task."""

    def get_deployment(self, response: BaseResponse) -> ActionResult:
        """GetDeployment."""
        return ActionResult({"deploymentInfo": self._deployment(response)})

    def get_deployment_target(self, response: BaseResponse) -> ActionResult:
        """GetDeploymentTarget of an ECS deployment."""
        name = self._deployment(response)["deploymentId"]
        return ActionResult(
            {"deploymentTarget": {"deploymentTargetType": "ECSTarget", "ecsTarget": self.targets[name]}}
        )

    def stop_deployment(self, response: BaseResponse) -> ActionResult:
        """StopDeployment."""
        deployment = self._deployment(response)
        if deployment["status"] in ("Succeeded", "Failed", "Stopped"):
            raise DeploymentAlreadyCompletedException("it has ended")
        body = _body(response)
        self.stops.append(body)
        self.on_stop(body["deploymentId"])
        return ActionResult({"status": "Pending"})

    def list_service_deployments(self, response: BaseResponse) -> ActionResult:
        """ListServiceDeployments."""
        body = _body(response)
        wanted = body.get("status")
        return ActionResult(
            {
                "serviceDeployments": [
                    {"serviceDeploymentArn": arn, "serviceArn": each["serviceArn"], "status": each["status"]}
                    for arn, each in self.service_deployments.items()
                    if each["serviceArn"] == body["service"] and (not wanted or each["status"] in wanted)
                ]
            }
        )

    def describe_service_deployments(self, response: BaseResponse) -> ActionResult:
        """DescribeServiceDeployments."""
        arns = _body(response)["serviceDeploymentArns"]
        found = [self.service_deployments[arn] for arn in arns if arn in self.service_deployments]
        return ActionResult({"serviceDeployments": found, "failures": []})

    def describe_service_revisions(self, response: BaseResponse) -> ActionResult:
        """DescribeServiceRevisions."""
        arns = _body(response)["serviceRevisionArns"]
        return ActionResult(
            {"serviceRevisions": [self.revisions[arn] for arn in arns if arn in self.revisions], "failures": []}
        )

    def install(self, monkeypatch: pytest.MonkeyPatch) -> ReleaseApis:
        """Add them to moto until the test is over."""
        for response_class, names in {
            CodeDeployResponse: ("get_deployment", "get_deployment_target", "stop_deployment"),
            EC2ContainerServiceResponse: (
                "list_service_deployments",
                "describe_service_deployments",
                "describe_service_revisions",
            ),
        }.items():
            for name in names:
                method = getattr(self, name)
                monkeypatch.setattr(
                    response_class, name, lambda response, method=method: method(response), raising=False
                )
        self._run_once(monkeypatch)
        return self

    def _run_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        moto = EC2ContainerServiceResponse.run_task

        def run(response: EC2ContainerServiceResponse) -> Any:
            body = _body(response)
            token = str(body.get("clientToken"))
            if token not in self.tasks_run:
                self.tasks_run[token] = moto(response)
                self.run_requests.append(body)
            return self.tasks_run[token]

        monkeypatch.setattr(EC2ContainerServiceResponse, "run_task", run)

    def _deployment(self, response: BaseResponse) -> dict[str, Any]:
        name = _body(response)["deploymentId"]
        if name not in self.deployments:
            raise DeploymentDoesNotExistException(f"{name} does not exist")
        return self.deployments[name]


def _body(response: BaseResponse) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(response.body)
    return body
