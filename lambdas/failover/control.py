"""Entry of the function that does what AWS's APIs do: it lies outside the VPC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from failover.look import Step, look
from failover.steps.approve import approve, go_on, stop
from failover.steps.assess import assess
from failover.steps.fence import fence
from failover.steps.files import files
from failover.steps.give_up import undo
from failover.steps.lock import lock
from failover.steps.promote import promote
from failover.steps.report import report
from failover.steps.scale import scale
from failover.steps.switch import switch, verify
from failover.steps.take import take
from failover.steps.unlock import unlock

STEPS: Final[Mapping[str, Step]] = {
    "assess": assess,
    "lock": lock,
    "approve": approve,
    "fence": fence,
    "take": take,
    "promote": promote,
    "scale": scale,
    "files": files,
    "switch": switch,
    "verify": verify,
    "report": report,
    "unlock": unlock,
    "undo": undo,
    "go_on": go_on,
    "stop": stop,
}


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes both
    """One look of one step."""
    return look(event, STEPS)
