"""A rehearsed failover as a person reads it: its events as they happen, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rehearsal.failover import matrix
from rehearsal.failover.outcome import Outcome
from rehearsal.release.timeline import Event

STYLES = {
    "fault": "bold red",
    "step": "cyan",
    "workflow": "blue",
    "alarm": "yellow",
    "database": "bold magenta",
    "routing": "bold magenta",
    "message": "green",
    "trouble": "red",
}


class EventLines:
    """A line for each event: scaled minutes and real seconds since all was well, of what kind, and what."""

    def __init__(self, console: Console, speed: float) -> None:
        self._console, self._speed = console, speed

    def __call__(self, event: Event) -> None:
        """Print one."""
        line = Text(f"{event.minutes:6.2f} min  {60 * event.minutes / self._speed:6.1f} s  ", style="dim")
        line.append(f"{event.kind:<9}", style=STYLES.get(event.kind, "dim"))
        line.append(event.text, style=STYLES["fault"] if event.kind == "fault" else "")
        self._console.print(line, soft_wrap=True)


def outcome_table(outcome: Outcome) -> Table:
    """How it ended, how long users were without, what was lost, and whether two databases ever took writes."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), title=_title(outcome), title_justify="left")
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    table.add_row("ended", f"{outcome.ending}; users are sent to {outcome.active}")
    table.add_row("users served again", _recovery(outcome))
    table.add_row("writes", f"{outcome.acknowledged:,} acknowledged, {outcome.served:,} of them to users")
    table.add_row("lost", _lost(outcome))
    both = "never" if outcome.overlap_seconds <= 0 else f"for {outcome.overlap_seconds:.2f} s"
    table.add_row("two databases at once", both)
    table.add_row("promotions", str(outcome.promotions))
    for message in outcome.messages:
        table.add_row("told", Text(message))
    table.add_row("took", f"{outcome.seconds:.0f} real seconds, at {outcome.plan.speed:g} times the speed")
    for wrong in outcome.wrongs:
        table.add_row("[red]wrong[/]", Text(wrong, style="red"))
    return table


def series_table(outcomes: Sequence[Outcome]) -> Table:
    """One line for each of a series."""
    right = sum(not outcome.wrongs for outcome in outcomes)
    table = Table(*matrix.COLUMNS, title=f"\n{right} of {len(outcomes)} right", title_justify="left")
    for outcome in outcomes:
        table.add_row(*(Text(cell) for cell in matrix.row(outcome)))
    return table


def _recovery(outcome: Outcome) -> str:
    promised = f"(promised: {outcome.rto_seconds / 60:g} minutes)"
    match outcome.recovery_seconds:
        case None:
            return f"not until the end {promised}"
        case 0:
            return "they always were"
        case seconds:
            return f"after {seconds / 60:.1f} minutes, {seconds / outcome.plan.speed:.0f} real seconds {promised}"


def _lost(outcome: Outcome) -> str:
    if outcome.lost_span is None:
        return "no acknowledged write"
    first, last = outcome.lost_span
    return (
        f"{outcome.lost} acknowledged writes, of {last - first:.1f} s: from {first:+.1f} s to {last:+.1f} s of the fault "
        f"(promised: {outcome.rpo_seconds / 60:g} minutes)"
    )


def _title(outcome: Outcome) -> str:
    mark = "[red]✗[/]" if outcome.wrongs else "[green]✓[/]"
    said = "not what it must be" if outcome.wrongs else "the right outcome"
    return f"\n{mark} {outcome.plan.title}: {said}"
