"""One request as its sender saw it; a line of the load's file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NO_ANSWER = 0


@dataclass(frozen=True, slots=True)
class Record:
    """`status` is 0 for a connection error or a time-out, whose name is then `target`.

    `version` is what the answer said of itself; empty when it came from the load balancer. `target` is backend and
    place that the load balancer chose.
    """

    epoch: float
    """Real seconds since 1970, when it was sent."""
    user: int
    status: int
    milliseconds: float
    version: str
    target: str
    path: str

    @property
    def failed(self) -> bool:
        """A connection error, a time-out, or an answer that says that the server could not."""
        return self.status == NO_ANSWER or self.status >= 500

    def line(self) -> str:
        """For the file."""
        parts = (f"{self.epoch:.4f}", str(self.user), str(self.status), f"{self.milliseconds:.1f}")
        return "\t".join((*parts, self.version, self.target, self.path))


def read(file: Path) -> Iterator[Record]:
    """All records of a file that is complete."""
    with file.open() as lines:
        for line in lines:
            epoch, user, status, milliseconds, version, target, path = line.rstrip("\n").split("\t")
            yield Record(float(epoch), int(user), int(status), float(milliseconds), version, target, path)
