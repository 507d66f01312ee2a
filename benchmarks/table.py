"""The table of results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.box import SIMPLE
from rich.table import Table

from benchmarks.result import Result, ms_per_resource

COLUMNS: Final = ("seconds", "ratio", "CPU s", "resources", "ms each", "beyond", "peak MiB")


def result_table(results: Sequence[Result]) -> Table:
    """A row for each result; a section starts with each baseline."""
    by_title = {result.title: result for result in results}
    table = Table(box=SIMPLE, header_style="bold", caption_justify="left")
    table.caption = (
        "ratio: to the first row of each block. ms each: whole run by resource; beyond: without the first row's time.\n"
        "peak MiB: Python and node together, at most."
    )
    table.add_column("what", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for result in results:
        baseline = by_title[result.baseline]
        if result is baseline:
            table.add_section()
        each = ms_per_resource(result, baseline)
        table.add_row(
            result.title,
            f"{result.seconds:.2f}",
            f"{result.seconds / baseline.seconds:.1f}",
            f"{result.cpu_seconds:.2f}",
            str(result.resources or ""),
            *([f"{each[0]:.2f}", f"{each[1]:.2f}"] if each else ["", ""]),
            f"{result.peak_mib:.0f}" if result.peak_mib else "",
        )
    return table
