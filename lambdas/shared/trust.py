"""Which certificates are believed. There is no way to switch verification off."""

from __future__ import annotations

import os
import ssl
from functools import cache
from pathlib import Path
from typing import Final

DEFAULT_BUNDLE: Final = "/opt/certificates/rds.pem"
"""Where the functions' layer keeps the authorities of RDS."""


def bundle() -> Path:
    """The file of `CA_BUNDLE`."""
    return Path(os.environ.get("CA_BUNDLE", DEFAULT_BUNDLE))


@cache
def public_and_bundle() -> ssl.SSLContext:
    """Trusts what the system trusts, and the bundle where there is one: for load balancers, endpoints, cache and queue."""
    context = ssl.create_default_context()
    if bundle().is_file():
        context.load_verify_locations(bundle())
    return context


@cache
def bundle_alone() -> ssl.SSLContext:
    """Trusts the bundle alone: for RDS, whose authorities no public store has. Raises FileNotFoundError without it."""
    return ssl.create_default_context(cafile=str(bundle()))
