"""Deployments that bring a service's tasks to new values of their secrets, and release nothing: how they are begun, and what the
ledger says about them.
"""

from __future__ import annotations

import json
from typing import Final

from shared.aws import client, is_error, region_of
from shared.ledger import Entry, Ledger
from shared.log import logger

ATTEMPT: Final = "attempt#"
"""Entries about deployments: `claimed_at` before the engine is asked, `by` (the execution), `deployment` once its id is known,
`ended_at` and `because` if it failed."""
CLOCKS_APART_SECONDS: Final = 5
"""How far the time that an engine gives a deployment may lie before the claim that it was made for."""
STARTING_SECONDS: Final = 120
"""How long after its claim a deployment may begin."""


ROTATED: Final = "rotated-"
"""How the names of executions begin that a new version of a secret started."""


def start(workflow_arn: str, version: str) -> None:
    """Have consumers brought to `version` of a secret by the workflow: once, however often this is called."""
    try:
        client("stepfunctions", region_of(workflow_arn)).start_execution(
            stateMachineArn=workflow_arn, name=f"{ROTATED}{version}", input=json.dumps({})
        )
    except Exception as failure:
        if is_error(failure, "StateMachineDoesNotExist"):
            # Before services are deployed for the first time there is none, and nobody to refresh.
            logger.info("There is no refresh of services yet")
        elif not is_error(failure, "ExecutionAlreadyExists"):
            raise


def about(service: str) -> str:
    """Under which the ledger keeps the refreshes of `service`: no release has such a name."""
    return f"secret-refresh#{service}"


def is_refresh(ledger: Ledger, service: str, deployment: str, began_at: float) -> bool:
    """Whether `deployment` of `service`, which began at the epoch second `began_at`, only refreshes it."""
    return any(_made(attempt, deployment, began_at) for attempt in ledger.entries(about(service), ATTEMPT).values())


def _made(attempt: Entry, deployment: str, began_at: float) -> bool:
    if "deployment" in attempt:
        return attempt["deployment"] == deployment
    # Whoever asked for it died before it could write down the answer.
    since_claim = began_at - float(attempt.get("claimed_at") or 0)
    return -CLOCKS_APART_SECONDS <= since_claim <= STARTING_SECONDS
