"""Comparing ARNs with patterns: of AWS's reference (`${Variable}`) and of policies (`*`, `?`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

VARIABLE: Final = re.compile(r"\$\{([^}]+)\}")


def matches(arn: str, reference: str) -> bool:
    """Whether `arn` is one of those that the Service Authorization Reference writes as `reference`."""
    literal = VARIABLE.split(reference)[::2]
    return re.fullmatch("(.+?)".join(map(re.escape, literal)), arn) is not None


def filled(reference: str, values: Mapping[str, str]) -> str | None:
    """`reference` with its variables filled in from `values`, whose keys are in small letters; None if one is missing."""
    wanted = VARIABLE.findall(reference)
    if any(name.lower() not in values for name in wanted):
        return None
    return VARIABLE.sub(lambda found: values[found[1].lower()], reference)


def overlap(pattern: str, reference: str) -> bool:
    """Whether a policy's `pattern` can match any ARN that the reference writes as `reference`."""
    if pattern == "*":
        return True
    # Part by part: a region or an account cannot take over what follows it.
    parts = zip(pattern.split(":", 5), VARIABLE.sub("*", reference).split(":", 5), strict=False)
    return all(_overlap(one, other) for one, other in parts)


@cache
def _overlap(one: str, other: str) -> bool:
    """Whether two texts with `*` and `?` have a text in common."""
    if not one or not other:
        return not (one or other).strip("*")
    if one[0] == "*":
        return _overlap(one[1:], other) or _overlap(one, other[1:])
    if other[0] == "*":
        return _overlap(other, one)
    return (one[0] == other[0] or "?" in (one[0], other[0])) and _overlap(one[1:], other[1:])
