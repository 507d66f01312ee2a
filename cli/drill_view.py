"""A drill as a person reads it: what it will do, how far it is, what it has shown, and what those before it have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from spec import Deployment

STEPS: Final[Mapping[str, str]] = {
    "begin": "no failover, and nothing left of an earlier drill",
    "point": "what would be lost now",
    "restore": "a copy, from the newest backup in that region",
    "follow": "a replica of the copy",
    "promote": "the replica becomes a database",
    "open": "a login for the drill's tasks",
    "start": "a task of each service",
    "healthy": "their own health checks",
    "verify": "smoke tests",
    "remove": "nothing is left",
}
"""Steps in their order, and what each is about."""
STATES: Final[Mapping[str, str]] = {
    "held": "[green]held[/]",
    "missed": "[yellow]missed[/]",
    "failed": "[red]not held[/]",
}
Item = Mapping[str, Any]


def record(item: object) -> Item:
    """What the functions have written down about a drill; empty before there is any."""
    found: Item = json.loads(str(item["drill"])) if isinstance(item, Mapping) else {}
    return found


def forecast(deployment: Deployment) -> Table:
    """What is going to happen."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), title_justify="left")
    table.title = f"[bold]{deployment.prefix}[/]: a failover to {deployment.waiting_region}, on a copy"
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    database = deployment.database.instance_class if deployment.database else ""
    table.add_row("makes", f"two databases ({database}) and a task of each service that depends on the database")
    table.add_row("takes", "an hour or more, as long as RDS needs to restore and to replicate the copy")
    table.add_row("touches", "nothing of production: neither region's database, services, lease or traffic")
    table.add_row("afterwards", "all of it is removed, whatever happens")
    return table


def progress(item: object) -> Table:
    """Every step: whether it is through, how long it took, what it said."""
    found = record(item)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("", "step", "took", ""):
        table.add_column(column, no_wrap=column != "")
    for step, about in STEPS.items():
        mark, took, said = _state(found, step)
        table.add_row(mark, step, took, Text(said or about, style="" if said else "dim"))
    return table


def result(item: Item) -> Table:
    """The report of one: each part of the recovery time beside what the spec expects."""
    told = json.loads(str(item["report"]))
    title = Text.from_markup(f"{told['id']}: {STATES[told['state']]}")
    table = Table(box=None, padding=(0, 2, 0, 0), title=title, title_justify="left")
    for column in ("part of the recovery time", "measured", "expected"):
        table.add_column(column, justify="left" if not table.columns else "right")
    for term in told["terms"]:
        table.add_row(term["what"], _seconds(term["measured_seconds"]), _seconds(term["expected_seconds"]))
    promised = told["promised"]
    table.add_section()
    table.add_row("[bold]recovery[/]", _seconds(told["recovery_seconds"]), _promised(promised["recovery_seconds"]))
    table.add_row("[bold]writes lost[/]", _seconds(told["lost_seconds"]), _promised(promised["lost_seconds"]))
    if told["failed"]:
        table.caption = Text(f"{told['failed']['step']}: {told['failed']['because']}", style="red")
    return table


def trend(deployment: Deployment, item: Item | None, now: float) -> Table:
    """Those before, oldest first."""
    days = deployment.recovery.drill_days
    table = Table(box=None, padding=(0, 2, 0, 0), title_justify="left")
    table.title = f"drills of {deployment.prefix}, {f'each {days} days' if days else 'by hand alone'}"
    for column in ("when", "drill", "", "recovery", "promotion", "writes lost"):
        table.add_column(column, justify="right" if column in {"recovery", "promotion", "writes lost"} else "left")
    drills = json.loads(str(item["drills"]))["drills"] if item is not None else []
    for each in drills:
        table.add_row(
            f"{datetime.fromtimestamp(each['began_at'], UTC):%Y-%m-%d %H:%M}",
            each["id"],
            STATES[each["state"]],
            *(_seconds(each[name]) for name in ("recovery_seconds", "promotion_seconds", "lost_seconds")),
        )
    through = [each["began_at"] for each in drills if each["state"] != "failed"]
    last = (
        f"the last one that went through was {(now - max(through)) / 86_400:.0f} days ago"
        if through
        else "none has gone through yet"
    )
    table.caption = last
    return table


def news(item: object) -> Iterator[str]:
    """Each step that is through, in a line."""
    found = record(item)
    for step in STEPS:
        ended = found.get("ended", {}).get(step)
        if ended is not None:
            yield f"{datetime.fromtimestamp(ended, UTC):%H:%M:%S}  {step}: {found.get('said', {}).get(step, '')}"


def _state(found: Item, step: str) -> tuple[str, str, str]:
    began, ended = found.get("began", {}).get(step), found.get("ended", {}).get(step)
    if ended is not None:
        took = f"{ended - began:.0f} s" if began is not None else ""
        return "[green]✓[/]", took, str(found.get("said", {}).get(step, ""))
    if found.get("failed_step") == step:
        return "[red]✗[/]", "", str(found.get("failed_because", ""))
    return ("[yellow]…[/]" if began is not None else "[dim]·[/]"), "", ""


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} s" if value >= 10 else f"{value:.2g} s"


def _promised(value: float | None) -> str:
    return "" if value is None else f"at most {value:.0f} s"
