"""Buckets of specs unlike those in apps/."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from template import properties, resources, synthesize

from spec.data import RecordBucket, Storage
from spec.environment import Protection
from understudy.buckets import Buckets

KEY_ARN = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    ("cheaper", "gone", "expected"),
    [(30, 31, [30]), (None, 7, None), (30, None, [30]), (None, None, None)],
)
def test_T5_objects_age_as_the_spec_says(cheaper: int | None, gone: int | None, expected: list[int] | None) -> None:
    """They move to cheaper storage, and are deleted, after the days that are given."""
    rule = _rule(RecordBucket(infrequent_access_after_days=cheaper, expire_after_days=gone))
    moves = rule.get("Transitions")
    assert expected == (moves and [move["TransitionInDays"] for move in moves])
    assert gone == rule.get("ExpirationInDays")


def test_T5_a_storage_without_data_and_backups_has_logs_alone() -> None:
    """Those are always there: the load balancer writes them."""
    made: list[Buckets] = []

    def build(stack: Stack) -> None:
        made.append(_buckets(stack, Storage(data=None, backups=None)))

    template = synthesize(build)
    assert 1 == len(resources(template, "AWS::S3::Bucket"))
    assert (None, None) == (made[0].data, made[0].backups)


def _rule(logs: RecordBucket) -> dict[str, Any]:
    template = synthesize(lambda stack: _buckets(stack, Storage(data=None, backups=None, logs=logs)))
    (bucket,) = properties(template, "AWS::S3::Bucket")
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    return dict(rule)


def _buckets(stack: Stack, settings: Storage) -> Buckets:
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    return Buckets(
        stack,
        "Buckets",
        settings=settings,
        protection=Protection(),
        not_copied_because="nothing stands in",
        encryption_key=key,
    )
