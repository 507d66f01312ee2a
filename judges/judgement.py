"""The judgement: every finding with what explains it, and every explanation that explains nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from judges.acknowledgement import Acknowledgement, objection
from judges.explanations import Acknowledged, Pending
from judges.finding import Finding


@dataclass(frozen=True, slots=True)
class Explained:
    """A finding that is known, and what its explanation says."""

    finding: Finding
    text: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """Findings by what explains them; and objections to the explanations themselves."""

    unexplained: tuple[Finding, ...]
    acknowledged: tuple[Explained, ...]
    pending: tuple[Explained, ...]
    objections: tuple[str, ...]


def judge(
    findings: Iterable[Finding],
    *,
    in_code: Sequence[Acknowledgement],
    acknowledged: Sequence[Acknowledged],
    pending: Sequence[Pending],
) -> Judgement:
    """Sort `findings`. An explanation must explain at least one of them, and no finding may have two."""
    sorted_out: dict[str, list[Explained]] = {"acknowledged": [], "pending": []}
    unexplained: list[Finding] = []
    used: set[object] = set()
    twice: set[str] = set()
    for finding in sorted(findings):
        made = [each for each in in_code if each.covers(finding)]
        stands = [each for each in acknowledged if each.finding == finding.rule and each.about(finding)]
        cured = [each for each in pending if finding.rule in each.findings and each.about(finding)]
        used.update(made, stands, ((each, finding.rule) for each in cured))
        if len(made) + len(stands) + len(cured) > 1:
            twice.add(f"{finding.rule} on {finding.path} is explained more than once: keep one explanation")
        reasons = [each.reason for each in made] + [each.reason for each in stands]
        if reasons:
            sorted_out["acknowledged"].append(Explained(finding, reasons[0]))
        elif cured:
            sorted_out["pending"].append(Explained(finding, cured[0].cure))
        else:
            unexplained.append(finding)
    objections = [*_poor(in_code, acknowledged), *_stale(in_code, acknowledged, pending, used), *sorted(twice)]
    return Judgement(
        tuple(unexplained), tuple(sorted_out["acknowledged"]), tuple(sorted_out["pending"]), tuple(objections)
    )


def _poor(in_code: Sequence[Acknowledgement], acknowledged: Sequence[Acknowledged]) -> list[str]:
    """Acknowledgements that an auditor would not accept, each once."""
    found: dict[str, None] = {}
    for each in in_code:
        where = f"acknowledgement of {each.rule} on {each.path or 'the app'}"
        if complaint := objection(each.reason):
            found[f"{where}: {complaint}"] = None
        if "/" not in each.path:
            found[f"{where} covers all that will ever be in it: name the construct"] = None
    for entry in acknowledged:
        if complaint := objection(entry.reason):
            found[f"judges/acknowledged.yaml, {entry.finding} on {entry.resource}: {complaint}"] = None
    return list(found)


def _stale(
    in_code: Sequence[Acknowledgement],
    acknowledged: Sequence[Acknowledged],
    pending: Sequence[Pending],
    used: set[object],
) -> list[str]:
    """Explanations that no application and no environment needs any more."""
    needed = {(each.path, each.rule) for each in used if isinstance(each, Acknowledgement)}
    idle = {(each.path, each.rule): None for each in in_code if (each.path, each.rule) not in needed}
    found = [f"acknowledgement of {rule} on {path}" for path, rule in idle]
    found += [
        f"judges/acknowledged.yaml, {each.finding} on {each.resource}" for each in acknowledged if each not in used
    ]
    found += [
        f"judges/pending.yaml, {rule} on {entry.resource}"
        for entry in pending
        for rule in entry.findings
        if (entry, rule) not in used
    ]
    return [f"{each} matches no finding in any application and environment: remove it" for each in found]
