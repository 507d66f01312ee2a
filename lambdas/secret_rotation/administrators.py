"""Logins of a server's administrator.

Between the moment at which a single user's password changes and the end of its rotation, the current version does not work
and the pending one does. A rotation that was begun anew in between leaves it with no label of Secrets Manager's. So whoever
needs the administrator tries all of them, and the previous one, which somebody may have put back at the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from secret_rotation.login import Login
from secret_rotation.settings import Settings
from secret_rotation.values import login
from shared.secret_versions import PENDING, PREVIOUS, Versions
from shared.told import Told

Administrators = Callable[[], Iterator[Login]]


def administrators(settings: Settings) -> Administrators:
    """Logins to try, the likeliest first; each is read when it is asked for."""

    def logins() -> Iterator[Login]:
        secret = settings.administrator
        if secret is None:
            raise Told("The function knows no administrator of the server")
        yield from _logins(secret.arn)

    return logins


def _logins(arn: str) -> Iterator[Login]:
    versions = Versions.read(arn)
    current = versions.value(versions.current)
    if current is None:
        raise Told(f"The current version of the secret {arn} has no value")
    first = login(current)
    yield first
    for version in dict.fromkeys((versions.holder(PENDING), *versions.tried, versions.holder(PREVIOUS))):
        value = versions.value(version)
        # Compared before anybody connects: a login of another host or user must never be tried at this one.
        if value is None or any(value.get(name) != current.get(name) for name in ("host", "username")):
            continue
        other = login(value)
        if other != first:
            yield other
