"""`understudy rehearse-failover`: the loss of a region played with real databases and real writes, and judged."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from cli.ending import told_to_end
from cli.problems import problem_table, said
from cli.rehearsal_progress import LiveProgress
from cli.rehearsed_failover_view import EventLines, outcome_table, series_table
from rehearsal.failover import matrix
from rehearsal.failover.outcome import Outcome
from rehearsal.failover.plan import SPEED, FaultName, Plan, drawn, moment
from rehearsal.failure import RehearsalError
from rehearsal.release.guard import Guard
from rehearsal.workspace import Workspace
from spec import SpecError

ANY_SEED: Final = 1_000_000
FaultOption = Annotated[FaultName | None, typer.Option("--fault", help="What goes wrong; without it, `dark`.")]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="STEP|SECONDS", help="A step of the state machine, or seconds after all is well."),
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", help="Draw fault and moment by this number; what else is said goes before.")
]
RunsOption = Annotated[
    int,
    typer.Option(
        "--runs", min=1, help="So many that are drawn, each by the next number; without --seed, from any number."
    ),
]
SpeedOption = Annotated[float, typer.Option("--speed", min=1, max=20, help="How many times as fast as real time.")]
AllOption = Annotated[
    bool, typer.Option("--all", help="Every fault at every moment and step; with --fault or --at, those of it alone.")
]
WriteOption = Annotated[
    Path | None,
    typer.Option(
        "--write",
        metavar="FILE",
        help="Put what came out into the table there; --all goes on where that has no right row yet.",
    ),
]
KeepOption = Annotated[Path | None, typer.Option("--keep", metavar="FOLDER", help="Leave the logs there.")]


def rehearse_failover(
    fault: FaultOption = None,
    at: AtOption = None,
    seed: SeedOption = None,
    runs: RunsOption = 1,
    speed: SpeedOption = SPEED,
    everything: AllOption = False,  # noqa: FBT002  # a switch of the command line
    write: WriteOption = None,
    keep: KeepOption = None,
) -> None:
    """Deploy both regions into the embedded AWS, break something while users write, and judge what comes of it.

    Exit code 0 for the right outcome: users are served again within the promised time or a person is clearly asked, no two
    databases ever took writes, and no more acknowledged writes are lost than promised.
    """
    plans = _plans(fault, at, seed, runs, speed, everything=everything)
    console = Console()
    console = console if console.is_terminal else Console(width=160)
    try:
        if everything and write is not None:
            plans = _left(plans, write, console)
            if not plans:
                raise typer.Exit(0)
        with told_to_end(), Guard():
            outcomes = _played(plans, console, keep, write)
    except SpecError as error:
        Console(stderr=True).print(problem_table(error.problems))
        raise typer.Exit(1) from None
    except RehearsalError as error:
        raise said(error) from None
    except KeyboardInterrupt:
        console.print("\n[yellow]interrupted[/]: everything that it had started is stopped")
        raise typer.Exit(130) from None
    if len(outcomes) > 1:
        console.print(series_table(outcomes))
    raise typer.Exit(1 if matrix.wrong(outcomes) or len(outcomes) < len(plans) else 0)


def _plans(
    fault: FaultName | None, at: str | None, seed: int | None, runs: int, speed: float, *, everything: bool
) -> list[Plan]:
    """Raises typer.BadParameter for a moment that is none."""
    try:
        when = None if at is None else moment(at)
    except ValueError:
        raise typer.BadParameter(f"--at is neither a step nor a number of seconds: {at}") from None
    if runs > 1 and seed is None:
        seed = secrets.randbelow(ANY_SEED)
    if everything:
        found = [plan for plan in matrix.plans(speed) if fault in (None, plan.fault) and when in (None, plan.at)]
        if not found:
            raise typer.BadParameter(f"--all knows no {fault or 'fault'} at {at}; the moments are {matrix.RANDOM}")
        return matrix.played_in_order(found)
    if seed is not None:
        plans = [drawn(number, speed) for number in range(seed, seed + runs)]
        return [replace(plan, fault=fault or plan.fault, at=plan.at if when is None else when) for plan in plans]
    return [Plan(fault=fault or "dark", at=0.0 if when is None else when, speed=speed)]


def _stage(plan: Plan, number: int, of: int) -> str:
    """What is played now: `--seed` with the number that is told plays it again."""
    told = [*([f"{number} of {of}"] if of > 1 else []), *([] if plan.seed is None else [f"seed {plan.seed}"])]
    return f"{plan.title} ({', '.join(told)})" if told else plan.title


def _left(plans: list[Plan], write: Path, console: Console) -> list[Plan]:
    """Those whose outcome the table does not have yet, or has as wrong. Raises RehearsalError for a file without the table."""
    there = matrix.right_in(write)
    left = [plan for plan in plans if (plan.fault, plan.when) not in there]
    if len(left) < len(plans):
        console.print(f"- {len(plans) - len(left)} of {len(plans)} stand in {write} already, and right")
    return left


def _played(plans: list[Plan], console: Console, keep: Path | None, write: Path | None) -> list[Outcome]:
    """Each written down at once: a series takes hours, and may be interrupted."""
    from rehearsal.failover.deployed import deployed  # noqa: PLC0415  # boto3: other commands must not wait for it
    from rehearsal.failover.play import rehearse  # noqa: PLC0415

    outcomes = []
    with LiveProgress(console) as progress, deployed(Workspace.here().project, progress) as stands:
        for number, plan in enumerate(plans, start=1):
            progress.stage(_stage(plan, number, len(plans)))
            folder = keep / plan.title.replace(" ", "-") if keep else None
            try:
                outcome = rehearse(stands, plan, tell=EventLines(console, plan.speed), keep=folder)
            except RehearsalError as error:
                # One of hundreds that could not be played keeps nobody from the others.
                if len(plans) == 1 or stands.emulator.status() is None:
                    raise
                console.print(
                    f"[red]✗[/] {plan.title} could not be played: {error.reason}; {error.remedy}\n{error.details}"
                )
                continue
            outcomes.append(outcome)
            console.print(outcome_table(outcome))
            if write is not None:
                matrix.write(write, [outcome])
    return outcomes
