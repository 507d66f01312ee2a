"""What a person sees of a judgement: the steps, a table of verdicts, and every finding nobody explains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from judges.code import Outcome
from judges.finding import Finding
from judges.judgement import Judgement
from judges.library import JUDGES, VALIDATION
from judges.linters import CFN_LINT, CHECKOV
from judges.packs import PACKS
from judges.sitting import Step

TEMPLATE_JUDGES: Final = (*JUDGES, CFN_LINT, CHECKOV)

IN_CODE: Final = (
    "mend the construct; or acknowledge(construct, {{{rule!r}: reason}}) where it is made, if it is right as it is"
)
IN_LIST: Final = "mend the construct; or explain it in judges/acknowledged.yaml, if it is right as it is"
LATER: Final = "; or name its cure in judges/pending.yaml"


def show_step(console: Console, step: Step) -> None:
    """One line for a step that is done."""
    console.print(f"  [green]✓[/] {step.title:<32} [dim]{step.detail:<32} {step.seconds:5.1f} s[/]", highlight=False)


def show_verdicts(console: Console, judgement: Judgement, outcomes: Iterable[Outcome]) -> None:
    """A row for every judge."""
    table = Table(title="Judges", title_justify="left", title_style="bold", header_style="bold")
    table.add_column("judge", no_wrap=True)
    table.add_column("verdict")
    for column in ("unexplained", "acknowledged", "pending"):
        table.add_column(column, justify="right")
    unexplained = _count(judgement.unexplained)
    acknowledged = _count(each.finding for each in judgement.acknowledged)
    pending = _count(each.finding for each in judgement.pending)
    for judge in TEMPLATE_JUDGES:
        counts = [str(count[judge]) if count[judge] else "" for count in (unexplained, acknowledged, pending)]
        table.add_row(PACKS[judge].title if judge in PACKS else judge, _verdict(not unexplained[judge]), *counts)
    table.add_section()
    for outcome in sorted(outcomes, key=lambda each: each.judge):
        table.add_row(outcome.judge, _verdict(not outcome.objections))
    table.add_row("explanations", _verdict(not judgement.objections), str(len(judgement.objections) or ""))
    console.print(table)


def show_unexplained(console: Console, findings: Sequence[Finding]) -> None:
    """Each finding once, with the environments that have it and what to do."""
    for (judge, rule, path), same in groupby(sorted(findings), key=lambda each: (each.judge, each.rule, each.path)):
        group = list(same)
        where = ", ".join(sorted({each.deployment for each in group}))
        first = group[0]
        console.print(
            f"\n[bold red]✗ {escape(rule)}[/]  [bold]{escape(path)}[/]  [dim]{first.resource}[/]", highlight=False
        )
        console.print(f"  {escape(judge)}: {escape(first.message)}", highlight=False)
        console.print(f"  [dim]in {where}: {first.template} {first.logical_id}[/]", highlight=False)
        console.print(f"  → {escape(_remedy(judge, rule))}", highlight=False)


def show_objections(console: Console, judgement: Judgement, outcomes: Iterable[Outcome]) -> None:
    """What is wrong with explanations, and what the judges of the code said."""
    for objection in judgement.objections:
        console.print(f"\n[bold red]✗[/] {escape(objection)}", highlight=False)
    for outcome in outcomes:
        if outcome.objections:
            console.print(f"\n[bold red]✗ {outcome.judge}[/]", highlight=False)
            console.print(escape(outcome.objections), highlight=False, soft_wrap=True)


def _count(findings: Iterable[Finding]) -> Counter[str]:
    """Findings of each judge; what several environments have counts once."""
    return Counter(judge for judge, _, _ in {(each.judge, each.rule, each.path) for each in findings})


def _verdict(passed: bool) -> str:  # noqa: FBT001 - a verdict is a boolean
    return "[green]passes[/]" if passed else "[bold red]fails[/]"


def _remedy(judge: str, rule: str) -> str:
    listed = judge in {CFN_LINT, CHECKOV, VALIDATION}
    return (IN_LIST if listed else IN_CODE.format(rule=rule)) + LATER
