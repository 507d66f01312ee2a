"""Findings that stand, each with the reason written beside it: permissions.yaml of the tests of functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from permissions.judgement import Finding
from ruamel.yaml import YAML

from judges.acknowledgement import objection


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a permission that no call needed, or that is wide, may stay. A call that is denied has no excuse."""

    principal: str
    """Title of a function (`deployment_hooks.ecs.handler after_traffic`) or state machine; `*` for any characters."""
    action: str
    resource: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether this is the reason of `finding`."""
        return (
            finding.kind != "denied"
            and all(fnmatchcase(title, self.principal) for title in finding.principals)
            and fnmatchcase(finding.action, self.action)
            and _like(finding.resource, self.resource)
        )


def _like(resource: str, pattern: str) -> bool:
    # A resource that is itself a pattern is meant literally: `*` shall not excuse everything.
    return resource == pattern or (pattern != "*" and fnmatchcase(resource, pattern))


def read_reasons(file: Path) -> list[Reason]:
    """The reasons in `file`.

    Raises:
        ValueError: a reason would not satisfy an auditor.
    """
    reasons = [Reason(**entry) for entry in YAML(typ="safe").load(file) or []]
    for each in reasons:
        if (wrong := objection(each.reason)) is not None:
            raise ValueError(f"{file.name}: {each.principal} {each.action}: {wrong}")
    return reasons


def without_reason(findings: Iterable[Finding], reasons: Iterable[Reason]) -> list[Finding]:
    """Findings that no reason covers."""
    known = list(reasons)
    return [finding for finding in findings if not any(each.covers(finding) for each in known)]


def stale(findings: Iterable[Finding], reasons: Iterable[Reason]) -> list[Reason]:
    """Reasons that cover nothing any more."""
    found = list(findings)
    return [each for each in reasons if not any(each.covers(finding) for finding in found)]
