"""The release engines of several services, in moto: deployments that end when a test lets time pass.

moto has no service deployments, its CodeDeploy deployments never begin, and neither makes tasks. Added here is what AWS
documents of both, as far as a refresh sees it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from moto.codedeploy.responses import CodeDeployResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.ecs.responses import EC2ContainerServiceResponse

from shared import clock

Ending = Literal["well", "badly", "never"]


class DeploymentLimitExceededException(ServiceException):
    """CodeDeploy's, while the group has a deployment that has not ended."""

    __module__ = "moto.codedeploy.exceptions"
    code = "DeploymentLimitExceededException"


@dataclass
class Deployed:
    """A deployment of a service, by either engine."""

    id: str
    service: str
    began: float
    takes: float
    ending: Ending
    by_refresh: bool
    ended: float | None = None
    description: str | None = None
    content: str = ""

    def moment(self, at: float | None) -> datetime | None:
        """As answers of AWS have it."""
        return None if at is None else datetime.fromtimestamp(at, UTC)


@dataclass
class Engines:
    """What happens to deployments."""

    replace_tasks: Callable[[str], None]
    """New tasks in place of all that run."""
    prefix: str
    deployments: list[Deployed] = field(default_factory=list)
    takes: float = 120.0
    endings: dict[str, list[Ending]] = field(default_factory=dict)
    """How the next deployments of a service end; well, where nothing is said."""
    refused: dict[str, str] = field(default_factory=dict)
    """Error codes by service."""

    def begin(self, service: str, *, by_refresh: bool = False) -> Deployed:
        """A deployment of `service`."""
        assert self.under_way(service) is None, f"{service} is deployed twice at once"
        ending = endings.pop(0) if (endings := self.endings.get(service)) else "well"
        name = f"d-{len(self.deployments):09d}"
        made = Deployed(name, service, clock.epoch(), self.takes, ending, by_refresh)
        self.deployments.append(made)
        return made

    def under_way(self, service: str) -> Deployed | None:
        """The one that has not ended."""
        self.pass_time()
        return next((one for one in self.deployments if one.service == service and one.ended is None), None)

    def pass_time(self) -> None:
        """End what is due."""
        for one in self.deployments:
            if one.ended is None and one.ending != "never" and clock.epoch() >= one.began + one.takes:
                one.ended = one.began + one.takes
                if one.ending == "well":
                    self.replace_tasks(one.service)

    def refreshed(self) -> list[str]:
        """Services that refreshes deployed, in order."""
        return [one.service for one in self.deployments if one.by_refresh]

    # --- ECS

    def _arn(self, deployment: Deployed) -> str:
        return (
            f"arn:aws:ecs:us-west-2:123456789012:service-deployment/{self.prefix}/{deployment.service}/{deployment.id}"
        )

    def _as_ecs(self, one: Deployed) -> dict[str, Any]:
        status = {"well": "SUCCESSFUL", "badly": "ROLLBACK_SUCCESSFUL"}.get(one.ending, "")
        rollback = {"rollback": {"reason": "tasks failed to start"}} if one.ended and one.ending == "badly" else {}
        return {
            "serviceDeploymentArn": self._arn(one),
            "status": status if one.ended is not None else "IN_PROGRESS",
            "createdAt": one.moment(one.began),
            "finishedAt": one.moment(one.ended),
            **rollback,
        }

    def list_service_deployments(self, response: Any) -> ActionResult:
        """ListServiceDeployments."""
        self.pass_time()
        body = json.loads(response.body)
        found = [self._as_ecs(one) for one in self.deployments if one.service == body["service"]]
        wanted = body.get("status")
        listed = [one for one in found if not wanted or one["status"] in wanted]
        return ActionResult({"serviceDeployments": [one | {"rollback": None} for one in listed]})

    def describe_service_deployments(self, response: Any) -> ActionResult:
        """DescribeServiceDeployments."""
        self.pass_time()
        arns = json.loads(response.body)["serviceDeploymentArns"]
        found = [self._as_ecs(one) for one in self.deployments if self._arn(one) in arns]
        return ActionResult({"serviceDeployments": found, "failures": []})

    # --- CodeDeploy

    def _as_codedeploy(self, one: Deployed) -> dict[str, Any]:
        error = {"code": "HEALTH_CONSTRAINTS", "message": "tasks failed to start"}
        return {
            "applicationName": self.prefix,
            "deploymentGroupName": f"{self.prefix}-{one.service}",
            "deploymentId": one.id,
            "status": {"well": "Succeeded", "badly": "Failed"}[one.ending] if one.ended is not None else "InProgress",
            "createTime": one.moment(one.began),
            "completeTime": one.moment(one.ended),
            "description": one.description,
            "errorInformation": error if one.ended is not None and one.ending == "badly" else None,
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": one.content}},
        }

    def create_deployment(self, response: Any) -> ActionResult:
        """CreateDeployment."""
        body = json.loads(response.body)
        service = body["deploymentGroupName"].removeprefix(f"{self.prefix}-")
        self._refuse(service, "codedeploy")
        if self.under_way(service) is not None:
            raise DeploymentLimitExceededException("The deployment group already has an active deployment")
        made = self.begin(service, by_refresh=True)
        made.description = body.get("description")
        made.content = body["revision"]["appSpecContent"]["content"]
        return ActionResult({"deploymentId": made.id})

    def get_deployment(self, response: Any) -> ActionResult:
        """GetDeployment."""
        self.pass_time()
        asked = json.loads(response.body)["deploymentId"]
        return ActionResult({"deploymentInfo": next(self._as_codedeploy(d) for d in self.deployments if d.id == asked)})

    def list_deployments(self, response: Any) -> ActionResult:
        """ListDeployments."""
        self.pass_time()
        body = json.loads(response.body)
        service = body["deploymentGroupName"].removeprefix(f"{self.prefix}-")
        wanted = body.get("includeOnlyStatuses")
        since = float((body.get("createTimeRange") or {}).get("start", 0))
        found = [one for one in self.deployments if one.service == service and one.began >= since]
        listed = [one.id for one in found if not wanted or self._as_codedeploy(one)["status"] in wanted]
        return ActionResult({"deployments": listed})

    def _refuse(self, service: str, module: str) -> None:
        if code := self.refused.get(service):
            error = type(code, (ServiceException,), {"code": code, "__module__": f"moto.{module}.exceptions"})
            raise error("not like this")

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put them into moto until the test is over."""
        force = EC2ContainerServiceResponse.update_service

        def update_service(response: Any) -> Any:
            body = json.loads(response.body)
            assert body.get("forceNewDeployment") is True, "a refresh changes nothing about the service"
            assert {"cluster", "service", "forceNewDeployment"} == set(body)
            self._refuse(body["service"], "ecs")
            self.begin(body["service"], by_refresh=True)
            return force(response)

        monkeypatch.setattr(EC2ContainerServiceResponse, "update_service", update_service)
        for owner, names in {
            EC2ContainerServiceResponse: ("list_service_deployments", "describe_service_deployments"),
            CodeDeployResponse: ("create_deployment", "get_deployment", "list_deployments"),
        }.items():
            for name in names:
                method = getattr(self, name)
                monkeypatch.setattr(owner, name, lambda response, method=method: method(response), raising=False)
