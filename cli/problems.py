"""Problems of a file as a person reads them."""

from __future__ import annotations

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

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
