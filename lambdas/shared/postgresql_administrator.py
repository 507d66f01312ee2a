"""A session of a server's administrator, whichever of its logins is valid at the moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from shared.login import Login
from shared.postgresql_connection import ROTATION, Endpoint, Limits, Session, connected
from shared.postgresql_errors import Refused
from shared.told import Told


@contextmanager
def administering(
    endpoint: Endpoint, logins: Iterable[Login], database: str, *, named: str = "", limits: Limits = ROTATION
) -> Iterator[Session]:
    """By the first of `logins` that the server takes; `named`: of this user alone. Verified TLS, as ever.

    `logins` are read one by one, each once those before it were refused: see shared.administrators. Raises Told.
    """
    with ExitStack() as stack:
        yield _opened(stack, endpoint, logins, database, named, limits)


def _opened(
    stack: ExitStack, endpoint: Endpoint, logins: Iterable[Login], database: str, named: str, limits: Limits
) -> Session:
    because = "there is none to try"
    tried = set()
    for login in logins:
        if login in tried or named not in {"", login.username}:
            continue
        tried.add(login)
        try:
            return stack.enter_context(connected(endpoint, login, database, limits))
        except Refused as refused:
            because = str(refused)
    raise Told(f"No login of the administrator is taken: {because}. Nothing was changed")
