"""A deployment to the embedded AWS as a person follows it, and what stands there afterwards."""

from __future__ import annotations

from collections import Counter
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from rehearsal.deployment import Rehearsed


class LiveProgress:
    """Stages and stacks, each a line; on a terminal the one at work turns."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._console = console
        self._current: Any = None

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last state on the screen."""
        if kind is None:
            self._finish()
        self._progress.stop()

    def say(self, text: str) -> None:
        """Print something a person should know."""
        self._console.print(Text(text, style="yellow"))

    def stage(self, text: str) -> None:
        """Begin a stage."""
        self._begin(text)

    def stack(self, name: str, state: str) -> None:
        """Begin a stack, or tell what became of it."""
        if state == "deploying":
            self._begin(f"  {name}")
        elif state == "unchanged":
            self._begin(f"  {name} [dim](no changes)[/]")

    def _begin(self, text: str) -> None:
        self._finish()
        if not self._console.is_terminal:
            self._console.print(f"› {text}")
        self._current = self._progress.add_task(text, total=1)

    def _finish(self) -> None:
        if self._current is not None:
            self._progress.update(self._current, completed=1)


def stack_tables(stacks: list[dict[str, Any]]) -> Group:
    """Return a row per stack, what is only accepted by type, and the outputs."""
    table = Table(title="In the embedded AWS", title_justify="left", title_style="bold")
    for column in ("stack", "region", "status"):
        table.add_column(column)
    table.add_column("emulated", justify="right")
    table.add_column("accepted, not emulated", justify="right")
    for stack in stacks:
        emulated = sum(resource["emulated"] for resource in stack["resources"])
        accepted = len(stack["resources"]) - emulated
        table.add_row(stack["name"], stack["region"], stack["status"], str(emulated), str(accepted))
    return Group(table, *_accepted(stacks), *_outputs(stacks))


def _accepted(stacks: list[dict[str, Any]]) -> list[Text | Table]:
    found = Counter(
        (resource["type"], stack["name"])
        for stack in stacks
        for resource in stack["resources"]
        if not resource["emulated"]
    )
    if not found:
        return []
    table = Table(title="Accepted, not emulated: in no API of the emulator", title_justify="left", title_style="bold")
    table.add_column("type")
    table.add_column("count", justify="right")
    table.add_column("stack")
    for (type_name, stack), count in sorted(found.items()):
        table.add_row(type_name, str(count), stack)
    return [Text(), table]


def _outputs(stacks: list[dict[str, Any]]) -> list[Text | Table]:
    rows = [(stack["name"], *output) for stack in stacks for output in stack["outputs"].items()]
    if not rows:
        return []
    table = Table(title="Outputs", title_justify="left", title_style="bold")
    table.add_column("stack")
    table.add_column("output")
    table.add_column("value", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return [Text(), table]


def exploring(rehearsed: Rehearsed) -> Group:
    """Return commands to look around with, ready to paste."""
    region = rehearsed.stacks[0]["region"] if rehearsed.stacks else "us-west-2"
    call = f".venv/bin/aws --endpoint-url {rehearsed.emulator.endpoint}"
    lines = [
        f"export AWS_ACCESS_KEY_ID={rehearsed.account} AWS_SECRET_ACCESS_KEY=rehearsal",
        f"{call} --region {region} rds describe-db-instances",
        f"{call} --region {region} ecs list-services --cluster $({call} --region {region} ecs list-clusters"
        " --query 'clusterArns[0]' --output text)",
        f"{call} --region {region} elasticache describe-replication-groups",
        f"{call} --region {region} cloudwatch describe-alarms --query 'MetricAlarms[].AlarmName'",
        f"{call} --region us-east-1 cloudfront list-distributions --query 'DistributionList.Items[].DomainName'",
    ]
    heading = Text("\nLook around (until `make down`):", style="bold")
    return Group(heading, *(Text(f"  {line}", no_wrap=True, overflow="ignore") for line in lines))
