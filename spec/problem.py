"""What is wrong with a specification, said so that the reader can mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Path = tuple[str | int, ...]

UNKNOWN_LINE: Final = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in the content: where in the document, what is wrong, and what would be right.

    `about` names further places the finding depends on: when one of them is itself broken, the finding may only
    be an echo of that and is left out.
    """

    path: Path
    reason: str
    remedy: str
    about: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault with its place in a file; `line` counts from 1; 0 if there is none."""

    file: str
    line: int
    path: str
    reason: str
    remedy: str
    environment: str | None = None

    def __str__(self) -> str:
        """`apps/shop.yaml:14 services.api.replicas: 1 is below 2 (production). Write 2 or more.`."""
        where = f" {self.path}" if self.path else ""
        only = f" (in {self.environment})" if self.environment else ""
        return f"{self.place}{where}: {self.reason}{only}. {self.remedy}"

    @property
    def place(self) -> str:
        """`apps/shop.yaml:14`; the file alone where no line is to blame (`line` 0)."""
        return f"{self.file}:{self.line}" if self.line else self.file


class SpecError(Exception):
    """A specification that cannot be used, with every problem that was found in it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.file, problem.line, problem.path))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def dotted(path: Path) -> str:
    """`("services", "api", "port")` as a person writes it: `services.api.port`; list items as `[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
