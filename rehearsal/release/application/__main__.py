"""`python -m rehearsal.release.application`: a container of it, told by its variables what it is."""

from __future__ import annotations

import asyncio
import os
import sys

from rehearsal.clock import Clock
from rehearsal.release.application.faults import Faults
from rehearsal.release.application.migration import migrate
from rehearsal.release.application.orders import Orders
from rehearsal.release.application.server import Storefront, serve


def main() -> None:
    """Serve until SIGTERM, then finish what has begun."""
    behaviour = os.environ["BEHAVIOUR"]
    if behaviour == "crash":
        sys.exit("this version cannot start")
    if os.environ.get("MIGRATES_AT_START"):
        # For a rolling update: nothing else would do it. Two tasks may start at once; the second finds it done.
        migrate(("migrate", "up"), os.environ)
    orders = Orders.from_environment()
    application = Storefront(os.environ["VERSION"], Faults(behaviour), orders, Clock.from_environment())
    asyncio.run(serve(int(os.environ["PORT"]), application))


if __name__ == "__main__":
    main()
