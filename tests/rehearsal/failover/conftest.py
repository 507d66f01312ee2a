"""Both regions, deployed once for all tests of a process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.failover.deployed import Deployed, deployed
from rehearsal.release.guard import Guard


class Silent:
    """Nobody looks on."""

    def say(self, text: str) -> None:
        """Nothing."""

    def stage(self, text: str) -> None:
        """Nothing."""

    def stack(self, name: str, state: str) -> None:
        """Nothing."""


@pytest.fixture(scope="session")
def regions() -> Iterator[Deployed]:
    """The rehearsed application in both regions, from its real templates by the real CDK CLI."""
    with pytest.MonkeyPatch.context() as patch, Guard():
        # What the judges look at in the full check need not be looked at again.
        patch.setenv("CDK_VALIDATION", "false")
        with deployed(Path(__file__).parents[3], Silent()) as stands:
            yield stands
