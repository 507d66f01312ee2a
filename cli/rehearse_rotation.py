"""`understudy rehearse-rotation`: secrets rotated on real servers, under load, and judged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.ending import told_to_end
from cli.problems import said
from cli.rotation_view import RotationLine, outcome_table
from rehearsal.failure import RehearsalError
from rehearsal.release.guard import Guard
from rehearsal.rotation import record
from rehearsal.rotation.plan import ENGINES, EngineName, Plan
from rehearsal.rotation.rehearsing import rehearse

EngineOption = Annotated[
    EngineName | None, typer.Option("--engine", help="postgresql, redis or rabbitmq; without it all three.")
]
RotationsOption = Annotated[
    int, typer.Option("--rotations", min=1, help="How often the application's secret of each engine is rotated.")
]
WriteOption = Annotated[
    Path | None, typer.Option("--write", metavar="FILE", help="Put what came out into the table there.")
]
KeepOption = Annotated[Path | None, typer.Option("--keep", metavar="FOLDER", help="Leave the logs there.")]


def rehearse_rotation(
    engine: EngineOption = None,
    rotations: RotationsOption = 20,
    write: WriteOption = None,
    keep: KeepOption = None,
) -> None:
    """Rotate the secrets of real servers on loopback, while eight consumers work with them, and judge what comes of it.

    Exit code 0 for the right outcome: no login refused, no work lost, never more than two live credentials, and no
    secret value in anything that was written.
    """
    console = Console()
    console = console if console.is_terminal else Console(width=160)
    plans = [Plan(engine=each, rotations=rotations) for each in ([engine] if engine else ENGINES)]
    try:
        with told_to_end(), Guard():
            right = [_played(plan, console, keep, write) for plan in plans]
    except RehearsalError as error:
        raise said(error) from None
    except KeyboardInterrupt:
        console.print("\n[yellow]interrupted[/]: everything that it had started is stopped")
        raise typer.Exit(130) from None
    raise typer.Exit(0 if all(right) else 1)


def _played(plan: Plan, console: Console, keep: Path | None, write: Path | None) -> bool:
    """Whether it went right. Written down at once: a long series may be interrupted."""
    console.rule(f"{plan.rotations:,} rotations of {plan.engine}")
    with RotationLine(console, plan.engine, plan.rotations) as line:
        outcome = rehearse(plan, progress=line, keep=keep / plan.engine if keep else None)
    console.print(outcome_table(outcome))
    if write is not None:
        record.write(write, outcome)
    return not outcome.wrongs
