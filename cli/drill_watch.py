"""Watching a drill to its end."""

from __future__ import annotations

from typing import Final

from rich.console import Console

from cli.drill_view import news, progress, record, result
from cli.stand_in import Execution, Item, StandIn
from cli.watched import Watched, to_its_end

NOT_HELD: Final = 1


def follow(console: Console, there: StandIn, arn: str) -> int:
    """Show how far the execution is until it ends; the command's exit code."""
    seen: list[Item | None] = [None]

    def look(watched: Watched, _: Execution) -> None:
        found = _mine(there, arn)
        seen[:] = [found]
        watched.show(progress(found), news(found))

    execution = to_its_end(console, there, arn, look)
    if execution is None:
        return NOT_HELD
    mine = seen[0]
    report = there.item(f"drill#{record(mine).get('id')}") if mine is not None else None
    if report is not None:
        console.print(result(report))
    if execution.status == "SUCCEEDED":
        console.print(f"[green]✓[/] {execution.name} was held")
        return 0
    why = there.last_word(arn) or execution.cause or "no reason is known"
    console.print(f"[red]✗[/] {execution.name}: {why}", highlight=False, soft_wrap=True)
    console.print("What is left of it is removed by the clock within hours: docs/runbooks/drill.md", highlight=False)
    return NOT_HELD


def _mine(there: StandIn, arn: str) -> Item | None:
    item = there.item("drill")
    return item if item is not None and item.get("execution") == arn else None
