"""Passwords as PostgreSQL stores them, so that no statement, log of statements or view of activity holds one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

ITERATIONS: Final = 4096
"""PostgreSQL's own (scram_iterations): the passwords are random, and slower ones would slow every login down."""
SALT_BYTES: Final = 16


def verifier(password: str) -> str:
    """The SCRAM-SHA-256 secret of `password`, with a new salt (RFC 5803; PostgreSQL's manual, 53.8 pg_authid)."""
    from scramp.utils import saslprep  # type: ignore[import-untyped]  # noqa: PLC0415 - the driver's, imported with it

    salt = secrets.token_bytes(SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", saslprep(password).encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${ITERATIONS}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
