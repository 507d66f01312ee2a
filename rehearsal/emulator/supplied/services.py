"""ECS: services whose tasks run, and deploy what changes."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.responses import EC2ContainerServiceResponse

from rehearsal.emulator.engines import service_state, services
from rehearsal.emulator.engines.service_state import ServiceState
from rehearsal.emulator.supplied.shelf import given, missing, supply

Response = EC2ContainerServiceResponse
_of_moto: dict[str, Any] = {}


def _state(response: Response, service: Any) -> ServiceState:  # noqa: ANN401  # moto's
    return service_state.state_of(service, account=response.current_account, region=response.region)


def _content(result: ActionResult) -> dict[str, Any]:
    content: Any = result.result
    return dict(content)


def create_service(self: Response) -> ActionResult:
    """Let moto keep the service, then have its tasks start."""
    result: ActionResult = _of_moto["create_service"](self)
    services.created(_state(self, _content(result)["service"]), self._get_params())
    return result


def update_service(self: Response) -> ActionResult:
    """Let moto change the service, then deploy or scale what changed."""
    cluster = given(self, "cluster") or "default"
    state = service_state.find(
        given(self, "service"), cluster=cluster, account=self.current_account, region=self.region
    )
    params = self._get_params()
    if state:
        try:
            services.refuse(state, params)
        except services.Refused as error:
            raise missing(self, "InvalidParameterException", str(error)) from error
    result: ActionResult = _of_moto["update_service"](self)
    services.updated(_state(self, _content(result)["service"]), params)
    return result


def delete_service(self: Response) -> ActionResult:
    """Let moto delete the service, and end its tasks."""
    result: ActionResult = _of_moto["delete_service"](self)
    services.removed(_state(self, _content(result)["service"]))
    return result


def describe_services(self: Response) -> ActionResult:
    """Show services with what runs of them."""
    result: ActionResult = _of_moto["describe_services"](self)
    for service in _content(result)["services"]:
        state = _state(self, service)
        if state.revisions:
            state.show()
    return result


def install() -> None:
    """Answer these operations from now on."""
    for name in ("create_service", "update_service", "delete_service", "describe_services"):
        _of_moto[name] = getattr(Response, name)
    supply(
        Response,
        create_service=create_service,
        update_service=update_service,
        delete_service=delete_service,
        describe_services=describe_services,
    )
