"""What PostgreSQL's errors mean, told without quoting what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared import network_failures
from shared.told import Told

PASSWORD_REFUSED: Final = "28P01"  # noqa: S105 - a code of the manual's appendix A
_REFUSED: Final = frozenset({PASSWORD_REFUSED, "28000"})
_BUSY: Final = frozenset({"55P03", "40P01", "40001"})
_VALUE_REFUSED: Final = "22023"

_SENTENCES: Final[Mapping[str, str]] = {
    PASSWORD_REFUSED: "refuses the password of {user}",
    "28000": "does not let {user} log in",
    "3D000": "has no database {database}",
    "53300": "has no connection left",
    "55P03": "has a lock on something that has to be changed: a long transaction is at work on it",
    "40P01": "ended a deadlock",
    "57014": "took too long, and the statement was cancelled",
    "57P01": "is being shut down",
    "57P02": "has crashed",
    "57P03": "is starting or being shut down",
    "25006": "takes no changes: it is a standby, as during a failover",
}


class Refused(Told):
    """The server does not take a login."""

    def __init__(self, text: str, *, wrong_password: bool) -> None:
        super().__init__(text)
        self.wrong_password = wrong_password


class Busy(Told):
    """Somebody else is at work on the same; a moment later there may be nobody."""


class ValueRefused(Told):
    """The server does not take a password's value."""


def told(failure: Exception, *, where: str, user: str, database: str, secret: str) -> Told:
    """What `failure` of the driver means. `secret` is in no text, whatever the server quotes."""
    answer = failure.args[0] if failure.args else None
    if not isinstance(answer, dict):
        return Told(f"PostgreSQL at {where}: {network_failures.why(failure) or 'the connection was lost'}")
    code = str(answer.get("C", "?"))
    said = _SENTENCES.get(code, "answered {code}{message}").format(
        user=user, database=database, code=code, message=_message(str(answer.get("M", "")), secret)
    )
    text = f"PostgreSQL at {where} {said}"
    if code in _REFUSED:
        return Refused(text, wrong_password=code == PASSWORD_REFUSED)
    if code in _BUSY or "concurrently updated" in str(answer.get("M", "")):
        return Busy(text)
    return ValueRefused(text) if code == _VALUE_REFUSED else Told(text)


def _message(said: str, secret: str) -> str:
    """The server's first line, unless it quotes a password or what is stored of one. Detail, hint and context stay out."""
    if not said or secret in said or "SCRAM-SHA-256" in said:
        return ""
    return f": {said.splitlines()[0][:200]}"
