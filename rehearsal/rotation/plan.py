"""What a rehearsal of rotations is told."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

EngineName = Literal["postgresql", "redis", "rabbitmq"]
ENGINES: Final[tuple[EngineName, ...]] = ("postgresql", "redis", "rabbitmq")
CONSUMERS: Final = 8
HANDLER: Final = "secret_rotation.handler:handler"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One rehearsal."""

    engine: EngineName
    rotations: int = 20
    """Of the application's secret; those of the administrator's come between them."""
    late_seconds: float = 0.25
    """How long after the others the slow half of the consumers is refreshed."""
    administrator_every: int = 5
    """After how many rotations the administrator's secret is rotated too."""
    handler: str = HANDLER
    """`module:name` of the rotation function. Another one than the project's only to see whether its faults are noticed."""
