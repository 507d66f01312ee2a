"""What a role in a template may do: every policy that counts for it, as documents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from permissions.deployed import Deployed, Resource


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of one policy of a role."""

    policy: str
    """Construct path of the policy, or the ARN of one that is AWS's."""
    index: int
    document: Mapping[str, Any]

    @property
    def sid(self) -> str:
        """What the simulator knows it by: Sids of a policy may be missing or the same."""
        return f"S{self.index}"

    @property
    def allows(self) -> bool:
        """Whether it allows something."""
        return bool(self.document["Effect"] == "Allow")

    @property
    def actions(self) -> list[str]:
        """Action patterns; empty for `NotAction`."""
        return _listed(self.document.get("Action", []))

    @property
    def resources(self) -> list[str]:
        """Resource patterns; empty for `NotResource`."""
        return _listed(self.document.get("Resource", []))

    def __str__(self) -> str:
        """By its Sid, or where it has none by its place."""
        return f"statement {self.document.get('Sid') or self.index + 1} of {self.policy}"


@dataclass(frozen=True, slots=True)
class Role:
    """A role with its policies."""

    arn: str
    path: str
    identity: tuple[Statement, ...]
    boundary: tuple[Statement, ...]

    def document(self) -> dict[str, Any]:
        """As the simulator wants it."""
        return {"arn": self.arn, "identity": _policies(self.identity), "boundary": _policies(self.boundary)}


def role(deployed: Deployed, arn: str) -> Role:
    """The role `arn` of a template.

    Raises:
        LookupError: the role, or a policy it names, is in no template and is not AWS's.
    """
    found = deployed.by_arn.get(arn)
    if found is None:
        raise LookupError(f"no template has the role {arn}")
    boundary = found.properties.get("PermissionsBoundary")
    return Role(
        arn,
        found.path,
        tuple(_identity(deployed, found)),
        tuple(_managed(deployed, boundary)) if boundary else (),
    )


def _identity(deployed: Deployed, found: Resource) -> Iterator[Statement]:
    for policy in found.properties.get("Policies", []):
        yield from _statements(f"{found.path}/{policy['PolicyName']}", policy["PolicyDocument"])
    named = found.properties.get("ManagedPolicyArns", [])
    for arn in named:
        yield from _managed(deployed, arn)
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for policy in deployed.resources(kind):
            if found.physical.name in policy.properties.get("Roles", []) and policy.arn not in named:
                yield from _statements(policy.path, policy.properties["PolicyDocument"])


def _managed(deployed: Deployed, arn: str) -> Iterator[Statement]:
    policy = deployed.by_arn.get(arn)
    if policy is not None:
        yield from _statements(policy.path, policy.properties["PolicyDocument"])
    elif arn in (known := _aws_policies()):
        yield from _statements(arn, known[arn])
    else:
        raise LookupError(f"no template has the policy {arn}, and it is none of AWS's")


def _statements(policy: str, document: Mapping[str, Any]) -> Iterator[Statement]:
    listed = document["Statement"]
    for index, statement in enumerate(listed if isinstance(listed, list) else [listed]):
        yield Statement(policy, index, statement)


def _policies(statements: tuple[Statement, ...]) -> list[dict[str, Any]]:
    documents: dict[str, list[dict[str, Any]]] = {}
    for each in statements:
        documents.setdefault(each.policy, []).append({**each.document, "Sid": each.sid})
    return [
        {"name": policy, "policy": {"Version": "2012-10-17", "Statement": listed}}
        for policy, listed in documents.items()
    ]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@cache
def _aws_policies() -> dict[str, Any]:
    """AWS's own policies by ARN, which moto collects from AWS."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies = json.loads(aws_managed_policies_data)
    return {
        f"arn:aws:iam::aws:policy{each.get('Path', '/')}{name}": each["Document"] for name, each in policies.items()
    }
