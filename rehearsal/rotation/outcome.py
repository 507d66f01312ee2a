"""What came of a rehearsal of rotations, and whether that was right."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rehearsal.rotation.census import MOST_LIVE
from rehearsal.rotation.plan import EngineName


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One engine's."""

    engine: EngineName
    wanted: int
    rotations: int
    """Of the application's secret, finished and retired."""
    administrator_rotations: int
    too_early_refused: bool | None
    """Whether a rotation that began while consumers lagged was refused, and nothing changed; None: it never came to that."""
    logins: int
    """That consumers tried."""
    refused: int
    operations: int
    lost: int
    """Operations that failed, or were done and cannot be found, or are there twice."""
    examples: list[str]
    """Of what was refused and lost."""
    logins_made: int
    """Different logins that there ever were, of both secrets."""
    logins_sampled: int
    """How often one of them was tried at the server, to see whether it is live."""
    most_live: int
    """The most logins of one secret that were live at once."""
    longest_two_seconds: float
    median_seconds: float
    """Of a rotation's four steps together."""
    longest_seconds: float
    minutes: float
    """The whole."""
    troubles: list[str]
    """Everything else that was not as it must be."""

    @property
    def wrongs(self) -> tuple[str, ...]:
        """Everything that was not as it must be; none: the outcome is right."""
        return tuple(text for wrong, text in self._judged() if wrong)

    def _judged(self) -> Iterable[tuple[bool, str]]:
        yield self.rotations < self.wanted, f"{self.rotations} rotations were finished, of {self.wanted}"
        yield self.refused > 0, f"{self.refused} logins of consumers were refused"
        yield self.lost > 0, f"{self.lost} operations were lost"
        yield self.operations == 0, "the consumers did nothing"
        yield self.most_live > MOST_LIVE, f"{self.most_live} logins were live at once"
        yield self.too_early_refused is False, "a rotation that began too early was not refused"
        for trouble in self.troubles:
            yield True, trouble
