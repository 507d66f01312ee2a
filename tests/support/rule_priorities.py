"""moto refuses to swap the priorities of two rules in one call, which ELB does (API Reference, SetRulePriorities)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from moto.elbv2.exceptions import DuplicatePriorityError, PriorityInUseError
from moto.elbv2.models import ELBv2Backend, FakeRule


def _set_rule_priorities(backend: ELBv2Backend, rule_priorities: list[dict[str, Any]]) -> list[FakeRule]:
    wanted = {each["RuleArn"]: each["Priority"] for each in rule_priorities}
    if repeated := [priority for priority, times in Counter(wanted.values()).items() if times > 1]:
        raise DuplicatePriorityError(repeated[0])
    rules = [backend.describe_rules(listener_arn=None, rule_arns=[arn])[0] for arn in wanted]
    for rule in rules:
        beside = backend.describe_rules(listener_arn=rule.listener_arn, rule_arns=None)
        if any(one.priority == wanted[rule.arn] and one.arn not in wanted for one in beside):
            raise PriorityInUseError
    for rule in rules:
        rule.priority = wanted[rule.arn]
    return rules


def allow_swaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have moto decide as ELB does."""
    monkeypatch.setattr(ELBv2Backend, "set_rule_priorities", _set_rule_priorities)
