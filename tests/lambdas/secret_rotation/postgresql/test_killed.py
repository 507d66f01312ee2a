"""The crash matrix: the function dies at each statement that it sends, before or after the server carried it out.

Then the step is called again with the same login, as Secrets Manager does, or the attempt is given up and next month's
rotation makes another login.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from crash_matrix import MakeRow, died
from killing import Killed
from rotation.database import Database, Servers

from secret_rotation.postgresql import PostgreSQL
from shared.login import Login, new_password
from shared.postgresql_connection import Session

Kind = Literal["application", "administrator"]
SAMPLE = 20
"""`make test` dies at every so many statements, beginning with another one for each scenario."""


@dataclass
class Statements:
    """What was sent, and where the function dies."""

    kill_at: int | None = None
    after: bool = False
    sent: list[str] = field(default_factory=list)


@contextmanager
def sending(kill_at: int | None = None, *, after: bool = False) -> Iterator[Statements]:
    """Count statements; die at number `kill_at` (from 0), before it is sent or `after` it was carried out."""
    statements, run = Statements(kill_at, after), Session.run

    def watched(self: Session, statement: str, **values: Any) -> list[list[Any]]:
        number = len(statements.sent)
        statements.sent.append(statement)
        if number == kill_at and not after:
            raise Killed
        rows = run(self, statement, **values)
        if number == kill_at:
            raise Killed
        return rows

    Session.run = watched  # type: ignore[method-assign]
    try:
        yield statements
    finally:
        Session.run = run  # type: ignore[method-assign]


def changes(statement: str) -> bool:
    """Whether dying after it differs from dying before the next one."""
    return not statement.lstrip().startswith(("SELECT", "WITH", "BEGIN"))


@dataclass(frozen=True)
class Scenario:
    """A step, and the state that it is taken in."""

    name: str
    kind: Kind = "application"
    users: str = "alternating"
    step: Literal["establish", "use", "retire"] = "use"
    rotations_before: int = 0

    def begin(self, servers: Servers) -> tuple[Database, Login, Login]:
        """The current login and the pending one."""
        database = Database.create(servers)
        if self.kind == "administrator":
            current = database.administrator
        elif self.step == "establish":
            current = database.old_user("CREATE TABLE old (id int)")
            current = Login(current.username, new_password())
        else:
            current = database.established()
        for _ in range(self.rotations_before):
            older, current = current, database.engine().following(current)
            database.engine().use(older, current)
            database.run(older, "CREATE TABLE IF NOT EXISTS made (id int)")
        return database, current, self.engine(database).following(current)

    def engine(self, database: Database) -> PostgreSQL:
        """The engine of the secret."""
        return database.engine(self.kind, self.users)

    def call(self, database: Database, current: Login, pending: Login) -> None:
        """Take the step."""
        engine = self.engine(database)
        calls: dict[str, Callable[[], None]] = {
            "establish": lambda: engine.establish(current),
            "use": lambda: engine.use(current, pending),
            "retire": lambda: engine.retire(current),
        }
        calls[self.step]()


SCENARIOS = [
    Scenario("a first login", step="establish"),
    Scenario("the second user is made"),
    Scenario("users take turns", rotations_before=2),
    Scenario("a single user", users="single", rotations_before=1),
    Scenario("the administrator", kind="administrator"),
    Scenario("retirement", step="retire", rotations_before=1),
]
LENGTHS = {"a first login": 66, "the second user is made": 66, "users take turns": 55, "a single user": 50,
           "the administrator": 3, "retirement": 10}  # fmt: skip
"""Bounds of the numbers of statements; numbers past a scenario's end find nothing to do."""


def _numbers() -> list[Any]:
    found = []
    for place, scenario in enumerate(SCENARIOS):
        length = LENGTHS[scenario.name]
        found += [
            pytest.param(
                scenario,
                number,
                id=f"{scenario.name.replace(' ', '-')}-{number}",
                marks=() if length < 4 or number % SAMPLE == place else pytest.mark.full,
            )
            for number in range(length)
        ]
    return found


@pytest.mark.parametrize(("scenario", "number"), _numbers())
def test_killed_and_run_again(servers: Servers, crash_row: MakeRow, scenario: Scenario, number: int) -> None:
    """Afterwards the pending login works, the current one where another user carries the pending one, and nothing else."""
    row = crash_row(servers.name, scenario.kind, scenario.name)
    for after in (False, True):
        database, current, pending = scenario.begin(servers)
        try:
            with sending(number, after=after) as statements:
                try:
                    scenario.call(database, current, pending)
                except Killed:
                    died(row, number)
                else:
                    return
            _finish(scenario, database, current, pending, again=number % 2 == 0)
        finally:
            database.drop()
        if not changes(statements.sent[-1]):
            return


def _finish(scenario: Scenario, database: Database, current: Login, pending: Login, *, again: bool) -> None:
    alternates = (scenario.kind, scenario.users) == ("application", "alternating")
    if scenario.step == "use" and alternates:
        assert database.valid(current), "the current login is not the killed call's to touch"
    logins = [current, pending]
    if scenario.step == "use" and not again:
        # Next month: the pending login is given up, and the secret still has the current one.
        database.administrators += [pending] if scenario.kind == "administrator" else []
        pending = scenario.engine(database).following(current)
        logins.append(pending)
    scenario.call(database, current, pending)
    last = pending if scenario.step == "use" else current
    scenario.engine(database).test(last)
    assert [login in ((current, last) if alternates else (last,)) for login in logins] == [
        database.valid(login) for login in logins
    ]
    if scenario.kind == "application":
        database.run(last, "CREATE TABLE new (id int)")
        assert [] == database.by_hand(
            f"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner <> '{database.names.owner}'"
        )


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name.replace(" ", "-"))
def test_the_matrix_is_complete(servers: Servers, scenario: Scenario) -> None:
    """No step sends more statements than the matrix has rows."""
    database, current, pending = scenario.begin(servers)
    with sending() as statements:
        scenario.call(database, current, pending)
    database.drop()
    assert LENGTHS[scenario.name] - 8 <= len(statements.sent) <= LENGTHS[scenario.name]
