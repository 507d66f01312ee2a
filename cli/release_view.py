"""A rehearsed release as a person reads it: its events as they happen, and what came of it."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rehearsal.release.outcome import Outcome
from rehearsal.release.timeline import Event

STYLES = {
    "hook": "cyan",
    "weights": "bold magenta",
    "alarm": "yellow",
    "stack": "bold",
    "phase": "blue",
    "trouble": "red",
}
BAD = ("FAILED", ": ALARM", ": Failed", ": Stopped", "ROLLBACK")


class EventLines:
    """A line for each event: when, in virtual minutes since the release began, of what kind, and what."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, event: Event) -> None:
        """Print one."""
        line = Text(f"{event.minutes:6.2f} min  ", style="dim")
        line.append(f"{event.kind:<8}", style=STYLES.get(event.kind, "dim"))
        line.append(event.text, style="red" if any(word in event.text for word in BAD) else "")
        self._console.print(line, soft_wrap=True)


def outcome_table(outcome: Outcome) -> Table:
    """What was sent, served and failed, who met the new version, and how long it took."""
    served = outcome.served
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), title=_title(outcome), title_justify="left")
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    table.add_row("requests", f"{served.sent:,} sent, {served.failed_otherwise} failed" + _by_new(outcome))
    answers = " · ".join(f"{name or 'load balancer'} {number:,}" for name, number in sorted(served.by_version.items()))
    table.add_row("served by", answers)
    if not outcome.good:
        low, high = outcome.predicted.users
        table.add_row(
            "users who met it", f"{outcome.share_of_users:.1%} of {served.users:,}; predicted {low:.1%} to {high:.1%}"
        )
        low, high = outcome.predicted.seconds
        table.add_row("for", f"{outcome.exposed_seconds:.0f} s; predicted {low:.0f} to {high:.0f} s")
    table.add_row("in all", f"{outcome.minutes:.1f} minutes (promised for a release: {outcome.release_objective:g})")
    if outcome.rollback_minutes is not None:
        back = f"{outcome.rollback_minutes:.1f} minutes from the verdict (promised: {outcome.rollback_objective:g})"
        table.add_row("rolled back in", back)
    table.add_row(
        "live", f"{', '.join(outcome.live)}; schema {', '.join(outcome.schema)}; stack {outcome.stack_status}"
    )
    for record in served.examples:
        table.add_row("failed", Text(record.line()))
    for wrong in outcome.wrongs:
        table.add_row("[red]wrong[/]", Text(wrong, style="red"))
    return table


def _title(outcome: Outcome) -> str:
    mark = "[red]✗[/]" if outcome.wrongs else "[green]✓[/]"
    said = "not what it must be" if outcome.wrongs else "the right outcome"
    return f"\n{mark} {outcome.strategy} by {outcome.engine}, version {outcome.version}: {said}"


def _by_new(outcome: Outcome) -> str:
    failed = outcome.served.failed_by_new
    return f", and {failed} that the bad version failed" if failed else ""
