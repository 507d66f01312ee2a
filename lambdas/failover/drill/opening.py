"""The application is let in to the promoted copy: by a login of the drill's own, which is of no use anywhere else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

from msgspec.structs import replace

from failover.drill.run import DrillRun
from shared import clock, heartbeat, restored_database
from shared.aws import client
from shared.login import new_password
from shared.postgresql_connection import Session, connected
from shared.postgresql_names import literal, quoted
from shared.postgresql_scram import verifier
from shared.restored_database import Lost, NotYet
from shared.workflow_answer import Answer, done, failed, later

TERM: Final = "opening"
VALID_SECONDS: Final = 6 * 3600.0
"""Longer than the rest of a drill may take, and no longer than it needs."""
_STANDBY: Final = "SELECT pg_is_in_recovery()"


def admit(run: DrillRun) -> Answer:
    """Make a login valid, as the guard does after a failover. Its password stands in the drill's secret and nowhere else."""
    known = run.known
    found = restored_database.look(known.replica, known.secrets_key_arn)
    if isinstance(found, NotYet):
        return later(found.reason, restored_database.WAIT_SECONDS)
    if isinstance(found, Lost):
        return failed(found.reason)
    begun = clock.epoch()
    password = new_password()
    with connected(found.endpoint, found.administrator(), heartbeat.DATABASE, heartbeat.BRISK) as session:
        if session.value(_STANDBY):
            return failed(f"RDS calls {known.replica} promoted, and it is still a standby")
        let_in(session, known.name, known.user, password, until=begun + VALID_SECONDS)
    took = clock.epoch() - begun
    login = json.dumps({"username": known.user, "password": password})
    client("secretsmanager").put_secret_value(SecretId=known.secret_arn, SecretString=login)
    drill = run.drill
    addresses = {**drill.addresses, known.replica: f"{found.endpoint.host}:{found.endpoint.port}"}
    run.note(replace(drill, measured={**drill.measured, TERM: took}, addresses=addresses))
    return done(f"{known.user} may log in to {known.replica}")


def let_in(session: Session, database: str, user: str, password: str, *, until: float) -> None:
    """Give `user` another password, valid `until` then; lift a fence that the copy may have been backed up with."""
    ends = datetime.fromtimestamp(until, UTC).isoformat(timespec="seconds")
    session.run(f"ALTER DATABASE {quoted(database)} CONNECTION LIMIT -1")
    # No statement holds the password itself: the server's log may show those that are slow.
    session.run(f"ALTER ROLE {quoted(user)} LOGIN PASSWORD {literal(verifier(password))} VALID UNTIL {literal(ends)}")
