"""An acknowledgement made in code, and what makes a reason one that an auditor accepts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from judges.finding import Finding

FILE: Final = "acknowledgements.json"
ANNOTATION: Final = "Annotation::"

LEAST_WORDS: Final = 8
DEFERRED: Final = re.compile(
    r"\b(todo|fixme|xxx|for now|temporar(y|ily)|not yet|later on|will be (added|done|fixed))\b", re.I
)
"""Words of a reason that is none: what will be cured belongs into the list of what is pending."""


@dataclass(frozen=True, slots=True, order=True)
class Acknowledgement:
    """A finding that stands on a construct and everything in it, and why."""

    path: str
    rule: str
    reason: str
    deployment: str

    def covers(self, finding: Finding) -> bool:
        """Whether CDK would suppress the finding: the same ID, on the construct or on an ancestor of it."""
        # CDK files an ID without a namespace, which is what cdk-nag's are, under that of annotations.
        if self.rule.removeprefix(ANNOTATION) != finding.rule.removeprefix(ANNOTATION):
            return False
        inside = finding.path == self.path or finding.path.startswith(f"{self.path}/")
        return inside and self.deployment == finding.deployment


def objection(reason: str) -> str | None:
    """Why an auditor would not accept `reason`, or None."""
    if len(reason.split()) < LEAST_WORDS:
        return f"the reason has fewer than {LEAST_WORDS} words: say why the finding does no harm here"
    if found := DEFERRED.search(reason):
        return f"the reason says {found[0]!r}: what a later capability cures belongs into judges/pending.yaml"
    return None


def read_acknowledgements(folder: Path, *, deployment: str) -> tuple[Acknowledgement, ...]:
    """What was recorded beside the templates of `deployment`, each once."""
    entries = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return tuple(sorted({Acknowledgement(**entry, deployment=deployment) for entry in entries}))
