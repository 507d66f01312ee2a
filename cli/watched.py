"""Watching an execution of a state machine to its end, whoever it belongs to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from rich.console import Console, RenderableType
from rich.live import Live

from cli.refusal import RefusedError
from cli.stand_in import Execution, StandIn

LOOK_SECONDS: Final = 2.0
BLIND_LOOKS: Final = 30
"""So many looks in a row may fail: the machine that somebody watches from has a network of its own."""


class Watched:
    """What is known as it comes: a picture that changes on a terminal, elsewhere each line of news once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._told: set[str] = set()

    def __enter__(self) -> Watched:
        """Begin to draw."""
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last state on the screen."""
        if self._live is not None:
            self._live.stop()

    def show(self, picture: RenderableType, news: Iterable[str]) -> None:
        """How far it is."""
        if self._live is not None:
            self._live.update(picture, refresh=True)
            return
        for line in news:
            if line not in self._told:
                self._told.add(line)
                self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def to_its_end(
    console: Console, there: StandIn, arn: str, look: Callable[[Watched, Execution], None]
) -> Execution | None:
    """Have `look` show what is known, again and again, until the execution has ended. None if nothing could be seen for too long."""
    failures = 0
    with Watched(console) as watched:
        while True:
            try:
                execution = there.execution(arn)
                look(watched, execution)
                failures = 0
            except RefusedError as error:
                failures += 1
                if failures >= BLIND_LOOKS:
                    console.print(
                        f"[red]✗[/] {error}\nIt goes on, unless it has ended: look again later", soft_wrap=True
                    )
                    return None
            else:
                if execution.status != "RUNNING":
                    return execution
            time.sleep(LOOK_SECONDS)
