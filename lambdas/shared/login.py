"""A user name and its password, and how new passwords are made."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shared.told import Told

ALPHABET: Final = string.ascii_letters + string.digits
"""The unreserved characters of a URL (RFC 3986, 2.3) that no shell, YAML file or connection string gives a meaning."""
LENGTH: Final = 32
"""190 bits. ElastiCache takes 16 to 128 characters, Amazon MQ 12 to 250, RDS for PostgreSQL 8 to 128."""


@dataclass(frozen=True, slots=True)
class Login:
    """What a server asks for."""

    username: str
    password: str = field(repr=False)


class Rejected(Told):
    """The server takes the login's password under no circumstances: another one has to be made."""


def new_password(length: int = LENGTH) -> str:
    """Random letters and digits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def login(value: Mapping[str, Any]) -> Login:
    """The login in `value`. Raises Told if there is none."""
    username, password = value.get("username"), value.get("password")
    if not isinstance(username, str) or not isinstance(password, str) or not username or not password:
        raise Told("The secret holds no user name and password")
    return Login(username, password)
