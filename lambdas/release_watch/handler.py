"""Entry of the watch: the workflow asks again while the answer is IN_PROGRESS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from release_watch.codedeploy import CodeDeploy
from release_watch.ecs import Ecs, service_deployment
from release_watch.follow import Follower
from release_watch.models import Event, Watch, settings
from release_watch.release import Engine, NotOurs
from shared.ledger import Ledger
from shared.log import logger
from shared.plan import UnreadablePlan
from shared.workflow_answer import Answer, done, later

AFTER_A_FAILURE_SECONDS: Final = 15
"""Before the next look. The workflow ends for good with the first FAILED, and rings when its own time is up."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes both
    """One look at the deployment in `event`."""
    watch = msgspec.convert(event, Event).watch
    logger.append_keys(deployment=watch.deployment_id)
    try:
        return _look(watch).told()
    except NotOurs as known:
        return done(str(known)).told()
    except UnreadablePlan as known:
        logger.warning(str(known))
        return later(str(known), AFTER_A_FAILURE_SECONDS).told()
    except Exception as unforeseen:  # noqa: BLE001 - a watch that ends here leaves a release unwatched
        logger.exception("this look failed; the next one tries again")
        return later(f"this look failed: {type(unforeseen).__name__}", AFTER_A_FAILURE_SECONDS).told()


def _look(watch: Watch) -> Answer:
    mine = settings()
    ledger = Ledger(mine.ledger_table)
    engine: Engine
    if watch.engine == "codedeploy":
        engine = CodeDeploy(watch.deployment_id, mine.prefix)
    else:
        engine = Ecs(service_deployment(ledger, watch.service_arn, watch.deployment_id), mine.prefix, ledger)
    return Follower(engine, mine, ledger).look()
