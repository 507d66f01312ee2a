"""Requirement R2: whatever breaks, and whenever, the application can log in and write at one site at most.

Looks of both guards and takes by both sites stop before everything they do; in between time goes by, links break, messages
are lost or come late, answers too, and processes die. Clocks differ by as much as the protocol allows.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from leasing.interleaving import Process
from leasing.world import HEARTBEAT_SECONDS, HOME, PEERS, SITES, STAND_IN, THIRD, World, playing

from shared.handover import Handover
from shared.lease import CLOCK_SKEW_SECONDS, Taken

OFFSETS = st.sampled_from([-CLOCK_SKEW_SECONDS / 2, 0.0, CLOCK_SKEW_SECONDS / 2])
SITE = st.sampled_from(SITES)
LINKS = [(site, region) for site in SITES for region in (HOME, STAND_IN, THIRD)]
BROKEN: st.SearchStrategy[set[tuple[str, str]]] = st.one_of(
    st.just(set()), st.sets(st.sampled_from(LINKS), min_size=1, max_size=1), st.sets(st.sampled_from(LINKS))
)
ALIVE = st.sampled_from([{HOME, STAND_IN}, {HOME}, {STAND_IN}, set()])
AT_ONCE = 4


class Protocol(RuleBasedStateMachine):
    """Safety: hypothesis decides who does what."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self._playing = playing(self.world)
        self._playing.__enter__()
        self.processes: list[tuple[str, str, Process]] = []
        self.taken: set[str] = set()
        """Sites whose take has succeeded, and which have not promoted yet."""

    @initialize(home=OFFSETS, stand_in=OFFSETS, looks=st.integers(0, 2))
    def beginning(self, home: float, stand_in: float, looks: int) -> None:
        """Clocks of the two database servers; the home's guard may have looked."""
        self.world.server_clocks = {HOME: home, STAND_IN: stand_in}
        for _ in range(looks):
            self.look(HOME, 0.0)
        self.world.replicate()

    @rule(broken=BROKEN)
    def links_change(self, broken: set[tuple[str, str]]) -> None:
        """Some break, others are whole again."""
        self.world.cut = broken

    @rule(site=SITE, alive=ALIVE, afterwards=BROKEN)
    def lease_runs_out(self, site: str, alive: set[str], afterwards: set[tuple[str, str]]) -> None:
        """The site reaches nobody but itself for a while, and nobody reaches it."""
        self.world.cut = {link for link in LINKS if (link[0] == site) != (link[1] == site)}
        self.time_goes_by(10, alive)
        self.world.cut = afterwards

    @rule(beats=st.sampled_from([1, 3, 10]), alive=ALIVE)
    def time_goes_by(self, beats: int, alive: set[str]) -> None:
        """Guards look, where they can, and replicas follow."""
        for _ in range(beats):
            self._later(HEARTBEAT_SECONDS)
            for site in sorted(alive):
                self.look(site, 0.0)

    @rule(site=SITE, offset=OFFSETS)
    def look(self, site: str, offset: float) -> None:
        """Of a guard, with nothing in between."""
        self._whole(self.world.looking(site, offset))
        self.one_site_at_most()

    @rule(mishap=st.sampled_from(["lost", "answer lost", "late"]))
    def something_will_happen(self, mishap: str) -> None:
        """To the next message."""
        self.world.mishap = mishap

    @precondition(lambda self: self.world.late)
    @rule(data=st.data())
    def late_message_arrives(self, data: st.DataObject) -> None:
        """Any of those that are on their way."""
        self.world.late.pop(data.draw(st.integers(0, len(self.world.late) - 1)))()

    @precondition(lambda self: len(self.processes) < AT_ONCE)
    @rule(site=SITE, offset=OFFSETS, steps=st.integers(1, 9))
    def look_stops(self, site: str, offset: float, steps: int) -> None:
        """In the middle."""
        self._begun("look", site, self.world.looking(site, offset), steps)

    @precondition(lambda self: len(self.processes) < AT_ONCE)
    @rule(site=SITE, offset=OFFSETS, steps=st.integers(1, 6))
    def take_stops(self, site: str, offset: float, steps: int) -> None:
        """In the middle."""
        if self._may_take(site):
            self._begun("take", site, self.world.taking(site, offset), steps)

    @precondition(lambda self: self.processes)
    @rule(data=st.data(), steps=st.integers(1, 9))
    def goes_on(self, data: st.DataObject, steps: int) -> None:
        """Whoever stopped."""
        self._begun(*self.processes.pop(data.draw(st.integers(0, len(self.processes) - 1))), steps)

    @precondition(lambda self: self.processes)
    @rule(data=st.data())
    def dies(self, data: st.DataObject) -> None:
        """Where it stands."""
        _, _, process = self.processes.pop(data.draw(st.integers(0, len(self.processes) - 1)))
        process.kill()

    @rule(site=SITE, offset=OFFSETS, seconds=st.sampled_from([0.0, 60.0]), promoted=st.booleans())
    def failover(self, site: str, offset: float, seconds: float, promoted: bool) -> None:
        """Attempts, four in a second and for as long as that, until one succeeds; then what follows, or nothing yet."""
        if not self._may_take(site):
            return
        end = self.world.now + seconds
        while not isinstance(result := self._whole(self.world.taking(site, offset)), Taken) and self.world.now < end:
            self._later(0.25)
        if isinstance(result, Taken):
            self.taken.add(site)
        if promoted:
            self.promotion(site)

    @rule(site=SITE, offset=OFFSETS)
    def switchover(self, site: str, offset: float) -> None:
        """The other site hands over in one look, and this one takes the lease as soon as it can."""
        if self._may_take(site):
            self.handover(PEERS[site], asked=True)
            self.failover(site, offset, seconds=5.0, promoted=True)

    @rule(site=SITE)
    def promotion(self, site: str) -> None:
        """Once the lease is taken, and not before; the guard looks."""
        if site in self.taken:
            self.taken.discard(site)
            self.world.promote(site)
            self.look(site, 0.0)

    @rule(site=SITE, asked=st.booleans())
    def handover(self, site: str, asked: bool) -> None:
        """The other site's workflow asks for it, or withdraws the request."""
        self.world.requests.pop(site, None)
        if asked:
            self.world.requests[site] = Handover("execution", PEERS[site], self.world.now + 600)
            self.look(site, 0.0)

    @rule(site=SITE)
    def way_back(self, site: str) -> None:
        """The failover is given up before the promotion."""
        if self._may_take(site):
            self.taken.discard(site)
            self._whole(self.world.giving_back(site))

    @rule(site=SITE)
    def new_replica(self, site: str) -> None:
        """The abandoned site follows again, while the other one writes."""
        other = PEERS[site]
        if site not in self.world.following and other not in self.world.following and self.world.lets_in(other):
            self.world.renew_replica(site)

    def _later(self, seconds: float) -> None:
        self.world.now += seconds
        self.world.replicate()
        self.one_site_at_most()

    def _may_take(self, site: str) -> bool:
        """A workflow is there for a replica, and does one thing at a time."""
        return site in self.world.following and not any(kind == "take" and at == site for kind, at, _ in self.processes)

    @staticmethod
    def _whole(process: Process) -> Any:
        while not process.over:
            process.step()
        return process.result

    def _begun(self, kind: str, site: str, process: Process, steps: int) -> None:
        for _ in range(steps):
            process.step()
        if not process.over:
            self.processes.append((kind, site, process))
        elif isinstance(process.result, Taken):
            self.taken.add(site)

    @invariant()
    def one_site_at_most(self) -> None:
        """The point of it all."""
        assert not (self.world.lets_in(HOME) and self.world.lets_in(STAND_IN))

    @invariant()
    def epochs_grow(self) -> None:
        """In every table."""
        for table in self.world.tables.values():
            epochs = [lease.epoch for lease in table.history]
            assert sorted(epochs) == epochs
            assert [lease.serial for lease in table.history] == list(range(1, len(epochs) + 1))

    def teardown(self) -> None:
        """No thread stays."""
        for _, _, process in self.processes:
            process.kill()
        self._playing.__exit__(None, None, None)


TestProtocol = Protocol.TestCase
TestProtocol.settings = settings(deadline=None)
