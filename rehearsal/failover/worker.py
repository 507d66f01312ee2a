"""`python -m rehearsal.failover.worker FILE`: works in a region without users, and writes into its database what it does.

Two kinds: `keeps` has one session for as long as it lasts, `knocks` logs in for each write. The one finds out whether a region
that may not write ends the sessions that it has, the other whether it lets nobody in. What is acknowledged goes into the file.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
from pathlib import Path
from typing import Final

import pg8000.native  # type: ignore[import-untyped]

from rehearsal.failover.session import Session

PAUSE_SECONDS: Final = 0.1
"""Real: between two writes."""
FAILURES: Final = (pg8000.native.DatabaseError, pg8000.native.InterfaceError, OSError)


def work(kind: str, file: Path, *, keeps: bool) -> None:
    """For ever."""
    writer = f"{kind}-{os.environ['REGION']}-{os.getpid()}"
    session = Session(os.environ)
    with file.open("a", buffering=1) as acknowledged:
        for number in itertools.count():
            sent = time.time()
            try:
                session.write(writer, number)
            except FAILURES:
                time.sleep(PAUSE_SECONDS)
            else:
                acknowledged.write(f"{writer}\t{number}\t{sent:.4f}\t{time.time():.4f}\n")
            if not keeps:
                session.close()
            time.sleep(PAUSE_SECONDS)


def main() -> None:
    """Both kinds, until it is ended."""
    file = Path(sys.argv[1])
    threads = [
        threading.Thread(target=work, args=(kind, file), kwargs={"keeps": kind == "keeps"})
        for kind in ("keeps", "knocks")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
