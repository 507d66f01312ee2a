"""Priorities of listener rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.rule_priority import host_priorities, path_priorities

HIGHEST = 50_000

patterns = st.lists(st.from_regex(r"/[a-z0-9/-]{0,20}\*?[a-z]{0,5}", fullmatch=True), max_size=20, unique=True)
hosts = st.lists(st.from_regex(r"[a-z]{1,24}", fullmatch=True), max_size=20, unique=True)


@given(patterns, st.from_regex(r"/new/[a-z]{1,20}/\*", fullmatch=True))
def test_N5_a_new_path_renumbers_no_other(existing: list[str], added: str) -> None:
    """CloudFormation could not swap priorities in place."""
    before = path_priorities(existing)
    after = path_priorities([*existing, added])
    assert before == {pattern: after[pattern] for pattern in existing}


@given(hosts)
def test_N5_a_new_service_renumbers_no_other(services: list[str]) -> None:
    """Not even one whose number would have been taken."""
    before = host_priorities(services[:-1])
    after = host_priorities(services)
    assert before == {name: after[name] for name in services[:-1]}


@given(patterns, hosts)
def test_N5_priorities_are_unique_and_accepted(paths: list[str], names: list[str]) -> None:
    """A load balancer takes 1 to 50000, each once."""
    numbers = [*path_priorities(paths).values(), *host_priorities(names).values()]
    assert len(paths) + len(names) == len(set(numbers))
    assert all(1 <= number <= HIGHEST for number in numbers)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("/api/*", "/*"),
        ("/api/v2/*", "/api/*"),
        ("/api", "/api*"),
        ("/api/health", "/api/*"),
        ("/api*/x", "/api*"),
        ("/" + "a" * 70 + "/*", "/" + "a" * 10 + "/*"),
    ],
)
def test_N5_the_more_specific_pattern_comes_first(first: str, then: str) -> None:
    """Whatever the order in the file."""
    for order in ([first, then], [then, first]):
        priorities = path_priorities(order)
        assert priorities[first] < priorities[then]


def test_N5_internal_hosts_come_after_every_path() -> None:
    """The two ranges never meet, so that no path can take a host's number."""
    assert max(path_priorities(["/*", "/"]).values()) < min(host_priorities(["api", "web", "generator"]).values())
