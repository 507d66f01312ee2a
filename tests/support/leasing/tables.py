"""Tables of a lease in memory, of which any can be out of reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.lease import Lease


class OutOfReachError(Exception):
    """As a connection that times out."""


@dataclass
class Table:
    """One, with every lease that it ever had."""

    lease: Lease | None = None
    reachable: bool = True
    history: list[Lease] = field(default_factory=list)
    before_write: Callable[[], None] = lambda: None
    """Called when a write is sent; may raise."""

    def read(self) -> Lease | None:
        """As a consistent read."""
        if not self.reachable:
            raise OutOfReachError
        return self.lease

    def write(self, lease: Lease, *, instead_of: Lease | None) -> bool:
        """As a conditional write."""
        if not self.reachable:
            raise OutOfReachError
        self.before_write()
        return self.apply(lease, instead_of)

    def apply(self, lease: Lease, instead_of: Lease | None) -> bool:
        """What the table does with a request, whenever it arrives."""
        seen, stands = (None if each is None else each.serial for each in (instead_of, self.lease))
        if seen != stands:
            return self.lease == lease
        self.lease = lease
        self.history.append(lease)
        return True
