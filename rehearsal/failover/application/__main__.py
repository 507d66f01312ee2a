"""`python -m rehearsal.failover.application`: one task, told by its variables where it runs."""

from __future__ import annotations

import asyncio
import os

from rehearsal.failover.application.writes import Writes
from rehearsal.release.application.server import serve

if __name__ == "__main__":
    asyncio.run(serve(int(os.environ["PORT"]), Writes(os.environ)))
