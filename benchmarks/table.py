"""The table of results."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from benchmarks.result import Result


def result_table(results: Sequence[Result]) -> Table:
    """A row for each result; a section starts with each baseline."""
    by_title = {result.title: result for result in results}
    table = Table(header_style="bold")
    table.add_column("what", no_wrap=True)
    for column in ("seconds", "range", "ratio", "resources", "ms per resource", "peak MiB"):
        table.add_column(column, justify="right", no_wrap=True)
    for result in results:
        if result.title == result.baseline:
            table.add_section()
        per_resource = result.ms_per_resource
        table.add_row(
            result.title,
            f"{result.seconds:.2f}",
            f"{result.fastest_seconds:.2f}-{result.slowest_seconds:.2f}",
            f"{result.seconds / by_title[result.baseline].seconds:.1f}",
            str(result.resources or ""),
            "" if per_resource is None else f"{per_resource:.2f}",
            f"{result.peak_mib:.0f}",
        )
    return table
