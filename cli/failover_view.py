"""A failover as a person reads it: what will happen, how far it is, what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Literal

from rich.console import Group
from rich.table import Table
from rich.text import Text

from spec import Deployment
from spec.assessment import Term, total
from spec.recovery_objectives import lost_objects, lost_with_region, takeover

STEPS: Final[Mapping[str, str]] = {
    "assess": "is the other region really lost",
    "lock": "nobody else is at it",
    "approve": "a person agrees",
    "gate": "what would be lost",
    "fence": "the other region stops writing",
    "catch_up": "the replica has everything",
    "take": "the lease",
    "promote": "the replica becomes a database",
    "promoted": "it takes writes",
    "open": "the application may log in",
    "scale": "tasks, healthy",
    "files": "they take writes",
    "switch": "users are led here",
    "verify": "smoke tests",
    "report": "written down and told",
}
"""Steps in their order, and what each is about."""

NO_RETURN: Final = "promote"
Moment = float | Decimal
"""Epoch seconds; DynamoDB's numbers are decimals."""
Asked = Literal["failover", "switchover"]


def forecast(deployment: Deployment, mode: Asked) -> Table:
    """What is going to happen, with the numbers of the spec."""
    there, here = deployment.waiting_region, deployment.active_region
    promised = deployment.objectives
    terms = takeover(deployment)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), title_justify="left")
    table.title = f"[bold]{deployment.prefix}[/]: {there} takes over from {here}"
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    interrupted = "nobody writes for" if mode == "switchover" else "users are served in"
    table.add_row(interrupted, f"about {total(terms):.2g} minutes\n[dim]{sum_of(terms)}[/]")
    if mode == "switchover":
        table.add_row(
            "lost", f"nothing of the database: {here} stops first, {there} replays everything, then it is promoted"
        )
    else:
        usual = total(lost_with_region(deployment))
        limit = promised.rpo_minutes
        over = f"; if it would be more than {limit:g} minutes, nothing is changed unless you accept it" if limit else ""
        table.add_row("lost", f"up to {usual:.2g} minutes of writes, if the replica keeps up{over}")
        objects = total(lost_objects(deployment))
        also = f"objects and files of the last {objects:g} minutes, " if objects else ""
        table.add_row("", f"{also}what waits in the queue and what is in the cache")
    first = list(STEPS).index(NO_RETURN)
    table.add_row("no way back", f"from `{NO_RETURN}` on; a failure before it undoes {', '.join(list(STEPS)[4:first])}")
    table.add_row("after it", f"write `recovery.active: {there}` into apps/{deployment.name}.yaml, and deploy")
    if mode == "failover":
        table.add_row("decides", _decides(deployment))
    return table


def _decides(deployment: Deployment) -> str:
    if deployment.recovery.witness_region:
        return "you, now: it asks again only if the signals do not agree that the region is lost"
    return "you, once more when it has looked: without a witness nobody else can know that the other region has stopped"


def sum_of(terms: tuple[Term, ...]) -> str:
    """Terms as a line."""
    return " + ".join(f"{term.what} {'~' * term.assumed}{term.minutes:.2g}" for term in terms)


def progress(record: Mapping[str, Any] | None) -> Table:
    """Every step: whether it is through, how long it took, what it said."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("", "step", "took", ""):
        table.add_column(column, no_wrap=column != "")
    for step, about in STEPS.items():
        mark, took, said = _state(record or {}, step)
        table.add_row(mark, step, took, Text(said or about, style="" if said else "dim"))
    return table


def _state(record: Mapping[str, Any], step: str) -> tuple[str, str, str]:
    began, ended = record.get(f"began_{step}"), record.get(f"ended_{step}")
    if ended is not None:
        return (
            "[green]✓[/]",
            f"{float(ended) - float(began if began is not None else ended):.0f} s",
            str(record.get(f"said_{step}", "")),
        )
    if record.get("failed_step") == step:
        return "[red]✗[/]", "", str(record.get("failed_because", ""))
    return ("[yellow]…[/]" if began is not None else "[dim]·[/]"), "", ""


def drawn(record: Mapping[str, Any] | None, question: str) -> Group:
    """How far it is, and what it waits for a person to say."""
    waits = [Text(f"\n{question}", style="yellow")] if question else []
    return Group(progress(record), *waits)


def news(record: Mapping[str, Any] | None, question: str) -> Iterator[str]:
    """The same in lines: each step that is through, and the question."""
    known = record or {}
    for step in STEPS:
        ended = known.get(f"ended_{step}")
        if ended is not None:
            yield f"{clock(ended)}  {step}: {known.get(f'said_{step}', '')}"
    if question:
        yield question


def clock(moment: Moment) -> str:
    """Epoch seconds as a time of day, in UTC."""
    return f"{datetime.fromtimestamp(float(moment), UTC):%H:%M:%S}"


def ago(moment: Moment, now: float) -> str:
    """How long it is since then, or until then."""
    seconds = now - float(moment)
    length = f"{abs(seconds):.0f} s" if abs(seconds) < 120 else f"{abs(seconds) / 60:.0f} min"
    return f"{length} ago" if seconds >= 0 else f"in {length}"


def came_of_it(report: Mapping[str, Any]) -> Table:
    """The report that the last step wrote: times measured, what was lost, what to do."""
    told = json.loads(str(report["report"]))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    seconds, lost = told["seconds"], told["lost"]
    table.add_row("active", f"{told['to']}, instead of {told['from']}, since {told['serving_at']}")
    table.add_row(
        "it took", f"{seconds['from_failure']} s from the failure, {seconds['from_detection']} s from its detection"
    )
    table.add_row(
        "lost", f"{lost['at_most_seconds']} s of writes at the most: after {lost['after']}, until {lost['until']}"
    )
    if told.get("files_as_of"):
        table.add_row("files", f"as they were at {told['files_as_of']}")
    if told.get("notes"):
        table.add_row("[yellow]but[/]", Text(str(told["notes"]), style="yellow"))
    table.add_row("now", f'write `{told["spec"]}` into the YAML, and deploy: docs/recovery.md, "After it"')
    return table
