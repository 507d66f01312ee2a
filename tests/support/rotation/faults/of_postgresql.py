"""Faults of the PostgreSQL engine, at real servers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from pg8000.exceptions import DatabaseError  # type: ignore[import-untyped]
from rotation.database import HOST, Database, Servers
from rotation.faults.fault import ALIAS, CLONE, TLS, Fault
from rotation.faults.trust import another_authority, unnamed, unverified

from rehearsal.servers.postgresql import PostgreSQL as Primary
from secret_rotation import postgresql_objects as objects
from secret_rotation import postgresql_privileges, postgresql_roles
from secret_rotation.postgresql import PostgreSQL
from secret_rotation.settings import Secret, Settings
from shared import postgresql_connection, trust
from shared.login import Login, new_password
from shared.postgresql_connection import Endpoint, Limits
from shared.told import Told

ALIAS_NAME: Final = "database.shop.internal"
OTHER_NAME: Final = "shop.rds.internal"
"""An endpoint that no certificate here bears."""


@dataclass(frozen=True)
class DatabaseScene:
    """Servers with TLS, and one without."""

    servers: Servers
    plain: Primary

    @contextmanager
    def database(self) -> Iterator[Database]:
        """An empty one with an administrator, who is no superuser."""
        made = Database.create(self.servers)
        try:
            yield made
        finally:
            made.drop()


def _can(database: Database, login: Login, *statements: str) -> bool:
    try:
        for statement in statements:
            database.run(login, statement)
    except DatabaseError:
        return False
    return True


def _succeeds(call: Any, *arguments: Any) -> bool:
    try:
        call(*arguments)
    except Told:
        return False
    return True


@contextmanager
def _leading_here(*names: str) -> Iterator[None]:
    """DNS says that these names are this machine."""
    resolve = socket.getaddrinfo

    def here(host: Any, *rest: Any, **options: Any) -> Any:
        return resolve(HOST if host in names else host, *rest, **options)

    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(socket, "getaddrinfo", here)
        yield


def _both_use_what_either_makes(scene: DatabaseScene) -> None:
    with scene.database() as database:
        current = database.established()
        pending = database.engine().following(current)
        database.engine().use(current, pending)
        for maker, user in ((current, pending), (pending, current)):
            table = f"made_by_{maker.username}"
            database.run(maker, f"CREATE TABLE {table} (number int)")
            assert _can(database, user, f"SELECT * FROM {table}", f"INSERT INTO {table} VALUES (1)")
            assert _can(database, user, f"ALTER TABLE {table} ADD COLUMN more int")


def _both_use_what_was_there(scene: DatabaseScene) -> None:
    """The first user made it before it shared anything."""
    with scene.database() as database:
        current = database.old_user("CREATE TABLE was_there (number int)")
        engine = database.engine()
        engine.establish(current)
        pending = engine.following(current)
        engine.use(current, pending)
        assert _can(database, pending, "SELECT * FROM was_there", "ALTER TABLE was_there ADD COLUMN more int")


def _nobody_logs_in_without_tls(scene: DatabaseScene) -> None:
    login = Login(f"application_{new_password().lower()}", new_password())
    known = scene.plain.login
    secret = Secret(arn="arn:database", name="database", kind="application")
    settings = Settings(
        "postgresql", "shop-prod", "shop-prod", "", [secret], host=HOST, port=known.port, database=known.database
    )
    engine = PostgreSQL(settings, secret, lambda: iter([Login(known.user, known.password)]))
    assert not _succeeds(engine.establish, login)
    assert [login.username] not in known.execute("SELECT rolname FROM pg_roles")


def _an_unknown_authority_is_not_believed(scene: DatabaseScene) -> None:
    with scene.database() as database:
        with another_authority():
            assert not _succeeds(database.engine().establish, Login(database.first, new_password()))
        database.established()


def _an_alias_works(scene: DatabaseScene) -> None:
    with scene.database() as database, _leading_here(ALIAS_NAME):
        login = database.established()
        database.alias = ALIAS_NAME
        assert _succeeds(database.engine().test, login)


def _an_alias_that_leads_elsewhere_does_not(scene: DatabaseScene) -> None:
    """The server there has a good certificate, of another name than the endpoint's."""
    with scene.database() as database, _leading_here(ALIAS_NAME, OTHER_NAME):
        login = database.established()
        database.alias = ALIAS_NAME
        assert not _succeeds(database.engine(host=OTHER_NAME).test, login)


def _own_what_one_makes(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(postgresql_roles, "become_owner_at_login", lambda _session, _user, _names: None)
    patches.setattr(postgresql_privileges, "share_future", lambda _session, _users, _names: None)


def _become_no_owner(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(postgresql_roles, "become_owner_at_login", lambda _session, _user, _names: None)


def _leave_what_was_there(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(objects, "take_over", lambda _session, _names: None)


def _fall_back(patches: pytest.MonkeyPatch) -> None:
    """As AWS's functions do: try with TLS, and then without."""
    secured = postgresql_connection._secured

    def one_way_or_another(endpoint: Endpoint, limits: Limits) -> socket.socket:
        try:
            return secured(endpoint, limits)
        except Told:
            return socket.create_connection((endpoint.host, endpoint.port), limits.connect_seconds)

    patches.setattr(postgresql_connection, "_secured", one_way_or_another)


def _believe_everybody(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(trust, "bundle_alone", unverified)


def _verify_the_alias(patches: pytest.MonkeyPatch) -> None:
    secured = postgresql_connection._secured

    def by_its_alias(endpoint: Endpoint, limits: Limits) -> socket.socket:
        return secured(replace(endpoint, certified=""), limits)

    patches.setattr(postgresql_connection, "_secured", by_its_alias)


def _verify_no_name(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(trust, "bundle_alone", unnamed)


OF_POSTGRESQL: Final[list[Fault[DatabaseScene]]] = [
    Fault(TLS, "PostgreSQL without TLS where it is not offered", _nobody_logs_in_without_tls, _fall_back),
    Fault(TLS, "PostgreSQL with anybody's certificate", _an_unknown_authority_is_not_believed, _believe_everybody),
    Fault(CLONE, "users own what they make", _both_use_what_either_makes, _own_what_one_makes),
    Fault(CLONE, "users share rights but no ownership", _both_use_what_either_makes, _become_no_owner),
    Fault(CLONE, "what was there stays the first user's", _both_use_what_was_there, _leave_what_was_there),
    Fault(ALIAS, "the alias is what the certificate has to bear", _an_alias_works, _verify_the_alias),
    Fault(ALIAS, "no name is verified", _an_alias_that_leads_elsewhere_does_not, _verify_no_name),
]
