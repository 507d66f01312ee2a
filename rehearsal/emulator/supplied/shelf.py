"""Where supplied operations keep what they are given, apart per account and region."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import BaseResponse

from rehearsal.emulator.values import Json

Things = dict[str, dict[str, Any]]
Method = Callable[[Any], Any]
_SHELVES: dict[tuple[str, str, str], Things] = defaultdict(dict)


def shelf(response: BaseResponse, kind: str, region: str = "") -> Things:
    """Return the things of a kind, by ID, of the account that a request is for, and of its region or another."""
    return _SHELVES[response.current_account, region or response.region, kind]


def missing(response: BaseResponse, code: str, name: str) -> ServiceException:
    """Return a service's refusal for a thing that is not there."""
    # moto tells the service of an error by the module that its class says it comes from.
    module = type(response).__module__.replace("responses", "exceptions")
    refusal: type[ServiceException] = type(code, (ServiceException,), {"code": code, "__module__": module})
    return refusal(f"{name} not found.")


def supply(response_class: type[BaseResponse], **methods: Method) -> None:
    """Add operations, by their names in snake case, to what a service answers."""
    for name, method in methods.items():
        setattr(response_class, name, method)


def given(response: BaseResponse, name: str) -> Json:
    """Return a parameter of the request, None when it has none of that name."""
    return response._get_param(name)  # noqa: SLF001  # moto's way to ask, for those outside the class too
