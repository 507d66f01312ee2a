"""docs/compliance.md: what each judge looked at, what stands and why, and what is to come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from judges.assembly import Assembly
from judges.console import TEMPLATE_JUDGES
from judges.judgement import Explained, Judgement
from judges.packs import PACKS, rule_count

FILE: Final = Path(__file__).parent.parent / "docs" / "compliance.md"

HEAD: Final = """\
# Compliance

Written by `make compliance` from the synthesized templates of every application and environment; `make check` fails
when it is out of date. Every rule that is not listed here as acknowledged or pending passes on every resource.
"Acknowledged" findings stand for good, for the reason given. "Pending" ones will be cured by what is named.
"""


def render(judgement: Judgement, assemblies: Iterable[Assembly]) -> str:
    """The report as Markdown; the same judgement gives the same bytes."""
    judged = sorted(assemblies, key=lambda each: each.deployment)
    parts = [HEAD, _overview(judgement, judged)]
    parts += [_section(judge, judgement) for judge in TEMPLATE_JUDGES]
    return "\n".join(part for part in parts if part)


def title(judge: str) -> str:
    """What people call the judge."""
    return PACKS[judge].title if judge in PACKS else judge


def _overview(judgement: Judgement, judged: Sequence[Assembly]) -> str:
    resources = sum(len(template.resources) for each in judged for template in each.templates)
    environments = ", ".join(f"`{each.deployment}`" for each in judged)
    lines = [f"Judged: {environments}; {resources} resources.", ""]
    lines += ["| judge | rules | unexplained | acknowledged | pending |", "|---|--:|--:|--:|--:|"]
    for judge in TEMPLATE_JUDGES:
        rules = str(rule_count(PACKS[judge])) if judge in PACKS else ""
        unexplained = len({(each.rule, each.path) for each in judgement.unexplained if each.judge == judge})
        counts = [unexplained, _count(judge, judgement.acknowledged), _count(judge, judgement.pending)]
        lines.append(f"| {title(judge)} | {rules} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines) + "\n\nA finding counts once, however many environments have it.\n"


def _count(judge: str, explained: Iterable[Explained]) -> int:
    return len({(each.finding.rule, each.finding.path) for each in explained if each.finding.judge == judge})


def _section(judge: str, judgement: Judgement) -> str:
    acknowledged = _rows(judge, judgement.acknowledged)
    pending = _rows(judge, judgement.pending)
    lines = []
    if acknowledged or pending:
        lines += [f"## {title(judge)}", ""]
    if acknowledged:
        lines += ["| acknowledged | where | reason |", "|---|---|---|", *acknowledged, ""]
    if pending:
        lines += ["| pending | where | cure |", "|---|---|---|", *pending, ""]
    return "\n".join(lines)


def _rows(judge: str, explained: Iterable[Explained]) -> list[str]:
    """One row for each rule and text, with every construct it is about."""
    where: dict[tuple[str, str], set[str]] = {}
    for each in explained:
        if each.finding.judge == judge:
            where.setdefault((each.finding.rule, each.text), set()).add(each.finding.path)
    return [f"| {_cell(rule)} | {_paths(paths)} | {_text(text)} |" for (rule, text), paths in sorted(where.items())]


def _paths(paths: set[str]) -> str:
    return "<br>".join(_cell(path) for path in sorted(paths))


def _cell(text: str) -> str:
    return f"`{_text(text)}`"


def _text(text: str) -> str:
    """A pipe would end the cell, even inside code."""
    return " ".join(text.split()).replace("|", "\\|")
