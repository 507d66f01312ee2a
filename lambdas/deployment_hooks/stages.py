# ruff: noqa: PLC0415 - a function starts with the check of its own stage alone
"""Which check belongs to which stage."""

from __future__ import annotations

from typing import assert_never

from deployment_hooks.context import HookContext
from deployment_hooks.outcome import Outcome
from shared.plan import Stage


def check(stage: Stage, context: HookContext) -> Outcome:
    """Run the check of `stage`."""
    match stage:
        case "before_install":
            from deployment_hooks import before_install

            return before_install.check(context)
        case "after_install":
            from deployment_hooks import after_install

            return after_install.check(context)
        case "test_traffic":
            from deployment_hooks import test_traffic

            return test_traffic.check(context)
        case "before_traffic":
            from deployment_hooks import before_traffic

            return before_traffic.check(context)
        case "after_traffic":
            from deployment_hooks import after_traffic

            return after_traffic.check(context)
        case _:
            assert_never(stage)


def abandon(stage: Stage, context: HookContext) -> None:
    """End what `stage` has started and nobody will wait for any more."""
    if stage == "before_install":
        from deployment_hooks import migration

        migration.stop(context)
