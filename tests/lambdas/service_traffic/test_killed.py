"""A function that dies at any call to AWS leaves what its next run finishes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from killing import Killed, watched
from moto import mock_aws
from traffic.place import CloudFormation, Ear, Place, make_place, path, weights

from service_traffic.handler import handler
from shared import aws

End = dict[int, tuple[str, dict[str, int]]]


def _end(place: Place, listener: str) -> End:
    return {priority: (path(rule), weights(rule)) for priority, rule in place.standing(listener).items()}


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_each_call(cloudformation: CloudFormation, place: Place, ear: Ear, *, after: bool) -> None:
    """An update that does everything at once, and the deletion, end the same however often they died on the way."""
    old = cloudformation.properties(
        [
            place.rule("/a/*", 100),
            place.rule("/b/*", 200),
            place.rule("/c/*", 250),
            place.rule("/*", 300),
            place.rule("/*", 300, test=True),
        ]
    )
    new = cloudformation.properties(
        [
            place.rule("/a/*", 200),
            place.rule("/b/*", 100),
            place.rule("/d/*", 50),
            place.rule("/e/*", 60),
            place.rule("/x/*", 300),
        ],
        Fingerprint="1",
    )
    expected: End = {
        priority: (pattern, {place.blue: 70, place.green: 30})
        for priority, pattern in {200: "/a/*", 100: "/b/*", 50: "/d/*", 60: "/e/*", 300: "/x/*"}.items()
    }

    def begin() -> None:
        for listener in (place.users, place.tests):
            for rule in place.standing(listener).values():
                aws.client("elbv2").delete_rule(RuleArn=rule["RuleArn"])
        assert "SUCCESS" == cloudformation.send("Create", old)["Status"]
        place.shift(70, 30)
        place.put("/else/*", 999, {place.other: 100})

    begin()
    with watched() as calls:
        assert "SUCCESS" == cloudformation.send("Update", new, old)["Status"]
    wanted = {
        "elastic load balancing v2." + name
        for name in ("DescribeRules", "ModifyRule", "SetRulePriorities", "CreateRule", "DeleteRule")
    }
    made = {call.lower() for call in calls.made}
    assert {name.split(".")[1].lower() for name in wanted} <= {call.split(".")[1] for call in made}
    for kill_at in range(len(calls.made)):
        begin()
        answers = len(ear.answers)
        with watched(kill_at, after=after), pytest.raises(Killed):
            handler(cloudformation.event("Update", new, old), object())
        assert answers == len(ear.answers)
        assert "SUCCESS" == cloudformation.send("Update", new, old)["Status"]
        assert {**expected, 999: ("/else/*", {place.other: 100})} == _end(place, place.users), calls.made[kill_at]
        assert {} == _end(place, place.tests)
        with watched(kill_at % 4, after=after), pytest.raises(Killed):
            handler(cloudformation.event("Delete", new), object())
        assert "SUCCESS" == cloudformation.send("Delete", new)["Status"]
        assert {999} == set(place.standing())


PATTERNS = [f"/{letter}/*" for letter in "abcdef"] + ["/*"]


@st.composite
def _rule_sets(draw: st.DrawFn) -> list[tuple[str, int]]:
    patterns = draw(st.lists(st.sampled_from(PATTERNS), unique=True, min_size=1))
    priorities = draw(st.lists(st.integers(1, 12), unique=True, min_size=len(patterns), max_size=len(patterns)))
    return list(zip(patterns, priorities, strict=True))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    # An example takes a second: as it was found it says enough.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(before=_rule_sets(), after=_rule_sets(), green=st.integers(0, 100), kill_at=st.integers(0, 12))
def test_any_rules_become_any_others(
    variables: None,  # noqa: ARG001
    ear: Ear,
    before: list[tuple[str, int]],
    after: list[tuple[str, int]],
    green: int,
    kill_at: int,
) -> None:
    """All wanted ones stand, none besides, and every one of them has the weights of the shift; killed once or not."""
    with mock_aws():
        aws.forget_clients()
        place = make_place()
        cloudformation = CloudFormation(place, ear)

        def properties(rules: list[tuple[str, int]]) -> dict[str, Any]:
            return cloudformation.properties([place.rule(pattern, priority) for pattern, priority in rules])

        old, new = properties(before), properties(after)
        assert "SUCCESS" == cloudformation.send("Create", old)["Status"]
        place.shift(100 - green, green)
        try:
            with watched(kill_at):
                handler(cloudformation.event("Update", new, old), object())
        except Killed:
            handler(cloudformation.event("Update", new, old), object())
        assert "SUCCESS" == ear.last["Status"], ear.last["Reason"]
        split = {place.blue: 100 - green, place.green: green}
        assert {priority: (pattern, split) for pattern, priority in after} == _end(place, place.users)
