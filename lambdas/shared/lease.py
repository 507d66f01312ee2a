"""Which of two sites may write: a lease in three tables, one in each site's region and one at a witness (decision 16).

A site's *grants* come from the witness and from the other site's table. Its guard has them renewed at both, and one is
enough to go on until that one's end. To *take* the lease a site needs two things: the witness's promise, after which the
other one is granted nothing there, and its own table, which then names the taker. So each take meets each grant at
one table, where one of them is written first; and as every write depends on the item being the one that was read, by its
`serial`, whatever arrives late changes nothing.

Times are epoch seconds of whoever writes them. For others a lease is over CLOCK_SKEW_SECONDS after its end, and logins end
as much before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from shared.told import Told

CLOCK_SKEW_SECONDS: Final = 1.0
"""By how much two clocks may differ. Amazon Time Sync keeps EC2 within a millisecond of UTC, and smears leap seconds alike in
every region (EC2 User Guide, "Precision clock and time synchronization"); Lambda and RDS run on it without a figure of their
own, so this is a thousand times as much."""
AGAIN_SECONDS: Final = 1.0
"""Before another attempt, where two wrote at the same time."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What one table says."""

    holder: str
    """A site's region."""
    epoch: int
    """One more with each take; in no table does it ever fall."""
    until: float
    """What `holder` was granted here; epoch seconds."""
    serial: int = 1
    """Number of the item's version."""
    promised_to: str | None = None
    """At the witness: who is taking the lease. Nobody of an older epoch than `promised_epoch` is granted anything."""
    promised_epoch: int = 0

    def over(self, now: float) -> bool:
        """Whether what was granted here has ended by every clock."""
        return now > self.until + CLOCK_SKEW_SECONDS

    @property
    def highest(self) -> int:
        """The newest epoch of which this table knows that somebody wanted it."""
        return max(self.epoch, self.promised_epoch)


class Place(Protocol):
    """A table with a lease. Calls raise whatever says that it cannot be reached."""

    def read(self) -> Lease | None:
        """As it is now; None if there never was one."""

    def write(self, lease: Lease, *, instead_of: Lease | None) -> bool:
        """Put `lease` if what stands there is still `instead_of`. Whether `lease` stands there now."""


def tenure(site: str, leases: Iterable[Lease | None]) -> int | None:
    """The newest epoch that `site` got, as far as `leases` of several tables tell; None if of none.

    Whoever stands as the holder anywhere got that epoch; who only has the witness's promise has not.
    """
    return max((lease.epoch for lease in leases if lease is not None and lease.holder == site), default=None)


def superseded(site: str, leases: Sequence[Lease | None]) -> bool:
    """Whether `leases` of several tables prove that the other site holds the lease: it got a newer epoch than `site`."""
    other = max((lease.epoch for lease in leases if lease is not None and lease.holder != site), default=0)
    return other > (tenure(site, leases) or 0)


def grantable(site: str, epoch: int, seen: Lease) -> bool:
    """Whether a table that says `seen` grants anything to `site`, which got `epoch`."""
    promised_away = seen.promised_to not in {None, site} and seen.promised_epoch > epoch
    # Whoever stands there with an older epoch lost it to the one who got the newer.
    return not promised_away and ((seen.holder, seen.epoch) == (site, epoch) or seen.epoch < epoch)


def renew(place: Place, seen: Lease, site: str, epoch: int, until: float) -> bool:
    """Have `until` granted to `site`, which got `epoch`, where a table said `seen`. Whether it is granted.

    Raises whatever says that the place cannot be reached: then nothing counts as granted, though it may have been.
    """
    if not grantable(site, epoch, seen):
        return False
    if (seen.holder, seen.epoch) == (site, epoch):
        # Two looks of one guard may be on their way; the later end stays.
        until = max(until, seen.until)
    return place.write(Lease(site, epoch, until, seen.serial + 1), instead_of=seen)


def create(place: Place, site: str, epoch: int, until: float) -> bool:
    """Where a table has no lease. Whether it has now."""
    return place.write(Lease(site, epoch, until), instead_of=None)


def surrender(place: Place, seen: Lease, site: str, now: float) -> bool:
    """End now what `site` was granted where a table said `seen`: once nobody can write by it. Whether it has ended."""
    if seen.holder != site or seen.until <= now:
        return True
    return place.write(replace(seen, until=now, serial=seen.serial + 1), instead_of=seen)


def withdraw_promise(witness: Place, seen: Lease) -> bool:
    """Take back the promise in `seen`. Whether it is gone.

    For the holder, and only after a renewal at the other site's table that followed its reading of `seen`: the take to which
    this was promised began with that table as it was before, and cannot succeed any more.
    """
    return witness.write(replace(seen, promised_to=None, promised_epoch=0, serial=seen.serial + 1), instead_of=seen)


@dataclass(frozen=True, slots=True)
class Taken:
    """The site holds the lease."""

    epoch: int


@dataclass(frozen=True, slots=True)
class NotYet:
    """The other site may still write, or somebody wrote at the same time."""

    because: str
    wait_seconds: float
    """Before another attempt can succeed."""


def take(site: str, own: Place, witness: Place | None, *, now: float, lease_seconds: float) -> Taken | NotYet:
    """Make `site` the holder, once what the other one was granted is over at the witness and in this site's own table.

    Without a witness the own table decides. May be killed anywhere and called again: it goes on. From the first grant on,
    which is in it, the site's own guard keeps the lease. Raises Told where a table has no lease, and whatever says that a
    place cannot be reached.
    """
    # In this order: see withdraw_promise.
    mine = _existing(own.read(), "this site's table")
    theirs = None if witness is None else _existing(witness.read(), "the witness")
    if mine.holder == site and _confirmed(witness, theirs, site, mine.epoch, now + lease_seconds):
        return Taken(mine.epoch)
    seen = [mine] if theirs is None else [mine, theirs]
    ends = [(lease.until + CLOCK_SKEW_SECONDS, lease.holder) for lease in seen if lease.holder != site]
    if ends and max(ends)[0] >= now:
        end, holder = max(ends)
        return NotYet(f"{holder} may write for another {end - now:.1f} s", max(end - now, AGAIN_SECONDS))
    epoch = max(lease.highest for lease in seen) + 1
    promise = (
        None if theirs is None else replace(theirs, promised_to=site, promised_epoch=epoch, serial=theirs.serial + 1)
    )
    # Made anew by each attempt, so that nothing which an earlier one, or the holder, has on its way to it can succeed.
    if witness is not None and promise is not None and not witness.write(promise, instead_of=theirs):
        return NotYet("the witness's table was written to at the same time", AGAIN_SECONDS)
    # From here on the other site is granted nothing; this one's own grants do not come from its own table.
    if not own.write(Lease(site, epoch, 0.0, mine.serial + 1), instead_of=mine):
        return NotYet("this site's table was written to at the same time: the other one is alive", AGAIN_SECONDS)
    if not _confirmed(witness, promise, site, epoch, now + lease_seconds):
        return NotYet("the witness's table was written to at the same time", AGAIN_SECONDS)
    return Taken(epoch)


def _confirmed(witness: Place | None, seen: Lease | None, site: str, epoch: int, until: float) -> bool:
    """The first grant. Nothing to confirm without a witness."""
    return witness is None or seen is None or renew(witness, seen, site, epoch, until)


def give_back(site: str, other: str, own: Place, witness: Place | None) -> bool:
    """Undo a take, finished or not, in which `site` got nothing writable: before the promotion, and never after it.

    Whether it is undone; if not, somebody wrote at the same time, and it has to be called again. The other site's guard then
    finds that it holds the lease. Raises like `take`.
    """
    mine = _existing(own.read(), "this site's table")
    theirs = None if witness is None else _existing(witness.read(), "the witness")
    if mine.holder == site:
        epoch = max(mine.highest, theirs.highest if theirs else 0) + 1
        return own.write(Lease(other, epoch, mine.until, mine.serial + 1), instead_of=mine)
    # Another version of the same: what the take still has on its way to it cannot succeed any more.
    if not own.write(replace(mine, serial=mine.serial + 1), instead_of=mine):
        return False
    if witness is None or theirs is None or theirs.promised_to != site:
        return True
    return withdraw_promise(witness, theirs)


def _existing(lease: Lease | None, where: str) -> Lease:
    if lease is None:
        raise Told(f"There is no lease in {where}, so nobody can tell who may write: a person has to look")
    return lease
