"""`python -m judges`: all judges over everything; exit code 1 with every unexplained finding at once."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape

from judges import console as show
from judges import explanations, report
from judges.judgement import Judgement, judge
from judges.sitting import ROOT, Sitting
from spec import SpecError, catalogue, load

APPLICATIONS: Final = ROOT / "apps"
LOG_WIDTH: Final = 120

WriteReport = Annotated[bool, typer.Option(help="Write docs/compliance.md instead of comparing it.")]


def main(write_report: WriteReport = False) -> None:  # noqa: FBT002 - typer's way to name a flag
    """Judge every application and environment, and the code."""
    # Without a terminal rich assumes 80 columns and breaks construct paths.
    console = Console(width=None if sys.stdout.isatty() else LOG_WIDTH)
    start = time.monotonic()
    try:
        with TemporaryDirectory(prefix="understudy-judges-") as out:
            guilty = _judge(console, Path(out), write_report=write_report)
    except (RuntimeError, SpecError) as error:
        console.print(f"[bold red]✗[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    console.print(
        f"\n{'[bold red]Not passed' if guilty else '[bold green]Passed'}[/] in {time.monotonic() - start:.0f} s"
    )
    raise typer.Exit(int(guilty))


def _judge(console: Console, out: Path, *, write_report: bool) -> bool:
    deployments = [(file, each) for file in catalogue.files(APPLICATIONS) for each in load(file).deployments()]
    sitting = Sitting(out)
    with console.status("synthesizing, judging"):
        for step in sitting.hear(deployments):
            show.show_step(console, step)
    judgement = judge(
        sitting.findings,
        in_code=sitting.acknowledgements,
        acknowledged=explanations.acknowledged(),
        pending=explanations.pending(),
    )
    show.show_verdicts(console, judgement, sitting.outcomes)
    show.show_unexplained(console, judgement.unexplained)
    show.show_objections(console, judgement, sitting.outcomes)
    fresh = _report(console, judgement, sitting, write=write_report)
    objections = judgement.objections or [each for each in sitting.outcomes if each.objections]
    return bool(judgement.unexplained or objections or not fresh)


def _report(console: Console, judgement: Judgement, sitting: Sitting, *, write: bool) -> bool:
    """Whether docs/compliance.md says what was found; it does once it is written."""
    text = report.render(judgement, [each.deployment for each in sitting.assemblies])
    if write:
        report.FILE.parent.mkdir(exist_ok=True)
        report.FILE.write_text(text, encoding="utf-8")
        return True
    if report.FILE.exists() and report.FILE.read_text(encoding="utf-8") == text:
        return True
    console.print("\n[bold red]✗[/] docs/compliance.md is out of date: run `make compliance` and commit it")
    return False


if __name__ == "__main__":
    typer.run(main)
