"""Entry of the function that does what AWS's APIs do in a drill: it lies outside the VPC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from failover.drill.begin import begin
from failover.drill.copying import follow, restore
from failover.drill.ending import note, remove
from failover.drill.look import Step, look
from failover.drill.promotion import promote
from failover.drill.report import report
from failover.drill.tasks import healthy, start

STEPS: Final[Mapping[str, Step]] = {
    "begin": begin,
    "restore": restore,
    "follow": follow,
    "promote": promote,
    "start": start,
    "healthy": healthy,
    "note": note,
    "remove": remove,
    "report": report,
}


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes both
    """One look of one step."""
    return look(event, STEPS)
