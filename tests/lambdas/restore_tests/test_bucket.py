"""A restored bucket is looked into: what a backup of objects can lack is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest
from killing import Killed, watched
from permissions.recorded_aws import Refused
from restoring.world import COPY, PLAN, RECORDS, REGION, TOPIC, World, moment, world

from restore_tests import bucket_census
from restore_tests.handler import handler
from restore_tests.models import settings
from shared import aws, clock
from shared.manifests import Manifests

JOB: Final = "job-1"
LIVE: Final = "shop-prod-data"
REQUEST: Final = {"request": {"do": "test", "job": JOB}}


@dataclass
class Stage:
    """The bucket, a copy of it, and what AWS says."""

    aws: World

    def put(self, bucket: str, key: str, body: str) -> None:
        """An object."""
        aws.client("s3").put_object(Bucket=bucket, Key=key, Body=body.encode())

    def drop(self, *keys: str) -> None:
        """Objects that the copy lacks."""
        for key in keys:
            aws.client("s3").delete_object(Bucket=COPY, Key=key)

    def manifest(self) -> None:
        """As the schedule has it written."""
        assert "SUCCEEDED" == handler({"request": {"do": "manifest"}}, None)["status"]

    @property
    def verdict(self) -> tuple[str, str]:
        """Kept by AWS Backup."""
        job = self.aws.jobs[JOB]
        return job.get("ValidationStatus", ""), job.get("ValidationStatusMessage", "")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Sixty objects, two manifests, and a copy of all."""
    settings.cache_clear()
    told = {
        "kind": "data",
        "prefix": "shop-prod",
        "records_bucket": RECORDS,
        "topic_arn": TOPIC,
        "plan_arn": PLAN,
        "limits": {"fewer_percent": 10, "changed_percent": 5, "newest_hours": 24},
        "bucket": LIVE,
    }
    with world(RESTORE_TESTS=json.dumps(told)) as made:
        place = {"LocationConstraint": REGION}
        for bucket in (LIVE, COPY):
            aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        found = Stage(made)
        for number in range(60):
            for bucket in (LIVE, COPY):
                found.put(bucket, f"orders/{number}.json", f"order {number}")
        now = clock.epoch()
        with monkeypatch.context() as patched:
            for earlier in (86_400.0, 60.0):
                patched.setattr(clock, "epoch", lambda earlier=earlier: now - earlier)
                found.manifest()
        made.job(
            JOB, created=f"arn:aws:s3:::{COPY}", backed_up=clock.now() + timedelta(minutes=1), completed=clock.now()
        )
        yield found
    settings.cache_clear()


def look() -> dict[str, Any]:
    """Ask as the workflow does."""
    return handler(REQUEST, None)


def test_R2_a_whole_bucket_is_found_whole(stage: Stage) -> None:
    """And what came in between is no fault."""
    stage.put(COPY, "orders/new.json", "new")
    assert "SUCCEEDED" == look()["status"]
    assert "SUCCESSFUL" == stage.verdict[0]
    assert [] == stage.aws.published


def _newest(stage: Stage) -> list[str]:
    manifest, _ = Manifests(RECORDS, "data").before(stage.aws.jobs[JOB]["RecoveryPointCreationDate"].timestamp())
    assert manifest is not None
    return sorted(manifest.parts["objects"].recent)


def _sampled(stage: Stage) -> list[str]:
    manifest, _ = Manifests(RECORDS, "data").before(stage.aws.jobs[JOB]["RecoveryPointCreationDate"].timestamp())
    assert manifest is not None
    return sorted(manifest.parts["objects"].sample)


def test_R2_missing_objects_are_found(stage: Stage) -> None:
    """Three of the fifty that are sampled."""
    stage.drop(*_sampled(stage)[:3])
    assert "FAILED" == look()["status"]
    assert "of 50 sampled objects that had not changed since the manifest before, 3 are missing" in stage.verdict[1]
    (message,) = stage.aws.published
    assert "a restored copy of the data bucket is not whole" in message["Subject"]


def test_R2_changed_objects_are_found(stage: Stage) -> None:
    """By what they hold: size and time tell nothing."""
    for key in _sampled(stage)[:3]:
        stage.put(COPY, key, "ORDER 1")
    assert "FAILED" == look()["status"]
    assert "0 are missing and 3 are not the same" in stage.verdict[1]


def test_R2_a_stale_bucket_is_found(stage: Stage) -> None:
    """The newest objects of the manifest are not there."""
    stage.drop(*_newest(stage))
    assert "FAILED" == look()["status"]
    assert "of the 20 newest objects in the manifest 20 are missing" in stage.verdict[1]


def test_R2_an_empty_bucket_is_found(stage: Stage) -> None:
    """Nothing was restored, and AWS Backup says that all went well."""
    stage.drop(*(f"orders/{number}.json" for number in range(60)))
    assert "FAILED" == look()["status"]
    assert "objects has 0 objects; the manifest has 60" in stage.verdict[1]


@pytest.mark.parametrize("code", ["AccessDenied", "KMS.DisabledException"])
def test_R2_a_key_that_cannot_be_used_is_found(stage: Stage, code: str) -> None:
    """S3 answers with KMS's refusal; the objects are all there, and nobody can read them."""
    refusal = "User is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext"
    stage.aws.recorded.passed_on = ()
    stage.aws.recorded.answers |= {
        "s3.ListObjectsV2": lambda asked: _real("list_objects_v2", asked),
        "s3.GetObject": lambda asked: Refused(code, refusal) if asked["Bucket"] == COPY else _real("get_object", asked),
        "s3.HeadObject": lambda asked: _real("head_object", asked),
    }
    assert "FAILED" == look()["status"]
    assert f"cannot be read: GetObject: {code}: {refusal}" in stage.verdict[1]
    (message,) = stage.aws.published
    assert "kms:Decrypt" in message["Message"]


def _real(operation: str, asked: Any) -> Any:
    import boto3

    answer = getattr(boto3.client("s3", region_name=REGION), operation)(**asked)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_R2_the_same_objects_are_sampled_each_time(stage: Stage) -> None:
    """However many come in between: otherwise no two manifests would know the same ones."""
    before = set(_sampled(stage))
    for number in range(30):
        stage.put(LIVE, f"later/{number}.json", "later")
    after = set(bucket_census.take(LIVE).parts["objects"].sample)
    assert 50 == len(before) == len(after)
    assert {key for key in before - after if key.startswith("orders/")} == before - after
    assert len(before & after) > 20


def test_R2_of_a_large_object_the_size_is_compared(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take the function's minutes to read."""
    monkeypatch.setattr(bucket_census, "HASHED_BYTES", 10)
    stage.put(LIVE, "orders/1.json", "longer than ten")
    part = bucket_census.take(LIVE).parts["objects"]
    stage.put(LIVE, "orders/1.json", "as long as tenx")
    assert part.sample == bucket_census.take_of_copy(LIVE, part).parts["objects"].sample


def test_R2_more_than_can_be_counted_is_said_to_be_estimated(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listing stops, on both sides at the same number."""
    stage.put(LIVE, "one-more", "")
    monkeypatch.setattr(bucket_census, "LISTED", 40)
    part = bucket_census.take(LIVE).parts["objects"]
    assert (40, True) == (part.count, part.estimated)


def test_R2_a_bucket_that_is_no_copy_is_never_read(stage: Stage) -> None:
    """Whatever a job says that it made."""
    stage.aws.jobs[JOB] |= {"CreatedResourceArn": f"arn:aws:s3:::{LIVE}", "CompletionDate": moment("2026-01-01 00:00")}
    assert "FAILED" == look()["status"]
    assert f"arn:aws:s3:::{LIVE} is not called awsbackup-restore-test-*" in stage.verdict[1]


def test_R2_a_look_that_dies_at_any_call_is_gone_on_with(stage: Stage) -> None:
    """There are some hundred; each tenth is enough for those that are alike."""
    stage.drop(*_sampled(stage)[:3])
    with watched() as counted:
        look()
    deaths = [*range(0, len(counted.made), 10), len(counted.made) - 2, len(counted.made) - 1]
    for at in deaths:
        for name in ("ValidationStatus", "ValidationStatusMessage"):
            stage.aws.jobs[JOB].pop(name, None)
        stage.aws.published.clear()
        with pytest.raises(Killed), watched(at, after=True):
            look()
        assert "FAILED" == look()["status"]
        assert "FAILED" == stage.verdict[0]
        assert len(stage.aws.published) in {1, 2}
