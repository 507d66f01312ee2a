"""Rehearsed rotations as a person reads them: a line that counts while they run, and what came of them."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from rehearsal.rotation.outcome import Outcome
from rehearsal.rotation.plan import EngineName
from rehearsal.rotation.rehearsing import Progress as Rotations

LINES = 10
"""Where nothing can turn, how many lines tell of progress."""


class RotationLine:
    """What is being done and how many rotations are behind; on a terminal it moves, elsewhere it says so now and then."""

    def __init__(self, console: Console, engine: EngineName, rotations: int) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(engine, total=rotations)
        self._total = rotations
        self._said = ""

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last state on the screen."""
        self._progress.stop()

    def __call__(self, state: Rotations) -> None:
        """Show how far it is."""
        counted = state.rotations > 0
        text = (
            f"{state.stage} · logins {state.logins:,}, refused {state.refused}"
            f" · operations {state.operations:,}, failed {state.failed}"
            if counted
            else state.stage
        )
        self._progress.update(self._task, completed=state.rotations, description=text)
        due = state.stage != self._said or (counted and state.rotations % max(1, self._total // LINES) == 0)
        if not self._console.is_terminal and due:
            self._said = state.stage
            done = f"{state.rotations} of {self._total}: " if counted else ""
            self._console.print(Text(f"- {done}{text}"))


def outcome_table(outcome: Outcome) -> Table:
    """What was rotated, tried, refused, done and lost, and how long two logins were live."""
    mark = "[red]✗[/]" if outcome.wrongs else "[green]✓[/]"
    said = "not what it must be" if outcome.wrongs else "the right outcome"
    table = Table(
        box=None,
        show_header=False,
        padding=(0, 2, 0, 0),
        title=f"\n{mark} {outcome.engine}: {said}",
        title_justify="left",
    )
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    administrators = f", {outcome.administrator_rotations} of the administrator" if _has_administrator(outcome) else ""
    table.add_row("rotations", f"{outcome.rotations:,} of the application{administrators}")
    table.add_row("logins", f"{outcome.logins:,} tried by consumers, {outcome.refused} refused")
    table.add_row("operations", f"{outcome.operations:,} done, {outcome.lost} lost")
    table.add_row(
        "live credentials",
        f"{outcome.most_live} at most, for {outcome.longest_two_seconds:.1f} s at the longest"
        f" ({outcome.logins_made:,} that there ever were, tried {outcome.logins_sampled:,} times)",
    )
    table.add_row(
        "a rotation took",
        f"{outcome.median_seconds:.2f} s in the middle, {outcome.longest_seconds:.2f} s at the longest",
    )
    if outcome.too_early_refused is not None:
        table.add_row("begun too early", "refused" if outcome.too_early_refused else "[red]not refused[/]")
    table.add_row("in all", f"{outcome.minutes:.1f} minutes")
    for example in outcome.examples:
        table.add_row("[red]for example[/]", Text(example))
    for wrong in outcome.wrongs:
        table.add_row("[red]wrong[/]", Text(wrong, style="red"))
    return table


def _has_administrator(outcome: Outcome) -> bool:
    return outcome.engine != "redis"
