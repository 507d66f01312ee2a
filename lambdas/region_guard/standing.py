"""Where a site stands with the lease, by what the tables said: the holder, the first, the other one's, or unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from shared.lease import Lease, grantable, superseded, tenure

OWN: Final = "own"
PEER: Final = "peer"
WITNESS: Final = "witness"

Role = Literal["holder", "first", "other", "unknown"]
"""`first`: there never was a lease, and the spec says that this site begins. `other`: the other site holds it, or did
last. `unknown`: nobody said anything about this site."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a table answered."""

    answered: bool
    lease: Lease | None = None


UNANSWERED: Final = Seen(answered=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """The site's role, and what it asks of the places that grant it something."""

    role: Role
    epoch: int = 0
    """That it got; 0 unless it holds the lease."""
    renew: Mapping[str, Lease] = field(default_factory=dict)
    """Places that may renew, by what they said."""
    create: Sequence[str] = ()
    """Places that get the first lease."""
    mend: Mapping[str, Lease | None] = field(default_factory=dict)
    """Places to be brought into line once another one has granted something: without a lease, or with a promise to a site
    whose take has come to nothing then."""


def standing(site: str, seen: Mapping[str, Seen], *, begins: bool) -> Standing:
    """Of `site`, by its own table, the other site's and, if there is one, the witness's. `begins`: the spec's active site."""
    leases = [each.lease for each in seen.values()]
    if superseded(site, leases):
        return Standing("other")
    epoch = tenure(site, leases)
    if epoch is None:
        # One table that does not answer might know of a lease.
        if begins and all(each.answered for each in seen.values()):
            return Standing("first", 1, create=[place for place in seen if place != OWN], mend={OWN: None})
        return Standing("unknown")
    granting = {place: each for place, each in seen.items() if place != OWN and each.answered}
    renew = {place: each.lease for place, each in granting.items() if each.lease and grantable(site, epoch, each.lease)}
    mend = {
        place: each.lease
        for place, each in seen.items()
        if each.answered
        and place not in renew
        and (each.lease is None or (place == WITNESS and each.lease.promised_to))
    }
    return Standing("holder", epoch, renew, mend=mend)
