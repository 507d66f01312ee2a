"""Domains, certificates and static files."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Final

from spec.deployment import Deployment
from spec.problem import Finding

PROBE_REQUESTS: Final = 10
"""Most requests of one probe: several to each of two regions, and smoke tests (lambdas/failover/probe.py)."""
RATE_SECONDS: Final = 300
"""What the firewall's rate counts over."""


def check(deployment: Deployment) -> Iterator[Finding]:
    """The domain lies in its zone; static paths have a CDN and a bucket; a stand-in's probes get through."""
    edge = deployment.edge
    if edge.domain != edge.hosted_zone.name and not edge.domain.endswith(f".{edge.hosted_zone.name}"):
        reason = f"{edge.domain} does not lie in the hosted zone {edge.hosted_zone.name}: its certificate would wait for ever"
        yield Finding(
            ("edge", "domain"),
            reason,
            f"For example: app.{edge.hosted_zone.name}",
            (("edge", "hosted_zone"),),
        )
    if edge.static_paths and edge.entry != "cdn":
        reason = "static paths are served by the CDN, and there is none"
        yield Finding(("edge", "static_paths"), reason, "Remove them, or `entry: cdn`", (("edge", "entry"),))
    elif edge.static_paths and deployment.storage.assets is None:
        reason = "static paths are served from the bucket `assets`, and there is none"
        yield Finding(
            ("edge", "static_paths"),
            reason,
            "Remove them, or define `storage.assets`",
            (("storage", "assets"),),
        )
    yield from _probed(deployment)
    public = {pattern: name for name, service in deployment.services.items() for pattern in service.public}
    for index, pattern in enumerate(edge.static_paths):
        if pattern in public:
            reason = f"{pattern} reaches the service {public[pattern]} already"
            yield Finding(("edge", "static_paths", index), reason, "Let each pattern have one origin")
        if pattern in edge.static_paths[:index]:
            yield Finding(("edge", "static_paths", index), f"{pattern} stands twice", "Keep one of the two")


def _probed(deployment: Deployment) -> Iterator[Finding]:
    """A stand-in asks by the way that users take, so the firewall counts its requests too (decision 18)."""
    limit, recovery = deployment.edge.firewall.rate_limit, deployment.recovery
    if not recovery.stands_in:
        return
    least = ceil(PROBE_REQUESTS * RATE_SECONDS / recovery.probe_seconds)
    if limit < least:
        reason = (
            f"the stand-in sends up to {least} requests in five minutes from one address, and the firewall would block them "
            f"after {limit}: a region that is well would look lost"
        )
        about = (("recovery", "probe_seconds"), ("recovery", "strategy"))
        yield Finding(("edge", "firewall", "rate_limit"), reason, f"At least {least}", about)
