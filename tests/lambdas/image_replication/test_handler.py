"""The environment's rule among those of others, in the one list that a registry has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from killing import Killed, watched
from traffic.place import Ear

from image_replication.handler import handler
from shared import aws
from shared.told import Told

Rules = list[dict[str, Any]]
Function = Callable[..., Any]


def _rule(prefix: str, region: str = "us-east-1") -> dict[str, Any]:
    return {
        "destinations": [{"region": region, "registryId": "123456789012"}],
        "repositoryFilters": [{"filter": f"{prefix}/", "filterType": "PREFIX_MATCH"}],
    }


OWN = _rule("shop-prod")
OTHERS = [_rule("shop-staging"), _rule("shop-prod-eu", "eu-west-1")]


def _registry() -> Any:
    """Of somebody else than the function."""
    return boto3.client("ecr")


def _rules() -> Rules:
    rules: Rules = _registry().describe_registry()["replicationConfiguration"]["rules"]
    return rules


def _put(rules: Rules) -> None:
    _registry().put_replication_configuration(replicationConfiguration={"rules": rules})


def _event(ear: Ear, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResponseURL": ear.url,
        "StackId": "arn:aws:cloudformation:us-west-2:123456789012:stack/shop-prod-copies/1",
        "RequestId": "request",
        "LogicalResourceId": "Images",
        "ResourceProperties": {"Prefix": "shop-prod/", "Region": "us-east-1"},
        **more,
    }


@pytest.mark.parametrize("before", [[], OTHERS], ids=["first", "beside-others"])
def test_R4_the_rule_comes_and_goes_and_others_stay(ear: Ear, before: Rules) -> None:
    """Created, updated, and deleted, each twice: CloudFormation may ask again."""
    if before:
        _put(before)
    for kind in ("Create", "Create", "Update"):
        handler(_event(ear, kind), None)
        assert [*before, OWN] == _rules()
    for _ in range(2):
        handler(_event(ear, "Delete", PhysicalResourceId="shop-prod/"), None)
        assert before == _rules()
    assert [("SUCCESS", "shop-prod/")] * 5 == [(each["Status"], each["PhysicalResourceId"]) for each in ear.answers]


def test_R4_a_rule_to_another_region_is_replaced() -> None:
    """The stand-in has moved: the environment has one rule, not two."""
    _put([_rule("shop-prod", "eu-central-1"), *OTHERS])
    handler({}, None)
    assert [*OTHERS, OWN] == _rules()


def test_R4_the_clock_brings_back_a_rule_that_somebody_lost() -> None:
    """Of two who write at once, the second may not have seen the first."""
    handler({}, None)
    _put(OTHERS)
    handler({}, None)
    assert [*OTHERS, OWN] == _rules()


def test_R4_a_rule_that_is_lost_at_once_is_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read after it was written, and not believed."""
    lost: Rules = []
    real = aws.client("ecr").put_replication_configuration

    def interrupted(**call: Any) -> Any:
        answer = real(**call)
        if not lost:
            lost.append(call)
            _put(OTHERS)
        return answer

    monkeypatch.setattr(aws.client("ecr"), "put_replication_configuration", interrupted)
    handler({}, None)
    assert [*OTHERS, OWN] == _rules()
    assert 1 == len(lost)


def test_R4_somebody_who_always_wins_is_told_of(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    """CloudFormation hears of it instead of waiting."""
    real = aws.client("ecr").put_replication_configuration

    def undone(**call: Any) -> Any:
        real(**call)
        _put(OTHERS)

    monkeypatch.setattr(aws.client("ecr"), "put_replication_configuration", undone)
    handler(_event(ear, "Create"), None)
    assert "FAILED" == ear.answers[0]["Status"]
    assert "5 attempts were lost" in ear.answers[0]["Reason"]


def test_R4_a_full_list_is_left_as_it_is() -> None:
    """With what would be right, and no rule of anybody's removed."""
    full = [_rule(f"other-{number}") for number in range(10)]
    _put(full)
    with pytest.raises(Told, match="has 10 replication rules already, and ECR takes 10: remove one"):
        handler({}, None)
    assert full == _rules()


@pytest.mark.parametrize("after", [False, True])
def test_R4_killed_at_each_call(*, after: bool) -> None:
    """The next look finishes it."""
    with watched() as calls:
        handler({}, None)
    for kill_at, _ in enumerate(calls.made):
        _put(OTHERS)
        with watched(kill_at, after=after), pytest.raises(Killed):
            handler({}, None)
        handler({}, None)
        assert [*OTHERS, OWN] == _rules()
