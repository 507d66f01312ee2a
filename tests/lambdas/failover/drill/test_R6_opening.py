"""Requirement R6: the application's login to a promoted copy, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from failover.drill.opening import let_in
from rehearsal.servers.certificates import Authority
from rehearsal.servers.postgresql import Login as Place
from rehearsal.servers.postgresql import PostgreSQL
from shared import clock, trust
from shared.login import Login, new_password
from shared.postgresql_connection import Endpoint, connected
from shared.postgresql_errors import Refused
from shared.told import Told

USER = "drill_application"
OF_THE_BACKUP = "of-the-backup"


@dataclass(frozen=True)
class Copy:
    """A database as it was backed up, and its administrator, who is no superuser, as RDS has it."""

    administrator: Place

    @property
    def endpoint(self) -> Endpoint:
        """Where it is."""
        return Endpoint(self.administrator.host, self.administrator.port)

    def open(self, password: str, *, until: float) -> None:
        """As the drill does."""
        place = self.administrator
        with connected(self.endpoint, Login(place.user, place.password), "postgres") as session:
            let_in(session, place.database, USER, password, until=until)

    def who(self, password: str) -> str:
        """Whom the application is logged in as."""
        with connected(self.endpoint, Login(USER, password), self.administrator.database) as session:
            return str(session.value("SELECT current_user"))


@pytest.fixture
def copy(
    postgresql_server: PostgreSQL, certificate_authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Copy]:
    """Its lease ran out long ago, and the guard had fenced it."""
    monkeypatch.setenv("CA_BUNDLE", str(certificate_authority.file))
    trust.bundle_alone.cache_clear()
    login = postgresql_server.login
    login.execute(f"CREATE ROLE {USER} LOGIN PASSWORD '{OF_THE_BACKUP}' VALID UNTIL '2026-01-01'")
    login.execute(f"ALTER DATABASE {login.database} CONNECTION LIMIT 0")
    yield Copy(postgresql_server.create_administrator())
    login.execute(f"ALTER DATABASE {login.database} CONNECTION LIMIT -1")
    login.execute(f"DROP ROLE {USER}")
    trust.bundle_alone.cache_clear()


def test_R6_nobody_could_log_in_before(copy: Copy) -> None:
    """Neither by the password of the backup nor past the fence."""
    with pytest.raises(Told):
        copy.who(OF_THE_BACKUP)


def test_R6_the_drills_password_and_no_other_logs_in(copy: Copy) -> None:
    """The one of the backup, which may be production's still, does not any more."""
    password = new_password()
    copy.open(password, until=clock.epoch() + 60)
    assert USER == copy.who(password)
    with pytest.raises(Refused):
        copy.who(OF_THE_BACKUP)


def test_R6_it_ends_by_itself(copy: Copy) -> None:
    """Whatever becomes of the drill."""
    password = new_password()
    copy.open(password, until=clock.epoch() - 1)
    with pytest.raises(Refused):
        copy.who(password)


def test_R6_it_can_be_done_again(copy: Copy) -> None:
    """By a function that was killed before it had kept the password: the later one holds."""
    first, second = new_password(), new_password()
    for password in (first, second):
        copy.open(password, until=clock.epoch() + 60)
    assert USER == copy.who(second)
    with pytest.raises(Refused):
        copy.who(first)
