"""How far an `up` is, line by line; on a terminal the one at work turns."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text


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
        self._current: TaskID | None = None

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
        elif state == "unchanged" and self._current is not None:
            self._progress.update(self._current, description=escape(f"  {name} (no changes)"))

    def _begin(self, text: str) -> None:
        self._finish()
        if not self._console.is_terminal:
            self._console.print(Text(f"- {text}"))
        self._current = self._progress.add_task(escape(text), total=1)

    def _finish(self) -> None:
        if self._current is not None:
            self._progress.update(self._current, completed=1)
