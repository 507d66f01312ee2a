"""CloudFront: policies and VPC origins, and distributions that answer with what they were given."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from moto.cloudfront import models, urls
from moto.cloudfront.exceptions import OriginDoesNotExist
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow

from rehearsal.emulator.supplied.shelf import Method, Things, given, missing, shelf, supply

# A distribution shows these even when nobody gave them.
COUNTED = ("Aliases", "CacheBehaviors", "CustomErrorResponses", "OriginGroups")
DEFAULTS = {
    "PriceClass": "PriceClass_All",
    "HttpVersion": "http2",
    "IsIPV6Enabled": True,
    "DefaultRootObject": "",
    "WebACLId": "",
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
}


@dataclass(frozen=True)
class Noun:
    """A kind of thing that is one configuration under an ETag."""

    name: str
    config: str
    path: str
    plural: str

    def things(self, response: CloudFrontResponse) -> Things:
        """Return the things of this kind."""
        return shelf(response, self.name)

    def thing(self, response: CloudFrontResponse) -> dict[str, Any]:
        """Return the one that a request names."""
        things, name = self.things(response), given(response, "Id")
        if name not in things:
            raise missing(response, f"NoSuch{self.name}", name)
        return things[name]

    def answer(self, thing: dict[str, Any]) -> ActionResult:
        """Return a thing with its ETag."""
        return ActionResult({self.name: thing, "ETag": thing["etag"], "Location": f"/{thing['Id']}"})


NOUNS = (
    Noun("CachePolicy", "CachePolicyConfig", "cache-policy", "cache_policies"),
    Noun("OriginRequestPolicy", "OriginRequestPolicyConfig", "origin-request-policy", "origin_request_policies"),
    Noun(
        "ResponseHeadersPolicy",
        "ResponseHeadersPolicyConfig",
        "response-headers-policy",
        "response_headers_policies",
    ),
    Noun("VpcOrigin", "VpcOriginEndpointConfig", "vpc-origin", "vpc_origins"),
)


def _create(noun: Noun, response: CloudFrontResponse) -> ActionResult:
    config = given(response, noun.config)
    name = models.random_id()
    thing = {
        "Id": name,
        "Arn": f"arn:aws:cloudfront::{response.current_account}:{noun.path.replace('-', '')}/{name}",
        "AccountId": response.current_account,
        "Status": "Deployed",
        "CreatedTime": utcnow(),
        "LastModifiedTime": utcnow(),
        noun.config: config,
        "etag": models.random_id(),
    }
    noun.things(response)[name] = thing
    return noun.answer(thing)


def _get(noun: Noun, response: CloudFrontResponse) -> ActionResult:
    return noun.answer(noun.thing(response))


def _update(noun: Noun, response: CloudFrontResponse) -> ActionResult:
    thing = noun.thing(response)
    thing.update({noun.config: given(response, noun.config), "etag": models.random_id()})
    return noun.answer(thing)


def _delete(noun: Noun, response: CloudFrontResponse) -> ActionResult:
    thing = noun.thing(response)
    del noun.things(response)[thing["Id"]]
    return noun.answer(thing) if noun.name == "VpcOrigin" else EmptyResult()


def _list(noun: Noun, response: CloudFrontResponse) -> ActionResult:
    things = list(noun.things(response).values())
    if noun.name == "VpcOrigin":
        # A summary names the load balancer beside the ID, not within a configuration.
        items = [{**thing, "OriginEndpointArn": thing[noun.config]["Arn"]} for thing in things]
    else:
        items = [{"Type": "custom", noun.name: thing} for thing in things]
    listed = {"MaxItems": 100, "Quantity": len(items), "Items": items, "IsTruncated": False, "Marker": ""}
    return ActionResult({f"{noun.name}List": listed})


def _keep_whole(self: models.DistributionConfig, config: dict[str, Any]) -> None:
    """Keep a distribution's configuration as given: moto's own classes would drop what they do not know."""
    whole = {**DEFAULTS, **{name: {"Quantity": 0} for name in COUNTED}, **config}
    known = [origin["Id"] for origin in whole["Origins"]["Items"]]
    if whole["DefaultCacheBehavior"]["TargetOriginId"] not in known:
        raise OriginDoesNotExist
    self.__dict__.update(whole)
    # moto's backend reads it by this name.
    self.caller_reference = config["CallerReference"]


def install() -> None:
    """Answer these operations from now on."""
    models.DistributionConfig.__init__ = _keep_whole  # type: ignore[method-assign]
    for noun in NOUNS:
        operation = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in noun.name)
        methods = {
            f"create{operation}": _create,
            f"get{operation}": _get,
            f"update{operation}": _update,
            f"delete{operation}": _delete,
            f"list_{noun.plural}": _list,
        }
        supply(CloudFrontResponse, **{name: _method(noun, function) for name, function in methods.items()})
        for end in ("$", "/(?P<Id>[^/]+)$", "/(?P<Id>[^/]+)/config$"):
            urls.url_paths[f"{{0}}/2020-05-31/{noun.path}{end}"] = CloudFrontResponse.dispatch


def _method(noun: Noun, function: Callable[[Noun, CloudFrontResponse], ActionResult]) -> Method:
    """Return a method: moto lists a class's functions, and a partial would not be one."""
    bound = partial(function, noun)

    def method(self: CloudFrontResponse) -> ActionResult:
        answer: ActionResult = bound(self)
        return answer

    return method
