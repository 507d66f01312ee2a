"""docs/compliance.md: what each judge looked at, what stands and why, and what is to come."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from judges.console import TEMPLATE_JUDGES
from judges.finding import Finding
from judges.judgement import Explained, Judgement
from judges.packs import PACKS, rule_count
from spec import catalogue

FILE: Final = Path(__file__).parent.parent / "docs" / "compliance.md"

REPORTED: Final = catalogue.DEFAULT_APPLICATION
"""The application of the report. Others are judged as well, but a new one must not make the report stale."""

HEAD: Final = """\
# Compliance

Written by `make compliance` from the synthesized templates of the generator platform; `make check` fails when it is out
of date, and judges every other application by the same rules. Every rule that is not listed here as acknowledged or
pending passes on every resource. "Acknowledged" findings stand for good, for the reason given. "Pending" ones will be
cured by what is named.
"""


def render(judgement: Judgement, deployments: Iterable[str]) -> str:
    """The report as Markdown; the same judgement gives the same bytes."""
    judged = {each for each in deployments if each.rpartition("-")[0] == REPORTED}
    ours = _narrowed(judgement, judged)
    parts = [HEAD, _overview(ours, judged), *(_section(judge, ours, judged) for judge in TEMPLATE_JUDGES)]
    return "\n".join(part for part in parts if part)


def _narrowed(judgement: Judgement, deployments: set[str]) -> Judgement:
    """What the judgement says of some deployments."""
    return Judgement(
        tuple(each for each in judgement.unexplained if each.deployment in deployments),
        tuple(each for each in judgement.acknowledged if each.finding.deployment in deployments),
        tuple(each for each in judgement.pending if each.finding.deployment in deployments),
        (),
    )


def title(judge: str) -> str:
    """What people call the judge."""
    return PACKS[judge].title if judge in PACKS else judge


def _overview(judgement: Judgement, judged: set[str]) -> str:
    lines = [f"Judged: {', '.join(f'`{each}`' for each in sorted(judged))}.", ""]
    lines += ["| judge | rules | unexplained | acknowledged | pending |", "|---|--:|--:|--:|--:|"]
    for judge in TEMPLATE_JUDGES:
        rules = str(rule_count(PACKS[judge])) if judge in PACKS else ""
        unexplained = len({(each.rule, each.path) for each in judgement.unexplained if each.judge == judge})
        counts = [unexplained, _count(judge, judgement.acknowledged), _count(judge, judgement.pending)]
        lines.append(f"| {title(judge)} | {rules} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines) + "\n\nA finding counts once, however many environments have it.\n"


def _count(judge: str, explained: Iterable[Explained]) -> int:
    return len({(each.finding.rule, each.finding.path) for each in explained if each.finding.judge == judge})


def _section(judge: str, judgement: Judgement, deployments: set[str]) -> str:
    acknowledged = _rows(judge, judgement.acknowledged, deployments)
    pending = _rows(judge, judgement.pending, deployments)
    lines = []
    if acknowledged or pending:
        lines += [f"## {title(judge)}", ""]
    if acknowledged:
        lines += ["| acknowledged | where | in | reason |", "|---|---|---|---|", *acknowledged, ""]
    if pending:
        lines += ["| pending | where | in | cure |", "|---|---|---|---|", *pending, ""]
    return "\n".join(lines)


def _rows(judge: str, explained: Iterable[Explained], deployments: set[str]) -> list[str]:
    """One row for each rule and text, with every construct it is about and the environments that have it."""
    findings: dict[tuple[str, str], list[Finding]] = {}
    for each in explained:
        if each.finding.judge == judge:
            rule = each.finding.rule.replace(each.finding.deployment, "<app>-<env>")
            findings.setdefault((rule, each.text), []).append(each.finding)
    rows = []
    for (rule, text), same in sorted(findings.items()):
        where = {each.deployment for each in same}
        environments = "all" if where == deployments else ", ".join(sorted(where))
        rows.append(f"| {_cell(rule)} | {_paths({each.path for each in same})} | {environments} | {_text(text)} |")
    return rows


def _paths(paths: set[str]) -> str:
    return "<br>".join(_cell(path) for path in sorted(paths))


def _cell(text: str) -> str:
    return f"`{_text(text)}`"


def _text(text: str) -> str:
    """A pipe would end the cell, even inside code."""
    return " ".join(text.split()).replace("|", "\\|")
