"""Entry of the hook: CloudFormation asks it before it updates a stack of this site, and waits for the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from shared.log import logger
from shared.told import Told
from stack_hook.lease import Leases
from stack_hook.models import Answer, Request, Settings, settings
from stack_hook.template import active_region

RUNBOOK: Final = '"A deployment is refused" in docs/runbooks/fail-over.md'


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes both
    """SUCCESS or FAILED. Raises what was not foreseen, which CloudFormation takes for FAILED, and the alarm on errors rings."""
    request = msgspec.convert(event, Request)
    own = settings()
    try:
        active = active_region(request.request_data.payload)
        leases = Leases.read(own)
    except Told as failure:
        logger.warning("Cannot tell", extra={"stack": request.stack_id, "failure": str(failure)})
        message = f"Nothing was changed: {failure}. Deploy again; if it goes on, {RUNBOOK} says how to go round it."
        return Answer("FAILED", message, request.client_request_token, "InternalFailure").told()
    holder = leases.contradict(active)
    logger.info("Looked", extra={"stack": request.stack_id, "active": active, "holder": holder or active})
    if holder is None:
        return Answer("SUCCESS", f"{active} takes the writes", request.client_request_token).told()
    return Answer("FAILED", _refusal(own, active, holder, leases), request.client_request_token, "NonCompliant").told()


def _refusal(own: Settings, active: str, holder: str, leases: Leases) -> str:
    silent = f" ({' and '.join(leases.silent)} could not be asked.)" if leases.silent else ""
    return (
        f"Nothing was changed: this template of {own.prefix} takes {active} for the active region, and {holder} holds the "
        f"lease and takes the writes. It would shrink what users are on.{silent} Write `active: {holder}` under `recovery` of "
        f"the environment and deploy again: {RUNBOOK}. What moves the writes is `understudy failback`, not a deployment."
    )
