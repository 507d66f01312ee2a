"""Who still holds an older value of a secret, and how they are brought to the newest."""

from __future__ import annotations

import json
from typing import Final

from secret_rotation.settings import Secret, Settings
from shared.aws import client, is_error
from shared.consumers import laggards
from shared.log import logger

NAMED: Final = 3
"""Tasks in a sentence."""


def lagging(settings: Settings, secret: Secret, since: float) -> str | None:
    """Which tasks may hold an older value than the one that is current `since`, as a sentence; None if none does."""
    if not secret.consumers:
        return None
    found = laggards(settings.cluster, settings.prefix, secret.consumers, since)
    if not found:
        return None
    tasks = ", ".join(f"{laggard.service} in {laggard.task}" for laggard in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"tasks that started with an older value have to be replaced first, by the refresh ({tasks}{more})"


def start_refresh(settings: Settings, token: str) -> None:
    """Have consumers brought to the version `token`: once, however often this is called."""
    try:
        client("stepfunctions").start_execution(
            stateMachineArn=settings.refresh_arn, name=f"rotated-{token}", input=json.dumps({})
        )
    except Exception as failure:
        if is_error(failure, "StateMachineDoesNotExist"):
            # Before services are deployed for the first time there is none, and nobody to refresh.
            logger.info("There is no refresh of services yet")
        elif not is_error(failure, "ExecutionAlreadyExists"):
            raise
