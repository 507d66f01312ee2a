"""Names that AWS would refuse once the prefix is added."""

from __future__ import annotations

from collections.abc import Iterator

from spec.deployment import Deployment
from spec.names import longest_application, refusals
from spec.problem import Finding


def check(deployment: Deployment) -> Iterator[Finding]:
    """The application's name, with the environment's after it."""
    refused = refusals(deployment.prefix)
    if refused:
        longest = longest_application(deployment.environment)
        yield Finding(("name",), "; ".join(refused), f"Take a name of at most {longest} characters")
