"""Two sites and a witness, with clocks that differ, links that break, messages that come late, and databases in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from math import inf
from typing import Any, Final

import pytest
from leasing.interleaving import Process, current, stop_here
from leasing.tables import OutOfReachError, Table

from region_guard import look, places
from region_guard.action import Beat, Fence, State
from region_guard.database import Fenced
from region_guard.places import Places
from region_guard.settings import Database, Settings
from region_guard.standing import OWN, PEER, WITNESS
from shared import clock, lease
from shared.handover import Handover
from shared.items import Value
from shared.lease import Lease, NotYet, Taken
from shared.told import Told

HOME: Final = "us-west-2"
STAND_IN: Final = "us-east-1"
THIRD: Final = "us-east-2"
SITES: Final = (HOME, STAND_IN)
PEERS: Final = {HOME: STAND_IN, STAND_IN: HOME}
HEARTBEAT_SECONDS: Final = 5
LEASE_SECONDS: Final = 45
BEGINNING: Final = 1_000_000.0


@dataclass
class Store:
    """A site's database, and its sessions."""

    writable: bool
    ends: float = inf
    fenced: str | None = None
    beat: int = 0
    sessions: bool = False

    def lets_in(self, now: float) -> bool:
        """Whether the application can log in, at `now` of its server's clock."""
        return self.writable and self.fenced is None and now <= self.ends


@dataclass
class World:
    """Everything, and the time."""

    witnessed: bool = True
    now: float = BEGINNING
    tables: dict[str, Table] = field(default_factory=lambda: {each: Table() for each in (HOME, STAND_IN, THIRD)})
    stores: dict[str, Store] = field(default_factory=lambda: {HOME: Store(True), STAND_IN: Store(False)})
    following: set[str] = field(default_factory=lambda: {STAND_IN})
    """Sites whose database is a replica."""
    server_clocks: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SITES, 0.0))
    cut: set[tuple[str, str]] = field(default_factory=set)
    """Links that are broken: a site and the region of a table."""
    mishap: str = ""
    """Of the next write that is sent: `lost`, `answer lost` or `late`."""
    late: list[Callable[[], object]] = field(default_factory=list)
    requests: dict[str, Handover] = field(default_factory=dict)
    """By the site that was asked."""

    def settings(self, site: str) -> Settings:
        """Of the site's guard. Home is the spec's active site, whatever has become of it."""
        return Settings(
            prefix="shop-prod",
            region=site,
            peer_region=PEERS[site],
            active=site == HOME,
            stands_in=True,
            heartbeat_seconds=HEARTBEAT_SECONDS,
            lease_seconds=LEASE_SECONDS,
            witness_region=THIRD if self.witnessed else None,
            database=Database("host", 5432, "shop", "application", site),
        )

    def looking(self, site: str, offset: float = 0.0) -> Process:
        """A look of the site's guard."""
        return Process(f"guard of {site}", lambda: look.Look(self.settings(site), 0.0, clock.epoch()).take(), offset)

    def taking(self, site: str, offset: float = 0.0) -> Process:
        """An attempt of the site's failover."""
        return Process(f"take by {site}", lambda: self._take(site), offset)

    def giving_back(self, site: str) -> Process:
        """The failover's way back."""
        return Process(f"give back by {site}", lambda: self._give_back(site))

    def _take(self, site: str) -> Taken | NotYet | None:
        try:
            return lease.take(
                site, self.link(site, site), self._witness(site), now=clock.epoch(), lease_seconds=LEASE_SECONDS
            )
        except (OutOfReachError, Told):
            return None

    def _give_back(self, site: str) -> bool:
        try:
            return lease.give_back(site, PEERS[site], self.link(site, site), self._witness(site))
        except (OutOfReachError, Told):
            return False

    def _witness(self, site: str) -> Link | None:
        return self.link(site, THIRD) if self.witnessed else None

    def link(self, site: str, region: str) -> Link:
        """From a site to the table of a region."""
        return Link(self, site, region)

    def lets_in(self, site: str) -> bool:
        """Whether the application can log in where it can write."""
        return self.stores[site].lets_in(self.now + self.server_clocks[site])

    def replicate(self) -> None:
        """A replica has what its source has."""
        for site in self.following:
            if (site, PEERS[site]) not in self.cut:
                self.stores[site] = replace(self.stores[PEERS[site]], writable=False, sessions=False)

    def promote(self, site: str) -> None:
        """The replica becomes a primary."""
        self.following.discard(site)
        self.stores[site].writable = True

    def renew_replica(self, site: str) -> None:
        """The site's old database is put aside, and it gets a replica of the other one's."""
        self.following.add(site)
        self.stores[site] = replace(self.stores[PEERS[site]], writable=False, sessions=False)


@dataclass
class Link:
    """What one site sees of one table."""

    world: World
    site: str
    region: str
    seconds: float | None = None

    @property
    def _table(self) -> Table:
        return self.world.tables[self.region]

    def _reach(self) -> None:
        stop_here(self.region)
        if (self.site, self.region) in self.world.cut:
            raise OutOfReachError

    def read(self) -> Lease | None:
        """A consistent read."""
        self._reach()
        return self._table.lease

    def write(self, granted: Lease, *, instead_of: Lease | None) -> bool:
        """A conditional write, unless something happens to it."""
        self._reach()
        mishap, self.world.mishap = self.world.mishap, ""
        if mishap == "late":
            table = self._table
            self.world.late.append(lambda: table.apply(granted, instead_of))
        if mishap in {"late", "lost"}:
            raise OutOfReachError
        done = self._table.apply(granted, instead_of)
        if mishap:
            raise OutOfReachError
        return done


@dataclass
class Server:
    """A look's session with the site's database."""

    world: World
    site: str

    @property
    def _store(self) -> Store:
        return self.world.stores[self.site]

    def state(self) -> State:
        """As `Database.state`."""
        stop_here("state")
        store = self._store
        fenced: Any = store.fenced if store.writable else None
        return State(store.writable, store.beat, store.ends, fenced)

    def beat(self, found: State, beat: Beat) -> bool:
        """As one transaction of `Database.beat`."""
        stop_here("beat")
        store = self._store
        if store.beat != found.beat or not store.writable:
            return False
        store.beat += 1
        store.ends = store.ends if beat.ends is None else beat.ends
        store.fenced = None if beat.lift else store.fenced
        return True

    def fence(self, found: State, fencing: Fence, *, now: float) -> Fenced:
        """As `Database.fence`."""
        stop_here("fence")
        store = self._store
        if store.writable:
            store.beat += 1
            store.fenced, store.sessions = fencing.because, False
            store.ends = min(found.ends, now - lease.CLOCK_SKEW_SECONDS)
        return Fenced(0, "0/1")


class Sequence:
    """In the place of `Asking`: one call after the other, each in the look's own process."""

    def __init__(self, calls: Mapping[str, Callable[[], Any]], _seconds: float) -> None:
        self._calls = calls

    def begin(self) -> Sequence:
        """Nothing is done before the answers are wanted."""
        return self

    def answers(self) -> dict[str, Any]:
        """Of those that can be reached."""
        found = {}
        for place, call in self._calls.items():
            try:
                found[place] = call()
            except OutOfReachError:
                continue
        return found


@contextmanager
def playing(world: World) -> Iterator[World]:
    """The guard's own code meets `world`."""

    class Within(Places):
        def __init__(self, settings: Settings) -> None:
            self._settings = settings
            site = settings.region
            self._tables = {OWN: world.link(site, site), PEER: world.link(site, settings.peer_region)}  # type: ignore[dict-item]
            if settings.witness_region is not None:
                self._tables[WITNESS] = world.link(site, settings.witness_region)  # type: ignore[assignment]

        def _items(self) -> dict[str, dict[str, Value]]:
            site = self._settings.region
            found = world.link(site, site).read()
            items: dict[str, dict[str, Value]] = {} if found is None else {"lease": asdict(found)}
            if request := world.requests.get(site):
                items["handover"] = {
                    "execution": request.execution,
                    "to": request.to,
                    "expires_at": request.until,
                    "fenced_at": request.fenced_at,
                    "position": request.position,
                }
            return items

    @contextmanager
    def opened(_database: object, site: str) -> Iterator[Server]:
        yield Server(world, site)

    class Acknowledging:
        def __init__(self, _table: str, site: str, _seconds: float) -> None:
            self._site = site

        def acknowledge(self, execution: str, *, fenced_at: float, position: str | None) -> bool:
            stop_here("request")
            request = world.requests.get(self._site)
            if request is None or request.execution != execution:
                return False
            world.requests[self._site] = replace(request, fenced_at=fenced_at, position=position)
            return True

    def epoch() -> float:
        process = current()
        return world.now + (process.offset if process else 0.0)

    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(clock, "epoch", epoch)
        patches.setattr(places, "Asking", Sequence)
        patches.setattr(look, "Places", Within)
        patches.setattr(look, "opened", opened)
        patches.setattr(look, "HandoverTable", Acknowledging)
        yield world
