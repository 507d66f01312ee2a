"""Which regions are dark, and which no longer reach which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OUTSIDE: Final = "outside"
"""Who is in none of the regions: users, the CDN, a person at a terminal."""
SILENCE_SECONDS: Final = 2.0
"""Virtual: nobody says no in a region that is gone, so that a caller waits. As long as the project's own clients do."""


@dataclass(frozen=True)
class Reach:
    """`cut` has pairs: who calls, and which region no longer hears it."""

    dark: frozenset[str] = frozenset()
    cut: frozenset[tuple[str, str]] = frozenset()

    def reaches(self, caller: str, region: str) -> bool:
        """Tell whether what a caller sends arrives in a region."""
        return not {caller, region} & self.dark and (caller, region) not in self.cut

    def told(self) -> dict[str, list[str] | list[list[str]]]:
        """Return it as JSON."""
        return {"dark": sorted(self.dark), "cut": [list(pair) for pair in sorted(self.cut)]}
