"""The physical stage of a failover: in each region databases and tasks, the CDN before them, and every way between."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from rehearsal.clock import Clock
from rehearsal.emulator.apis import Apis
from rehearsal.failover.databases import Databases
from rehearsal.failover.front import Front
from rehearsal.failover.relays import Relays
from rehearsal.failover.site import Site
from rehearsal.reach import OUTSIDE, Reach
from rehearsal.servers.certificates import Authority

LOOPBACK: Final = ("localhost", "127.0.0.1")
Started = TypeVar("Started")


class Stage:
    """Started as a whole, stopped as a whole, also when its start fails half-way. Thread-safe.

    `domain`: where users find the application. `internal`: names by which services know each other. `code`: the function at
    the CDN. `apis`: by region.
    """

    def __init__(
        self, clock: Clock, apis: Mapping[str, Apis], *, domain: str, internal: Sequence[str], code: str
    ) -> None:
        self.clock = clock
        self.domain = domain
        # Below /tmp and short: a socket's path has a limit.
        self._temporary = tempfile.TemporaryDirectory(prefix="understudy-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        self._started: list[Any] = []
        self._lock = threading.Lock()
        self.reach = Reach()
        try:
            self._start(apis, internal, code)
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        """It stands already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing of it is left."""
        self.stop()

    def network(self, region: str) -> dict[str, Any]:
        """Where a region's functions find databases, the CDN and the load balancers, and whom they trust."""
        own = self.relays.port(region, region, self.sites[region].port) if region in self.sites else 0
        return {
            "ca_file": str(self.authority.file),
            "hosts": {**self.databases.hosts(region), self.domain: self.front.port},
            "ports": {"443": own} if own else {},
        }

    def key_values(self, stores: Mapping[str, Mapping[str, str]]) -> None:
        """What the key-value stores hold, of which there is one."""
        self.front.tell(next(iter(stores.values()), {}))

    def change(self, reach: Reach) -> None:
        """Have regions dark and ways cut. What ran in a region that goes dark has ended; it starts when there is light."""
        with self._lock:
            went_dark, lit = reach.dark - self.reach.dark, self.reach.dark - reach.dark
            self.reach = reach
            self.relays.change(reach)
            for region in went_dark & self.sites.keys():
                self.databases.power(region, on=False)
                self.sites[region].power(on=False)
            for region in lit & self.sites.keys():
                self.databases.power(region, on=True)
                self.sites[region].power(on=True)

    def stop(self) -> None:
        """End everything at once."""
        while self._started:
            self._started.pop().stop()
        self._temporary.cleanup()

    def _start(self, apis: Mapping[str, Apis], internal: Sequence[str], code: str) -> None:
        self.authority = Authority(self.folder)
        certificate = self.authority.certificate("front", [self.domain, *internal, *LOOPBACK])
        self.relays = self._with(Relays(self.clock))
        self.databases = self._with(Databases(self.folder, self.authority, self.relays, self.clock))
        self.sites = {
            region: self._with(
                Site(
                    region,
                    self.folder / region,
                    certificate,
                    self.clock,
                    apis[region],
                    lambda region=region: self.databases.hosts(region),  # type: ignore[misc]  # bound here
                    self.authority.file,
                )
            )
            for region in apis
        }
        origins = {
            f"services-{region}": self.relays.port(OUTSIDE, region, site.port) for region, site in self.sites.items()
        }
        self.front = self._with(Front(code, origins, certificate, str(self.authority.file), self.clock))

    def _with(self, started: Started) -> Started:
        self._started.append(started)
        return started
