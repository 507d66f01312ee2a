"""Secrets whose rotation would not fit, and names that a rotation adds to a container."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from spec.deployment import Deployment
from spec.environment import Secret
from spec.problem import Finding, Path

BESIDE: Final = ("NEXT", "PREVIOUS")
"""`<NAME>_NEXT` and `<NAME>_PREVIOUS`: the values that a service accepts beside the one it uses."""

LONGEST_NAME: Final = 64
"""A function learns of several secrets by one variable, and has 4 KiB for all of them (Lambda Developer Guide, quotas)."""


def check(deployment: Deployment) -> Iterator[Finding]:
    """Each secret by itself, the functions' way to AWS, then what each service gets."""
    for name, secret in deployment.secrets.items():
        yield from _own(name, secret)
    yield from _way_out(deployment)
    rotated = [name for name, secret in deployment.secrets.items() if secret.rotated]
    yield from _taken(rotated, deployment.secrets, ("secrets",))
    yield from _taken(rotated, deployment.variables, ("variables",))
    for name, service in deployment.services.items():
        used = [secret for secret in service.secrets if secret in rotated]
        yield from _taken(used, service.variables, ("services", name, "variables"))


def _own(name: str, secret: Secret) -> Iterator[Finding]:
    path = ("secrets", name)
    if len(name) > LONGEST_NAME:
        yield Finding(path, f"the name has {len(name)} characters", f"Take at most {LONGEST_NAME}")
    if secret.source == "supplied" and secret.unrotated_because is not None:
        reason = "a supplied secret is never rotated: whoever gave it to you makes the next one"
        yield Finding((*path, "unrotated_because"), reason, "Remove it")
    if secret.source == "generated" and "replace_after_days" in secret.model_fields_set:
        reason = "a generated secret is replaced by its rotation, not by a person"
        yield Finding((*path, "replace_after_days"), reason, "Remove it; `rotation.days` says how often")


def _way_out(deployment: Deployment) -> Iterator[Finding]:
    """Functions change logins from inside the VPC, and ask AWS from there."""
    stores = [name for name in ("database", "cache", "queue") if getattr(deployment, name)]
    if stores and deployment.network.nat_gateways == 0:
        reason = f"the functions that rotate the logins of {', '.join(stores)} reach AWS from the VPC by a NAT gateway"
        yield Finding(("network", "nat_gateways"), reason, "1 or more", tuple((store,) for store in stores))


def _taken(rotated: Iterable[str], names: Iterable[str], path: Path) -> Iterator[Finding]:
    """Of `names`, those that a rotated secret brings along."""
    brought = {f"{name}_{part}": name for name in rotated for part in BESIDE}
    for name in names:
        if name in brought:
            secret = brought[name]
            reason = f"{name} is set by the deployment itself, beside {secret}, which is rotated"
            yield Finding((*path, name), reason, "Take another name", (("secrets", secret),))
