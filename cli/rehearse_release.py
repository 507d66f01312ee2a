"""`understudy rehearse-release`: a release played with real requests, and judged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.ending import told_to_end
from cli.problems import problem_table, said
from cli.rehearsal_progress import LiveProgress
from cli.release_view import EventLines, outcome_table
from rehearsal.failure import RehearsalError
from rehearsal.release import matrix
from rehearsal.release.guard import Guard
from rehearsal.release.plan import Plan
from rehearsal.release.versions import VersionName
from rehearsal.workspace import Workspace
from spec import SpecError
from spec.release import Engine, Strategy

EngineOption = Annotated[Engine, typer.Option("--engine", help="codedeploy or ecs.")]
StrategyOption = Annotated[
    Strategy, typer.Option("--strategy", help="rolling (ecs alone), blue_green, canary, linear.")
]
VersionOption = Annotated[
    VersionName, typer.Option("--version", help="The version that is released: good, or what is wrong.")
]
SpeedOption = Annotated[float, typer.Option("--speed", min=1, max=20, help="How many times as fast as real time.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every engine, strategy and version, one after the other.")]
WriteOption = Annotated[
    Path | None, typer.Option("--write", metavar="FILE", help="Put what came out into the table there.")
]
KeepOption = Annotated[Path | None, typer.Option("--keep", metavar="FOLDER", help="Leave the logs there.")]


def rehearse_release(  # the command's options
    strategy: StrategyOption = "canary",
    engine: EngineOption = "codedeploy",
    version: VersionOption = "good",
    speed: SpeedOption = matrix.SPEED,
    everything: AllOption = False,  # noqa: FBT002  # a switch of the command line
    write: WriteOption = None,
    keep: KeepOption = None,
) -> None:
    """Release a version of a small application on the embedded AWS, under load, and judge what comes of it.

    Exit code 0 for the right outcome: a good version live, a bad one gone again, no request failed that a bad version did
    not itself answer.
    """
    wanted = Plan(engine=engine, strategy=strategy, version=version, speed=speed)
    plans = matrix.plans(speed) if everything else (wanted,)
    if engine == "codedeploy" and strategy == "rolling" and not everything:
        raise typer.BadParameter("CodeDeploy has no rolling update for ECS: use --engine ecs")
    console = Console()
    console = console if console.is_terminal else Console(width=160)
    try:
        with told_to_end(), Guard():
            right = [_played(plan, console, keep, write) for plan in plans]
    except SpecError as error:
        Console(stderr=True).print(problem_table(error.problems))
        raise typer.Exit(1) from None
    except RehearsalError as error:
        raise said(error) from None
    except KeyboardInterrupt:
        console.print("\n[yellow]interrupted[/]: everything that it had started is stopped")
        raise typer.Exit(130) from None
    raise typer.Exit(0 if all(right) else 1)


def _played(plan: Plan, console: Console, keep: Path | None, write: Path | None) -> bool:
    """Whether it went right. Written down at once: a series takes hours, and may be interrupted."""
    from rehearsal.release.play import rehearse  # noqa: PLC0415  # boto3: other commands must not wait for it

    console.rule(plan.title)
    folder = keep / f"{plan.engine}-{plan.strategy}-{plan.version}" if keep else None
    with LiveProgress(console) as progress:
        outcome = rehearse(Workspace.here().project, plan, progress=progress, tell=EventLines(console), keep=folder)
    console.print(outcome_table(outcome))
    if write is not None:
        matrix.write(write, [outcome])
    return not outcome.wrongs
