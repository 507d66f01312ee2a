"""A statement of a role's policy as IAM reads it, and the reason for each wildcard in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

VERSION: Final = "2012-10-17"


@dataclass(frozen=True, slots=True)
class Statement:
    """Allows `actions` on `resources`. Plain values: a policy of many costs no round trip to CDK's process.

    `because` says why AWS or the case has nothing finer than the wildcards among `resources`; each such resource must be
    known when the template is made, or stand in `judged`, in the same order, by the name that the judges have for it.
    """

    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    conditions: Mapping[str, Mapping[str, Any]] | None = None
    because: str | None = None
    judged: Sequence[str] = ()

    @property
    def document(self) -> dict[str, Any]:
        """As a policy has it."""
        said: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": sorted(self.actions),
            "Resource": list(self.resources),
        }
        return said | {"Condition": self.conditions} if self.conditions else said

    @property
    def findings(self) -> dict[str, str]:
        """What the judges find in it, each with its reason.

        Raises:
            ValueError: a wildcard stands without a reason.
        """
        wild = [resource for resource in self.resources if "*" in resource]
        if wild and self.because is None:
            raise ValueError(f"statement {self.sid} has a wildcard in {wild[0]} and does not say why")
        return {f"AwsSolutions-IAM5[Resource::{resource}]": self.because or "" for resource in self.judged or wild}


def policy_document(statements: Iterable[Statement], *further: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a policy with `statements`, then those that come as IAM reads them."""
    return {"Version": VERSION, "Statement": [*(each.document for each in statements), *further]}


def findings(statements: Iterable[Statement]) -> dict[str, str]:
    """What the judges find in `statements`. Of one resource in several of them, all reasons."""
    found: dict[str, list[str]] = {}
    for statement in statements:
        for finding, reason in statement.findings.items():
            found.setdefault(finding, []).append(reason)
    return {finding: " ".join(dict.fromkeys(reasons)) for finding, reasons in found.items()}
