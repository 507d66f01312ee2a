"""Priorities of listener rules: more specific patterns first, and the same number whatever else is added.

A load balancer evaluates rules by priority, 1 to 50000, each used once (ELB API, CreateRule). Numbering rules one after
the other would renumber all of them when a service is added, and CloudFormation cannot swap priorities in place: the
number it wants is still taken. So each number is computed from what the rule matches.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

LENGTHS: Final = 64
"""Literal characters before a pattern's first wildcard that still make a difference."""
SLOTS: Final = 600
"""Numbers for each of those lengths: a third for exact paths, a third for wildcards in the middle, a third for prefixes."""
FIRST_BY_HOST: Final = 40_001
BY_HOST: Final = 9_999


def path_priorities(patterns: Iterable[str]) -> dict[str, int]:
    """Priority of each path pattern, 1 to 39000: long prefixes before short ones, `/*` after everything."""
    taken: dict[int, str] = {}
    return {pattern: _free(*_range(pattern), pattern, taken) for pattern in patterns}


def host_priorities(hosts: Iterable[str]) -> dict[str, int]:
    """Priority of each rule that matches one host name, 40001 to 49999; no two match the same request."""
    taken: dict[int, str] = {}
    return {host: _free(FIRST_BY_HOST, BY_HOST, host, taken) for host in hosts}


def _range(pattern: str) -> tuple[int, int]:
    """First number and count of the numbers for patterns as specific as this one."""
    prefix = min(len(pattern.split("*", 1)[0]), LENGTHS)
    third = SLOTS // 3
    if "*" not in pattern:
        kind = 0
    elif pattern.index("*") < len(pattern) - 1:
        kind = 1
    else:
        kind = 2
    return (LENGTHS - prefix) * SLOTS + kind * third + 1, third


def _free(first: int, count: int, text: str, taken: dict[int, str]) -> int:
    """The number that `text` hashes to, or the next free one: two texts seldom meet, and the earlier one keeps its own."""
    start = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % count
    number = next(n for n in (first + (start + step) % count for step in range(count)) if n not in taken)
    taken[number] = text
    return number
