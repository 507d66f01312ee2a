"""The next step by which a service's tasks come to hold the newest values."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from secret_refresh import attempts
from secret_refresh.attempts import Attempt
from secret_refresh.deployments import Deployment, Engine, NothingLive, UnderWay
from shared import clock, gates
from shared import plan as plans
from shared.aws import error_sentence, is_error
from shared.ledger import Ledger
from shared.log import logger
from shared.plan import UnreadablePlan

POLLING_SECONDS: Final = 15
"""Between two looks at a deployment, which takes minutes."""
SETTLE_SECONDS: Final = 300
"""After a deployment that ended well, for the last task of before to leave."""
AGAIN_SECONDS: Final = 24 * 3600
"""After a deployment that failed, until the clock tries again. A person need not wait."""
TOO_MANY: Final = ("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded")
SERVER_FAULT: Final = 500


@dataclass(frozen=True, slots=True)
class Step:
    """Where a service is."""

    state: Literal["waiting", "postponed", "failed"]
    because: str
    key: str = ""
    """What a message about it is one message of."""
    wait_seconds: float = POLLING_SECONDS


@dataclass(frozen=True, slots=True)
class Move:
    """Of one service, as one execution sees it."""

    service: str
    prefix: str
    need: float
    """Epoch second from which on new tasks have everything new."""
    live: Collection[str]
    """Task definitions of the tasks that have to be replaced."""
    engine: Engine
    ledger: Ledger
    execution: str
    by_hand: bool

    def step(self) -> Step:
        """Begin a deployment, or say what is waited for."""
        attempt = attempts.latest(self.service, self.need, self.ledger)
        if (under_way := self.engine.under_way()) is not None:
            if attempt is not None:
                # Known by its name from now on: also to whoever watches deployments (shared.refreshes).
                attempts.deployment_of(attempt, self.engine, self.ledger)
            return Step("waiting", f"the deployment {under_way} is under way")
        if attempt is None:
            return self._begin(0)
        deployment = attempts.deployment_of(attempt, self.engine, self.ledger)
        if deployment is not None:
            return self._ended(attempt, self.engine.read(deployment))
        if attempt.refused is not None:
            return self._failed(attempt, attempt.refused, attempt.refused_at)
        return self._ask_again(attempt)

    def _begin(self, number: int) -> Step:
        """The first attempt, or another one after a failure."""
        try:
            closed = self._closed()
        except UnreadablePlan as unreadable:
            return Step("failed", str(unreadable), f"{self.need:.3f}#plan")
        if closed:
            return Step("postponed", "; ".join(closed), f"{self.need:.3f}#postponed")
        attempt = attempts.claim(self.service, self.need, number, self.execution, self.ledger)
        if attempt is None:
            return Step("waiting", "another execution begins its deployment")
        return self._ask(attempt)

    def _closed(self) -> list[str]:
        """Why the service must not be deployed now, unless somebody answers for that (`break_glass` of the plan).

        A refresh releases nothing, but it replaces every task, which is what a freeze is against; and while an alarm is red,
        CodeDeploy ends each deployment that begins.
        """
        plan = plans.load(self.prefix, self.service)
        return gates.closed(plan) if plan.break_glass is None else []

    def _ask_again(self, attempt: Attempt) -> Step:
        if clock.epoch() - attempt.claimed_at < attempts.CLAIM_SECONDS:
            return Step("waiting", "its deployment is being begun")
        if not attempts.take_over(attempt, self.ledger):
            return Step("waiting", "another execution begins its deployment")
        return self._ask(attempt)

    def _ask(self, attempt: Attempt) -> Step:
        try:
            deployment = self.engine.start(attempt.mark, self.live)
        except UnderWay:
            return Step("waiting", "a deployment has just begun")
        except NothingLive as unfit:
            return self._refused(attempt, str(unfit))
        except Exception as failure:
            if not _final(failure):
                raise
            return self._refused(attempt, error_sentence(failure) or type(failure).__name__)
        logger.info("begun", extra={"service": self.service, "attempt": attempt.entry, "deployment": deployment})
        if deployment is not None:
            attempts.note(attempt, deployment, self.ledger)
        return Step("waiting", "its deployment has begun")

    def _refused(self, attempt: Attempt, because: str) -> Step:
        attempts.refuse(attempt, because, self.ledger)
        return Step("failed", because, attempt.entry)

    def _ended(self, attempt: Attempt, deployment: Deployment) -> Step:
        if deployment.phase == "under way":
            return Step("waiting", f"the deployment {deployment.id} is under way")
        ended_at = deployment.ended_at or attempt.claimed_at
        if deployment.phase == "failed":
            why = "; ".join(deployment.causes) or "its engine gave no reason"
            because = f"the deployment {deployment.id} failed: {why}"
            return self._failed(attempt, because, ended_at)
        if clock.epoch() - ended_at < SETTLE_SECONDS:
            return Step("waiting", "the last tasks of before leave")
        because = f"the deployment {deployment.id} ended well, and still tasks of before run"
        return self._failed(attempt, because, ended_at)

    def _failed(self, attempt: Attempt, because: str, ended_at: float) -> Step:
        """A failure, until it is time to try again."""
        by_hand = self.by_hand and attempt.by != self.execution
        if by_hand or clock.epoch() - ended_at >= AGAIN_SECONDS:
            return self._begin(attempt.number + 1)
        return Step("failed", because, attempt.entry)


def _final(failure: Exception) -> bool:
    """Whether AWS has refused, and would again. No answer, a fault of AWS's own, too many calls: ask once more later."""
    response = getattr(failure, "response", None)
    if not isinstance(response, dict) or is_error(failure, *TOO_MANY):
        return False
    return 400 <= int(response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 500) < SERVER_FAULT
