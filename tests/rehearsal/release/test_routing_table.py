"""The engines' table as the load balancer reads it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from rehearsal.release.routing_table import Rule, UnknownTable, read
from tests.rehearsal.release.engine_by_hand import BLUE, GREEN, rule, table


def split(**weights: int) -> Counter[str]:
    """How many sides of the die each target group gets."""
    return Counter(Rule("arn", 1, "", tuple(weights.items())).buckets())


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({"blue": 100, "green": 0}, {"blue": 100}),
        ({"blue": 90, "green": 10}, {"blue": 90, "green": 10}),
        ({"blue": 1, "green": 0}, {"blue": 100}),
        ({"blue": 2, "green": 1}, {"blue": 67, "green": 33}),
        ({"blue": 999, "green": 5}, {"blue": 99, "green": 1}),
        ({"blue": 0, "green": 0}, {}),
    ],
)
def test_weights_become_sides_of_a_die(weights: dict[str, int], expected: dict[str, int]) -> None:
    """A hundred of them, by share; none when every weight is 0."""
    assert expected == split(**weights)


@pytest.mark.parametrize(
    ("pattern", "asked", "matches"),
    [
        ("/*", "shop.example.com/", True),
        ("/api/*", "shop.example.com/api/orders", True),
        ("/api/*", "shop.example.com/apis", False),
        ("/a?c", "shop.example.com/abc", True),
        ("/a?c", "shop.example.com/ac", False),
        ("/a.c", "shop.example.com/abc", False),
        ("/*", "other.example.com/", False),
    ],
)
def test_conditions_become_one_pattern(pattern: str, asked: str, matches: bool) -> None:
    """Host and path together; `*` is any text, `?` one character, nothing else is special."""
    found = read(table(rule("arn", "1", pattern, blue=1))).rules(443)[0]
    assert matches == bool(re.search(found.pattern, asked))


def test_the_lowest_priority_comes_first() -> None:
    """As numbers, not as text; what forwards nowhere is the load balancer's own answer, and no rule here."""
    default = {**rule("last", "default", "/*"), "conditions": []}
    made = read(table(rule("second", "20", "/*", blue=1), rule("first", "9", "/a", green=1), default))
    assert ["first", "second"] == [found.arn for found in made.rules(443)]


def test_a_condition_that_is_not_understood_is_refused() -> None:
    """Rather than to send requests where they would not go on AWS."""
    strange = {**rule("arn", "1", "/*", blue=1), "conditions": [{"Field": "source-ip"}]}
    with pytest.raises(UnknownTable, match="source-ip"):
        read(table(strange))


def test_metrics_know_the_load_balancer_of_a_target_group() -> None:
    """The one whose listener has a rule to it."""
    made = read(table(rule("arn", "1", "/*", blue=1)))
    assert ("app/shop/1", "") == (made.load_balancer_of(BLUE), made.load_balancer_of(GREEN))
