"""`understudy up`, `down`, `diff`, `status`: an environment in the embedded AWS."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from cli.problems import problem_table, said
from cli.rehearsal_progress import LiveProgress
from cli.rehearsal_view import exploring, stack_tables
from rehearsal import comparison, deployment, embedded_aws
from rehearsal.failure import RehearsalError
from rehearsal.workspace import Workspace
from spec import SpecError

AppOption = Annotated[str, typer.Option("--app", metavar="NAME", help="The application: a file's name in apps/.")]
EnvOption = Annotated[str, typer.Option("--env", metavar="NAME", help="dev, staging, prod or preview.")]
PortOption = Annotated[
    int | None,
    typer.Option("--port", min=1, max=65535, help="Where the embedded AWS listens; 5555 unless it already runs."),
]


def up(app: AppOption = "generator-platform", env: EnvOption = "dev", port: PortOption = None) -> None:
    """Deploy an environment to an embedded AWS, with the real CDK CLI; again, to update it."""
    console = _console()
    try:
        with LiveProgress(console) as progress:
            rehearsed = deployment.up(Workspace.here(), app=app, environment=env, port=port, progress=progress)
    except SpecError as error:
        Console(stderr=True).print(problem_table(error.problems))
        raise typer.Exit(1) from None
    except RehearsalError as error:
        raise said(error) from None
    except KeyboardInterrupt:
        console.print("\n[yellow]interrupted[/]: the next `make up` tidies up and goes on; `make down` ends it all")
        raise typer.Exit(130) from None
    console.print(stack_tables(rehearsed.stacks))
    console.print("\n[bold]Look around[/], until `make down`:")
    for line in exploring(rehearsed):
        # Whole lines, or they could not be pasted.
        console.print(f"  {line}", soft_wrap=True, markup=False, highlight=False)


def down() -> None:
    """Stop the embedded AWS; what was deployed into it is gone."""
    console = Console()
    try:
        workspace = Workspace.here()
        with workspace.alone():
            stopped = embedded_aws.stop(workspace)
    except RehearsalError as error:
        raise said(error) from None
    console.print("the embedded AWS is stopped" if stopped else "the embedded AWS was not running")


def diff(app: AppOption = "generator-platform", env: EnvOption = "dev") -> None:
    """Show what a deployment would change in the embedded AWS, as `cdk diff` does."""
    try:
        code = comparison.diff(Workspace.here(), app=app, environment=env)
    except RehearsalError as error:
        raise said(error) from None
    raise typer.Exit(code)


def status() -> None:
    """Show what stands in the embedded AWS."""
    console = _console()
    try:
        emulator = embedded_aws.running(Workspace.here())
    except RehearsalError as error:
        raise said(error) from None
    if emulator is None:
        console.print("the embedded AWS is not running: `make up` starts it")
        raise typer.Exit(1)
    console.print(f"the embedded AWS runs at {emulator.endpoint}")
    console.print(stack_tables([stack for stack in emulator.stacks() if stack["name"] != "CDKToolkit"]))


def _console() -> Console:
    """A terminal's own width; a file's or a pipe's wide enough for the tables."""
    console = Console()
    return console if console.is_terminal else Console(width=140)
