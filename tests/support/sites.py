"""The generator platform's production with a stand-in, as decision 15 has it from a failover to the failback."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final, Literal

from synthesis import Synthesized, synthesized
from variant import varied

HOME: Final = "us-west-2"
STAND_IN: Final = "us-east-1"

Row = tuple[Literal["us-west-2", "us-east-1"], int]
"""Active region and newest database."""

ROWS: Final[tuple[Row, ...]] = ((HOME, 2), (STAND_IN, 2), (STAND_IN, 3), (HOME, 3), (HOME, 4))
"""One after the other, as decision 15 has them."""


@cache
def built(row: Row) -> dict[str, Synthesized]:
    """The stacks of `row`, by construct ID."""
    active, generation = row

    def change(data: dict[str, Any]) -> None:
        data["environments"]["prod"]["recovery"] = {
            "strategy": "warm_standby",
            "region": STAND_IN,
            "active": active,
            "generation": generation,
        }

    return synthesized(varied("generator-platform", "prod", change))


def of_site(row: Row, region: str) -> dict[str, Synthesized]:
    """The stacks of the site in `region`, by their name without `standin-`. Neither edge nor witness is of a site."""
    begins = "standin-" if region == STAND_IN else ""
    found = {name: stack for name, stack in built(row).items() if name.startswith("standin-") == bool(begins)}
    return {name.removeprefix(begins): stack for name, stack in found.items() if name not in {"edge", "witness"}}


def waiting(row: Row) -> dict[str, Synthesized]:
    """The stacks of the site that waits."""
    return of_site(row, STAND_IN if row[0] == HOME else HOME)


def active(row: Row) -> dict[str, Synthesized]:
    """The stacks of the site that takes writes."""
    return of_site(row, row[0])


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value in a template that is neither a map nor a list, and every reference to a stack's output, with its path."""
    if isinstance(value, dict):
        if "Fn::GetStackOutput" in value:
            yield path, value["Fn::GetStackOutput"]
            return
        for name, part in value.items():
            yield from leaves(part, f"{path}/{name}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from leaves(part, f"{path}/{index}")
    else:
        yield path, value
