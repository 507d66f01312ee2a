"""Entry of restore tests and manifests: the workflow asks again while the answer is IN_PROGRESS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from restore_tests.look import look
from restore_tests.models import Event, settings
from shared.log import logger
from shared.workflow_answer import later

AFTER_A_FAILURE_SECONDS: Final = 60
"""Before the next look. The workflow ends for good with the first FAILED, and rings when its own time is up."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes both
    """One look for the request in `event`."""
    request = msgspec.convert(event, Event).request
    logger.append_keys(do=request.do, job=request.job)
    try:
        return look(request, settings()).told()
    except Exception as unforeseen:  # noqa: BLE001 - a test that ends here leaves a copy without a verdict
        logger.exception("this look failed; the next one tries again")
        return later(f"this look failed: {type(unforeseen).__name__}", AFTER_A_FAILURE_SECONDS).told()
