"""Which of two regions requests go to: a function at the edge, and the key-value store that it reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from understudy.security_headers import security_headers

SOURCE: Final = Path(__file__).with_name("routing_function.js")
PLACEHOLDER: Final = "THE_SETTINGS"
LARGEST_FUNCTION_BYTES: Final = 10_240
"""CloudFront Developer Guide, quotas on CloudFront Functions: 10 KB; they cannot be raised."""

PROBE_PATHS: Final = "/.well-known/understudy"
"""Below it, `/<region>` asks one region for its readiness and `/active` says which one requests go to."""
CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""AWS's cache policy that keeps nothing (Developer Guide, managed cache policies)."""

_Distribution = cloudfront.CfnDistribution


class CdnRouting(Construct):
    """A CloudFront Function that selects a request's origin, by key `active` of the key-value store `<prefix>-routing`.

    It selects for every method: an origin group would fail over GET, HEAD and OPTIONS alone (Developer Guide, origin
    failover). While the store has no such key, or one that names no region of ours, or cannot be read, requests go to
    `active`. Whoever changes the key moves users, within the time that an edge location takes to hear of it (decision 18).

    `readiness_path` is what a probe of a region asks for.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        active: str,
        regions: Sequence[str],
        readiness_path: str,
    ) -> None:
        """Raises ValueError: the function has become larger than CloudFront takes."""
        super().__init__(scope, construct_id)
        self._prefix = prefix
        self._store = cloudfront.CfnKeyValueStore(
            self, "Store", name=f"{prefix}-routing", comment="Key active: the region that requests go to"
        )
        self.store_arn = self._store.attr_arn
        self._function = cloudfront.CfnFunction(
            self,
            "Function",
            name=f"{prefix}-routing",
            auto_publish=True,
            function_code=source({"active": active, "regions": list(regions), "readiness": readiness_path}),
            function_config=cloudfront.CfnFunction.FunctionConfigProperty(
                comment="Selects the region that a request goes to",
                runtime="cloudfront-js-2.0",
                key_value_store_associations=[
                    cloudfront.CfnFunction.KeyValueStoreAssociationProperty(key_value_store_arn=self.store_arn)
                ],
            ),
        )

    def origin_id(self, region: str) -> str:
        """What the origin of a region is called."""
        return f"services-{region}"

    @property
    def associations(self) -> list[_Distribution.FunctionAssociationProperty]:
        """For a behaviour whose requests it routes."""
        return [
            _Distribution.FunctionAssociationProperty(
                event_type="viewer-request", function_arn=self._function.attr_function_arn
            )
        ]

    def probes(self, *, target_origin_id: str, origin_request_policy_id: str) -> _Distribution.CacheBehaviorProperty:
        """The behaviour of probes: read only, kept nowhere, and answered with `Cache-Control: no-store`."""
        headers = security_headers(self, "ProbeHeaders", prefix=f"{self._prefix}-probes", uncached=True)
        return _Distribution.CacheBehaviorProperty(
            path_pattern=f"{PROBE_PATHS}/*",
            target_origin_id=target_origin_id,
            viewer_protocol_policy="https-only",
            allowed_methods=["GET", "HEAD"],
            cache_policy_id=CACHING_DISABLED,
            origin_request_policy_id=origin_request_policy_id,
            response_headers_policy_id=headers.attr_id,
            function_associations=self.associations,
            compress=False,
        )


def source(settings: dict[str, object]) -> str:
    """The function's code with `settings` in it."""
    code = SOURCE.read_text(encoding="utf-8").replace(PLACEHOLDER, json.dumps(settings))
    size = len(code.encode())
    if size > LARGEST_FUNCTION_BYTES:
        raise ValueError(f"{SOURCE.name} has {size} bytes; CloudFront takes {LARGEST_FUNCTION_BYTES}")
    return code


def probe_paths(regions: Sequence[str]) -> list[str]:
    """Every path that the function answers or pins, whole; none with one region, where there is no function."""
    return [f"{PROBE_PATHS}/{place}" for place in (*regions, "active")] if len(regions) > 1 else []
