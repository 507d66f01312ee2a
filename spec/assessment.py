"""An objective, the sum that says what an environment reaches, and the parts of that sum."""

from __future__ import annotations

from dataclasses import dataclass

from spec.problem import Path


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a sum; `source` says where its figure is from.

    `assumed`: nobody has published a measurement, and what happens may take longer.
    """

    what: str
    minutes: float
    source: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    """An objective, what the environment reaches, and how that is made up.

    `reached` has the unit of `target`: minutes, or percent for `uptime`. `path` is where the promise stands in the file,
    `event` what has to happen for it to count, where one promise is held against several.
    """

    objective: str
    unit: str
    target: float
    reached: float
    terms: tuple[Term, ...]
    remedy: str
    higher_is_better: bool = False
    path: Path = ()
    event: str = ""

    @property
    def met(self) -> bool:
        """Whether the promise can be kept."""
        return self.reached >= self.target if self.higher_is_better else self.reached <= self.target

    @property
    def figure(self) -> str:
        """What is reached, with its unit; never rounded up to a hundred percent."""
        return f"{self.reached:.3f} {self.unit}" if self.higher_is_better else f"{self.reached:.4g} {self.unit}"

    @property
    def explained(self) -> str:
        """The sum as a sentence."""
        parts = " + ".join(f"{term.what} {'~' * term.assumed}{term.minutes:.1f}" for term in self.terms) or "nothing"
        relation = "meets" if self.met else "misses"
        after = f" after {self.event}" if self.event else ""
        return f"{self.figure}{after} {relation} the objective of {self.target:g}: {parts} (minutes)"


def total(terms: tuple[Term, ...]) -> float:
    """Minutes of all terms together."""
    return sum(term.minutes for term in terms)
