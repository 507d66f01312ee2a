"""`understudy check`: what a file's environments will consist of, or everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.portrait import portrait
from cli.problems import problem_table
from spec import Deployment, SpecError, load

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="The application's YAML file, such as apps/storefront.yaml.")
]
EnvOption = Annotated[
    str | None, typer.Option("--env", metavar="NAME", help="Only this environment: dev, staging, prod or preview.")
]


def check(file: FileArgument, env: EnvOption = None) -> None:
    """Check an application's file, without AWS and without credentials.

    For a good file: what each environment will consist of and how it meets its
    objectives, term by term. For a bad one: every problem at once, with its line and what would be right; exit code 1.
    """
    console = Console()
    try:
        deployments = _deployments(file, env)
    except SpecError as error:
        _report(error)
        raise typer.Exit(1) from None
    for deployment in deployments:
        console.print(portrait(deployment))
    names = ", ".join(deployment.environment for deployment in deployments)
    console.print(f"[green]✓[/] {file} is sound: {names}")


def _deployments(file: Path, env: str | None) -> tuple[Deployment, ...]:
    application = load(file)
    return application.deployments() if env is None else (application.for_environment(env),)


def _report(error: SpecError) -> None:
    """Plain lines where a program reads them, a table where a person does."""
    console = Console(stderr=True)
    if console.is_terminal:
        console.print(problem_table(error.problems))
    else:
        for problem in error.problems:
            console.print(str(problem), soft_wrap=True, markup=False, highlight=False)
    count = len(error.problems)
    console.print(f"[red]✗[/] {count} problem{'s' if count > 1 else ''}; nothing was changed")
