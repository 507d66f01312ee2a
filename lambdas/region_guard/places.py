"""The tables of the lease, asked side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from region_guard.settings import Settings
from region_guard.standing import OWN, PEER, UNANSWERED, WITNESS, Seen, Standing
from shared import lease, recovery_table
from shared.asking import Asking
from shared.handover import ITEM as HANDOVER
from shared.handover import Handover, handover_of
from shared.items import Value, read, written
from shared.lease_table import ITEM as LEASE
from shared.lease_table import LeaseTable, lease_of
from shared.recovery_table import EXPIRY, KEY

PLACE_SECONDS: Final = 1.5
"""For all that is asked of one table at a time; a real second at the least. The regions that are furthest from each other
are 0.3 s apart, there and back, and a new connection takes three times that."""

LOOP: Final = "loop"
"""Item about the newest execution of the guard's workflow: `started`, epoch seconds."""


@dataclass(frozen=True, slots=True)
class Own:
    """What the site's own table says."""

    seen: Seen
    handover: bool | None = None
    """Whether the site was asked to stop; None: the table has not answered."""
    request: Handover | None = None
    newest: float = 0.0
    """When the newest execution of the workflow began."""


class Places:
    """Those of one site, which the clients of this region and of the others reach."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        table = recovery_table.name(settings.prefix)
        self._own = LeaseTable(table, settings.region, PLACE_SECONDS)
        self._tables = {OWN: self._own, PEER: LeaseTable(table, settings.peer_region, PLACE_SECONDS)}
        if settings.witness_region is not None:
            self._tables[WITNESS] = LeaseTable(table, settings.witness_region, PLACE_SECONDS)
        for each in self._tables.values():
            each.ready()

    @property
    def granting(self) -> list[str]:
        """Places whose grants let the site write."""
        return [place for place in self._tables if place != OWN]

    def read_others(self) -> Asking[Seen]:
        """What the places say; the own table is read by `read_own`."""
        return Asking({place: self._reading(self._tables[place]) for place in self.granting}, PLACE_SECONDS).begin()

    def read_own(self, now: float) -> Own:
        """Lease, request and newest execution, in one answer."""
        found = Asking({OWN: self._items}, PLACE_SECONDS).begin().answers().get(OWN)
        if found is None:
            return Own(UNANSWERED)
        request = handover_of(found[HANDOVER]) if HANDOVER in found else None
        asked = request is not None and request.until > now
        return Own(
            Seen(answered=True, lease=lease_of(found[LEASE]) if LEASE in found else None),
            asked,
            request if asked else None,
            float(found.get(LOOP, {}).get("started") or 0),
        )

    def renew(self, standing: Standing, until: float) -> set[str]:
        """Have `until` granted wherever that can be asked. Where it is."""
        site, epoch, tables = self._settings.region, standing.epoch, self._tables
        renewed = {
            place: partial(lease.renew, tables[place], seen, site, epoch, until)
            for place, seen in standing.renew.items()
        }
        created = {place: partial(lease.create, tables[place], site, epoch, until) for place in standing.create}
        return {
            place
            for place, granted in Asking({**renewed, **created}, PLACE_SECONDS).begin().answers().items()
            if granted
        }

    def mend(self, standing: Standing, until: float) -> None:
        """Bring into line what `standing` says, once another place has granted `until`."""
        Asking(
            {place: self._mending(standing, place, until) for place in standing.mend}, PLACE_SECONDS
        ).begin().answers()

    def _mending(self, standing: Standing, place: str, until: float) -> Callable[[], bool]:
        table, seen = self._tables[place], standing.mend[place]
        if seen is not None:
            return partial(lease.withdraw_promise, table, seen)
        # The own table grants nothing: it only tells.
        return partial(lease.create, table, self._settings.region, standing.epoch, 0.0 if place == OWN else until)

    def surrender(self, seen: Mapping[str, Seen], now: float) -> None:
        """End at all places what the site was granted: nobody can write by it any more."""
        stands = {place: each for place in self.granting if (each := seen[place].lease) is not None}
        site, tables = self._settings.region, self._tables
        ended = {place: partial(lease.surrender, tables[place], each, site, now) for place, each in stands.items()}
        Asking(ended, PLACE_SECONDS).begin().answers()

    def begin_loop(self, started: float) -> None:
        """Say that an execution which began at `started` is the newest."""
        table = self._own

        def put() -> None:
            recovery_table.dynamodb(table.region, table.seconds).put_item(
                TableName=table.table,
                Item=written({KEY: LOOP, "started": started, EXPIRY: int(started) + 3600}),
            )

        Asking({OWN: put}, PLACE_SECONDS).begin().answers()

    def _reading(self, table: LeaseTable) -> Callable[[], Seen]:
        return lambda: Seen(answered=True, lease=table.read())

    def _items(self) -> dict[str, dict[str, Value]]:
        table = self._own
        keys: list[Any] = [recovery_table.key(item) for item in (LEASE, HANDOVER, LOOP)]
        answer = recovery_table.dynamodb(table.region, table.seconds).batch_get_item(
            RequestItems={table.table: {"Keys": keys, "ConsistentRead": True}}
        )
        if answer.get("UnprocessedKeys"):
            raise TimeoutError("the table is too busy to answer")
        return {str(item[KEY]["S"]): read(item) for item in answer["Responses"].get(table.table, [])}
