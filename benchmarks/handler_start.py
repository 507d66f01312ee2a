"""One start of a function, timed from within: `python -m benchmarks.handler_start WHAT [package] [uncompiled]`.

WHAT is the module of a handler, or `botocore` for a client and nothing else. `package`: with every module of the
handler's package, which a first call may import. `uncompiled`: without the .pyc of what a layer and a function's archive
bring; what Lambda's runtime brings, the standard library and botocore, keeps its own.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import sys
import time
from collections.abc import Callable
from importlib import _bootstrap_external
from typing import Final

BARE: Final = "botocore"
SERVICE: Final = "dynamodb"
"""Whose client is made: most functions' first one. The same in each run, since making one depends on the service."""
REGION: Final = "us-west-2"
LAYER: Final = ("aws_lambda_powertools", "msgspec", "pg8000", "redis", "scramp", "asn1crypto")
"""Packages that come with the layer, as far as lambdas/requirements.lock names them."""


def start(what: str, *, package: bool) -> None:
    """Do what a function does before it can do its first work."""
    if what == BARE:
        from botocore.session import get_session  # noqa: PLC0415

        get_session().create_client(SERVICE, region_name=REGION)
        return
    module = importlib.import_module(what)
    if package:
        name = what.partition(".")[0]
        for each in pkgutil.iter_modules(importlib.import_module(name).__path__):
            importlib.import_module(f"{name}.{each.name}")
    from shared.aws import client  # noqa: PLC0415

    assert module.handler  # noqa: S101 - what is measured must be a handler
    client(SERVICE)


def forget_compiled(names: tuple[str, ...]) -> None:
    """Compile modules of the packages `names` at every import, as Lambda does: it cannot write beside them."""
    found = (importlib.util.find_spec(name) for name in names)
    folders = tuple(f"{os.path.dirname(spec.origin)}{os.sep}" for spec in found if spec and spec.origin)  # noqa: PTH120
    real: Callable[..., str] = _bootstrap_external.cache_from_source

    def cache_from_source(path: str, *others: object, **options: object) -> str:
        if path.startswith(folders):
            raise NotImplementedError  # which the import system takes for: there is none
        return real(path, *others, **options)

    # Where the import system looks for byte-code; there is no public way to let it find none.
    _bootstrap_external.cache_from_source = cache_from_source  # type: ignore[assignment]


def main(what: str, *options: str) -> None:
    """Start, and print how many milliseconds of computing it took."""
    os.environ.setdefault("AWS_REGION", REGION)
    if "uncompiled" in options and what != BARE:
        forget_compiled((*LAYER, what.partition(".")[0], "shared"))
    # Computing time, which a busy machine hardly changes; a start waits for nothing else.
    begun = time.process_time()
    start(what, package="package" in options)
    print(1000 * (time.process_time() - begun))


if __name__ == "__main__":
    main(*sys.argv[1:])
