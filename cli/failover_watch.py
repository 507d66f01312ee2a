"""Watching a failover to its end, and saying how things stand."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.failover_view import ago, came_of_it, drawn, news, progress
from cli.refusal import RefusedError
from cli.stand_in import Execution, StandIn
from cli.watched import Watched, to_its_end
from spec import Deployment

NOTHING_CHANGED: Final = 1
SOMEBODY_HAS_TO_LOOK: Final = 3


def follow(console: Console, deployment: Deployment, there: StandIn, arn: str) -> int:
    """Show how far the execution is until it ends; the command's exit code."""
    seen: list[Mapping[str, Any] | None] = [None]

    def look(watched: Watched, execution: Execution) -> None:
        record, question = _record(there, execution), _asks(there, deployment, execution)
        seen[:] = [record]
        watched.show(drawn(record, question), news(record, question))

    execution = to_its_end(console, there, arn, look)
    if execution is None:
        return SOMEBODY_HAS_TO_LOOK
    return _ended(console, there, execution, seen[0])


def situation(console: Console, deployment: Deployment, sites: Sequence[StandIn]) -> None:
    """What each region's table says; one that does not answer is told as such."""
    now = time.time()
    for site in sites:
        console.print(f"\n[bold]{site.region}[/]")
        try:
            lease, signals, record = site.item("lease"), site.item("signals"), site.item("failover")
            running, question = site.running(), site.open_question()
        except RefusedError as error:
            console.print(f"  [red]✗[/] {error}", highlight=False, soft_wrap=True)
            continue
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
        table.add_column(style="bold", no_wrap=True)
        table.add_column()
        table.add_row("active", _active(lease, deployment, now))
        if signals is not None and site.region == deployment.waiting_region:
            table.add_row("sees", _seen(signals, deployment.active_region, now))
        table.add_row("at work", f"{running.name}, since {running.began:%H:%M:%S}" if running else "no failover")
        console.print(table)
        if question is not None:
            console.print(
                _question(question, deployment), style="yellow", markup=False, highlight=False, soft_wrap=True
            )
        if record is not None:
            console.print(f"  the last one, {record.get('id')}, is {record.get('state')}:", highlight=False)
            console.print(progress(record))
            report = site.item(f"report#{record.get('id')}")
            if report is not None:
                console.print(came_of_it(report))


def _record(there: StandIn, execution: Execution) -> Mapping[str, Any] | None:
    """What is written down about it; None before its first step."""
    found = there.item("failover")
    return found if found is not None and found.get("execution") == execution.arn else None


def _asks(there: StandIn, deployment: Deployment, execution: Execution) -> str:
    question = there.open_question()
    asked = question is not None and question["execution"] == execution.arn and execution.status == "RUNNING"
    return _question(question, deployment) if question is not None and asked else ""


def _question(question: Mapping[str, Any], deployment: Deployment) -> str:
    chosen = f"--app {deployment.name} --env {deployment.environment}"
    return (
        f"It waits for a person: {question['text']}\n"
        f"  understudy failover approve {chosen}\n  understudy failover refuse {chosen}"
    )


def _ended(console: Console, there: StandIn, execution: Execution, record: Mapping[str, Any] | None) -> int:
    report = there.item(f"report#{record['id']}") if record is not None else None
    if execution.status == "SUCCEEDED":
        console.print(f"[green]✓[/] {execution.name} is through")
        if report is not None:
            console.print(came_of_it(report))
        return 0
    why = str(
        (record or {}).get("failed_because")
        or there.last_word(execution.arn)
        or execution.cause
        or "no reason is known"
    )
    if execution.error == "NotFailedOver":
        console.print(f"[red]✗[/] nothing is changed: {why}", highlight=False, soft_wrap=True)
        return NOTHING_CHANGED
    console.print(f"[red]✗[/] {execution.error or execution.status}: {why}", highlight=False, soft_wrap=True)
    console.print(
        "Mend the cause, then give the same command again: it goes on where it stopped (docs/runbooks/fail-over.md)",
        highlight=False,
        soft_wrap=True,
    )
    return SOMEBODY_HAS_TO_LOOK


def _active(lease: Mapping[str, Any] | None, deployment: Deployment, now: float) -> Text:
    if lease is None:
        return Text("nobody yet: no lease was ever granted here", style="yellow")
    holder, until = str(lease["holder"]), float(lease["until"])
    if until:
        text = Text(f"{holder}; its lease {'runs out' if until > now else 'ran out'} {ago(lease['until'], now)}")
    else:
        text = Text(f"{holder}, which has taken the lease and does not write yet")
    if holder != deployment.active_region:
        text.append(f"; the spec says {deployment.active_region}: write `recovery.active: {holder}`", style="yellow")
    return text


def _seen(signals: Mapping[str, Any], active: str, now: float) -> str:
    observations = json.loads(str(signals["observations"]))
    if not observations:
        return f"nothing of {active} yet"
    last = observations[-1]
    parts = [f"{active} {ago(last['at'], now)}: its application is {last['probe']}"]
    if last.get("heartbeat") is not None:
        parts.append(f"its newest heartbeat that arrived was {ago(last['heartbeat'], now)}")
    if last.get("streaming") is not None:
        parts.append("the replica is connected" if last["streaming"] else "the replica is not connected")
    return "; ".join(parts)
