"""What each hook's check is given."""

from __future__ import annotations

from dataclasses import dataclass

from deployment_hooks.deadline import Deadline
from deployment_hooks.release_state import ReleaseState
from shared.ledger import Ledger
from shared.plan import Plan


@dataclass(frozen=True, slots=True)
class HookContext:
    """One look of one hook at one release."""

    release: str
    """Under which the ledger keeps it: a CodeDeploy deployment's id or an ECS service deployment's ARN."""
    region: str
    plan: Plan
    state: ReleaseState
    deadline: Deadline
    ledger: Ledger

    @property
    def in_active_region(self) -> bool:
        """Whether this region's database takes writes: migrations and requests that write are for it alone."""
        return self.region == self.plan.active_region
