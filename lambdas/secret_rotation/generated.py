"""Random values that no server knows: what an application signs with.

A value is published one rotation before it is used, and one longer. Who signs with `value` and accepts all three agrees
with everybody who is one rotation behind or ahead, so no order of restarts matters.
"""

from __future__ import annotations

from dataclasses import dataclass

from secret_rotation.values import Value
from shared.login import new_password
from shared.told import Told


@dataclass(frozen=True, slots=True)
class Generated:
    """Values of `length` letters and digits."""

    length: int

    def following(self, current: Value) -> Value:
        """What was announced is used, and another one announced. A value without a successor gets one first."""
        if not _complete(current):
            return self.completed(current)
        return {**current, "value": current["next"], "next": new_password(self.length), "previous": current["value"]}

    def fits(self, current: Value, pending: Value) -> bool:
        """Only what is announced may be another than the one that would be made today."""
        following = self.following(current)
        return isinstance(pending.get("next"), str) and pending == {**following, "next": pending["next"]}

    def completed(self, current: Value) -> Value:
        """As CloudFormation made it, it announces nothing and follows nothing."""
        value = current.get("value")
        if not isinstance(value, str) or not value:
            raise Told("The secret holds no value")
        if _complete(current):
            return current
        return {**current, "next": new_password(self.length), "previous": value}

    def establish(self, current: Value) -> None:
        """Nobody has to be told."""

    def use(self, current: Value, pending: Value) -> None:
        """Nobody has to be told."""

    def test(self, pending: Value) -> None:
        """Nobody could refuse it."""

    def retire(self, current: Value) -> None:
        """What is accepted stands in the value itself."""


def _complete(value: Value) -> bool:
    return all(isinstance(value.get(name), str) and value[name] for name in ("value", "next", "previous"))
