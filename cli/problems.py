"""Problems of a file as a person reads them."""

from __future__ import annotations

import typer
from rich.console import Console, Group
from rich.padding import Padding
from rich.text import Text

from rehearsal.failure import RehearsalError
from spec import Problem


def problem_table(problems: list[Problem]) -> Group:
    """Each problem in three lines: where, what is wrong, what would be right."""
    parts: list[Text | Padding] = []
    for problem in problems:
        where = Text(problem.place, style="bold")
        where.append(f"  {problem.path}", style="cyan")
        if problem.environment:
            where.append(f"  ({problem.environment})", style="dim")
        parts.append(where)
        parts.append(Padding(Text(problem.reason, style="red"), (0, 0, 0, 4)))
        parts.append(Padding(Text(f"→ {problem.remedy}", style="green"), (0, 0, 1, 4)))
    return Group(*parts)


def said(error: RehearsalError) -> typer.Exit:
    """Tell a person what went wrong and what to do; return the exit."""
    console = Console(stderr=True)
    console.print(Text(f"✗ {error.reason}", style="bold red"))
    if error.details:
        console.print(error.details, markup=False, highlight=False, style="dim", soft_wrap=True)
    console.print(f"→ {error.remedy}", style="green", markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(1)
