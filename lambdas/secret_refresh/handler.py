"""Entry of the refresh: the workflow asks again while the answer is IN_PROGRESS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from secret_refresh.look import Look
from secret_refresh.models import Event, settings, uses
from shared.ledger import Ledger
from shared.log import logger
from shared.workflow_answer import later

AFTER_A_FAILURE_SECONDS: Final = 30
"""Before the next look. The workflow ends for good with the first FAILED, and rings when its own time is up."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes both
    """One look for the execution in `event`."""
    request = msgspec.convert(event, Event).request
    logger.append_keys(refresh=request.refresh)
    try:
        mine = settings()
        return Look(request, mine, uses(mine.prefix), Ledger(mine.ledger_table)).look().told()
    except Exception as unforeseen:  # noqa: BLE001 - what was begun goes on, so somebody has to look again
        logger.exception("this look failed; the next one tries again")
        return later(f"this look failed: {type(unforeseen).__name__}", AFTER_A_FAILURE_SECONDS).told()
