"""Logins of a server's administrator.

Between the moment at which a single user's password changes and the end of its rotation, the current version does not work
and the pending one does. A rotation that was begun anew in between leaves it with no label of Secrets Manager's. So whoever
needs the administrator tries all of them, and the previous one, which somebody may have put back at the server.
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.login import Login, login
from shared.secret_versions import PENDING, PREVIOUS, Versions
from shared.told import Told


def logins(arn: str) -> Iterator[Login]:
    """Those in the secret `arn`, the likeliest first; each is read when it is asked for. Raises Told."""
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
