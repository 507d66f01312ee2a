"""Running tasks keep what they started with, unless somebody replaces them."""

from __future__ import annotations

from typing import Final

import pytest
from refreshing.town import Spec, town
from rotation.faults.fault import RUNNING, Fault

from secret_refresh.look import Look


def _tasks_are_replaced(engine: str) -> None:
    with pytest.MonkeyPatch.context() as patches, town(patches, {"web": Spec(engine)}) as place:
        place.rotate("database")
        assert ["web"] == place.laggards("database")
        place.follow()
        assert [] == place.laggards("database")
        assert ["database"] == place.retired


def _replace_nothing(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(Look, "_move", lambda _look, _lagging, _world, _found: None)


OF_REFRESH: Final[list[Fault[str]]] = [
    Fault(RUNNING, "the refresh deploys no service", _tasks_are_replaced, _replace_nothing)
]
"""Their scene is the release engine of a service."""
