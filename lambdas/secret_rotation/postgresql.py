"""PostgreSQL: two application users by turns, who share one owner role; or a single one; and the administrator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import chain
from typing import Final

from secret_rotation import postgresql_objects as objects
from secret_rotation import postgresql_privileges as privileges
from secret_rotation import postgresql_proof as proof
from secret_rotation import postgresql_roles as roles
from secret_rotation.settings import Secret, Settings
from shared import clock
from shared.login import Login, Rejected, new_password
from shared.postgresql_administrator import administering
from shared.postgresql_connection import Endpoint, Session
from shared.postgresql_errors import Busy
from shared.postgresql_names import Names
from shared.told import Told

ATTEMPTS: Final = 5
"""At a change that needs a lock which somebody holds, such as a call of this function that was killed: together they take
longer than the server leaves a transaction idle. Nobody is made to wait for longer than a lock's limit."""
PAUSE_SECONDS: Final = 1.0
LOCK: Final = 7_310_033_094_229_373_541
"""An advisory lock in the application's database: one rotation at a time changes users and rights."""


class PostgreSQL:
    """The logins of one secret at one server: its application's, or its administrator's.

    `alias`: a CNAME of the endpoint, by which the application's consumers know it; the certificate is the endpoint's.
    """

    def __init__(
        self, settings: Settings, secret: Secret, administrators: Callable[[], Iterator[Login]], *, alias: str = ""
    ) -> None:
        self._settings, self._secret, self._administrators = settings, secret, administrators
        self._alias = "" if self._administrates else alias
        self._database = settings.database or "postgres"
        self._endpoint = Endpoint(settings.host, settings.port)
        self._readers = [_endpoint(reader, settings.port) for reader in settings.readers]

    def attributes(self) -> Mapping[str, object]:
        """Where the database is: the names that RDS itself writes into secrets, and the replicas."""
        place = {
            "engine": "postgres",
            "host": self._alias or self._settings.host,
            "port": self._settings.port,
            "dbname": self._database,
        }
        return place if self._administrates else {**place, "readerHosts": list(self._settings.readers)}

    def following(self, current: Login) -> Login:
        """The same user, or the other one of the two; with a new password."""
        if self._single:
            return Login(current.username, new_password())
        return Login(Names.of(current.username).other(current.username), new_password())

    def establish(self, current: Login) -> None:
        """Make the application's user and the owner role, with all rights, at the replicas too; or give the administrator its
        password again.
        """
        valid = proof.works(self._endpoint, current, self._database)
        if self._administrates:
            if not valid:
                self._replace_own(current)
        else:
            self._change(lambda session: self._prepare(session, current, source=None, with_password=not valid))
            # Whoever waits for this logs in at the replicas too.
            proof.wait_for(self._readers, current, self._database)

    def use(self, current: Login, pending: Login) -> None:
        """Give `pending` to the administrator or the single user; or to the other user, beside `current`.

        A password that works already is not touched. What the user needs beside it is looked after each time.
        """
        fitting = current.username if self._single else Names.of(current.username).other(current.username)
        if pending.username != fitting:
            raise Told(f"{pending.username} cannot follow {current.username}: the secret was changed. Nothing was done")
        valid = proof.works(self._endpoint, pending, self._database)
        if not self._administrates:
            source = None if self._single else current.username
            self._change(lambda session: self._prepare(session, pending, source=source, with_password=not valid))
        elif not valid:
            self._replace_own(pending, current)
        if not valid and not proof.works(self._endpoint, pending, self._database):
            raise Rejected(
                f"PostgreSQL at {self._endpoint} refuses the password that {pending.username} was just given"
            )

    def test(self, pending: Login) -> None:
        """At the primary, by the name that consumers have for it, and at every replica."""
        if self._administrates:
            proof.administers(self._endpoint, pending, self._database)
            return
        primary = Endpoint(self._alias or self._settings.host, self._settings.port, self._settings.host)
        proof.serves(primary, pending, self._database)
        proof.reads(self._readers, pending, self._database)

    def retire(self, current: Login) -> None:
        """Shut the application's other user out; its sessions go on until they end."""
        if self._administrates:
            return
        names = Names.of(current.username)
        other = names.other(current.username)
        if not proof.works(self._endpoint, current, self._database):
            raise Told(f"PostgreSQL at {self._endpoint} refuses the current login: no other one was made invalid")

        def shut_out(session: Session) -> None:
            # A user who only happens to have this name is nobody's second one.
            owned = roles.exists(session, names.owner)
            if owned and roles.can_log_in(session, other) and roles.belongs(session, other, names.owner):
                roles.shut_out(session, other)

        self._change(shut_out)

    @property
    def _administrates(self) -> bool:
        return self._secret.kind == "administrator"

    @property
    def _single(self) -> bool:
        return self._administrates or self._settings.users == "single"

    def _prepare(self, session: Session, login: Login, *, source: str | None, with_password: bool) -> None:
        """Everything that the user of `login` needs; its password last. `source`: who is to be equalled."""
        names = Names.of(login.username)
        roles.require_valid(session, names)
        administrator = str(session.value("SELECT session_user::text"))
        new = not roles.exists(session, names.owner)
        for role in (names.owner, login.username):
            roles.create(session, role)
        users = [user for user in names.users if roles.exists(session, user)]
        for member, role in (
            (administrator, names.owner),
            *((administrator, user) for user in users),
            *((user, names.owner) for user in users),
        ):
            roles.add(session, member, role)
        roles.allow(session, names)
        objects.take_over(session, names)
        if new:
            objects.take_over_administrators(session, names)
        privileges.share_future(session, users, names)
        privileges.share_given(session, names)
        for user in users:
            roles.become_owner_at_login(session, user, names)
        if source is not None:
            roles.copy_settings(session, source, login.username)
        if with_password:
            roles.set_password(session, login)

    def _replace_own(self, login: Login, *first: Login) -> None:
        """Give the administrator the password of `login`, logged in with one that still works."""
        with self._administrator(*first, named=login.username) as session:
            proof.require_primary(session, self._endpoint)
            roles.set_own_password(session, login)

    def _change(self, change: Callable[[Session], None]) -> None:
        """Do all of `change` as administrator, or nothing."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._administrator() as session, session.transaction():
                    proof.require_primary(session, self._endpoint)
                    session.run(f"SELECT pg_advisory_xact_lock({LOCK})")
                    change(session)
            except Busy:
                if attempt == ATTEMPTS:
                    raise
            else:
                return
            clock.pause(PAUSE_SECONDS)

    def _administrator(self, *first: Login, named: str = "") -> AbstractContextManager[Session]:
        """A session of the administrator; `first` and `named`: its logins to begin with, and whose alone."""
        logins = chain(first, self._administrators())
        return administering(self._endpoint, logins, self._database, named=named)


def _endpoint(reader: str, port: int) -> Endpoint:
    """Of `name`, or of `name:port` where the ports differ."""
    name, _, own = reader.partition(":")
    return Endpoint(name, int(own) if own else port)
