"""CloudFront: functions that are changed in their development stage, and run as they were last published."""

from copy import copy

from moto.cloudfront import urls
from moto.cloudfront.exceptions import InvalidIfMatchVersion
from moto.cloudfront.models import CloudFrontFunction, random_id
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from rehearsal.emulator.supplied.shelf import given, missing, supply

LIVE = "LIVE"


def _function(response: CloudFrontResponse) -> CloudFrontFunction:
    """Return the function that a request names, of the stage that it names."""
    function: CloudFrontFunction = response.backend.describe_function(name=given(response, "Name"))
    if given(response, "Stage") != LIVE:
        return function
    published: CloudFrontFunction | None = getattr(function, "published", None)
    if published is None:
        raise missing(response, "NoSuchFunctionExists", f"{function.name}, published,")
    return published


def _held(response: CloudFrontResponse) -> CloudFrontFunction:
    """Return the function whose newest ETag the request has."""
    function: CloudFrontFunction = response.backend.describe_function(name=given(response, "Name"))
    if given(response, "IfMatch") != function.etag:
        raise InvalidIfMatchVersion
    return function


def update_function(self: CloudFrontResponse) -> ActionResult:
    """Change a function's code and settings; what runs stays as it is."""
    function = _held(self)
    function.config, function.code = given(self, "FunctionConfig"), given(self, "FunctionCode")
    function.status, function.last_modified_time, function.etag = "UNASSOCIATED", utcnow(), random_id()
    return ActionResult({"FunctionSummary": function.function_summary, "ETag": function.etag})


def publish_function(self: CloudFrontResponse) -> ActionResult:
    """Let what is in development run from now on."""
    function = _held(self)
    published = copy(function)
    published.stage, published.status, published.last_modified_time = LIVE, "DEPLOYED", utcnow()
    function.published = published  # type: ignore[attr-defined]  # moto's class has no place for it
    return ActionResult({"FunctionSummary": published.function_summary})


def describe_function(self: CloudFrontResponse) -> ActionResult:
    """Show a stage of a function."""
    function = _function(self)
    return ActionResult({"FunctionSummary": function.function_summary, "ETag": function.etag})


def get_function(self: CloudFrontResponse) -> ActionResult:
    """Give the code of a stage of a function."""
    function = _function(self)
    return ActionResult(
        {"FunctionCode": function.code, "ETag": function.etag, "ContentType": "application/octet-stream"}
    )


def install() -> None:
    """Answer these operations from now on."""
    supply(
        CloudFrontResponse,
        update_function=update_function,
        publish_function=publish_function,
        describe_function=describe_function,
        get_function=get_function,
    )
    urls.url_paths["{0}/2020-05-31/function/(?P<Name>[^/]+)/publish$"] = CloudFrontResponse.dispatch
