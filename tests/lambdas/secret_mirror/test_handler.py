"""Secrets of the waiting site get the values of the active one's, and nobody else's."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from copying.world import HERE, NAMES, PLANTED, PREFIX, THERE, World

from secret_mirror.handler import handler
from shared import aws, clock
from shared.told import Told

ALL = [f"{PREFIX}/{name}" for name in NAMES]


def test_R4_every_secret_gets_the_current_version_under_its_name(made: World) -> None:
    """The first time all of them, afterwards the one that has changed; the version before is the previous one there too."""
    assert {"copied": ALL} == handler({}, None)
    assert made.in_step()
    assert {"copied": []} == handler({}, None)
    first = made.labels(made.here, made.source["database"])["AWSCURRENT"]
    second = made.rotate("database")
    assert not made.in_step()
    assert {"copied": [f"{PREFIX}/database"]} == handler({}, None)
    assert made.in_step()
    assert {"AWSCURRENT": second, "AWSPREVIOUS": first} == made.labels(made.there, made.target["database"])


def test_R4_how_far_a_copy_was_behind_is_written_down(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Since its source changed; nothing where it was there already."""
    written: dict[str, float] = {}

    def put(**call: Any) -> None:
        for datum in call["MetricData"]:
            assert ("Understudy/Secrets", "CopyBehindSeconds") == (call["Namespace"], datum["MetricName"])
            written[datum["Dimensions"][0]["Value"]] = datum["Value"]

    monkeypatch.setattr(aws.client("cloudwatch"), "put_metric_data", put)
    handler({}, None)
    assert set(ALL) == set(written)
    made.rotate("database")
    made.here.secret(made.source["database"]).last_changed_date = clock.epoch() - 90  # type: ignore[assignment]
    handler({}, None)
    assert pytest.approx(90, abs=30) == written.pop(f"{PREFIX}/database")
    assert {0.0} == set(written.values())


def test_R4_several_rotations_at_once_are_one_copy(made: World) -> None:
    """Nobody there needs the values in between."""
    handler({}, None)
    made.rotate("database")
    made.rotate("database")
    newest = made.rotate("database")
    assert {"copied": [f"{PREFIX}/database"]} == handler({}, None)
    assert newest == made.labels(made.there, made.target["database"])["AWSCURRENT"]


def test_R4_a_version_that_is_current_again_becomes_that_there_too(made: World) -> None:
    """Somebody has taken a new value back: the copy moves its label, and makes no version."""
    handler({}, None)
    first = made.labels(made.here, made.source["database"])["AWSCURRENT"]
    second = made.rotate("database")
    handler({}, None)
    boto3.client("secretsmanager", region_name=HERE).update_secret_version_stage(
        SecretId=made.source["database"],
        VersionStage="AWSCURRENT",
        MoveToVersionId=str(first),
        RemoveFromVersionId=second,
    )
    handler({}, None)
    assert {"AWSCURRENT": first, "AWSPREVIOUS": second} == made.labels(made.there, made.target["database"])


def test_R5_a_region_without_the_lease_copies_nothing(made: World) -> None:
    """One that was lost and is back must not put its old values over those that rotated in the meantime."""
    handler({}, None)
    made.rotate("database")
    made.held_by(THERE)
    before = made.labels(made.there, made.target["database"])
    assert {"copied": [], "because": f"the lease is held by {THERE}"} == handler({}, None)
    assert before == made.labels(made.there, made.target["database"])


def test_R5_nothing_is_copied_before_there_is_a_lease(made: World) -> None:
    """Who is active has to be known."""
    boto3.client("dynamodb", region_name=THERE).delete_item(
        TableName=f"{PREFIX}-recovery", Key={"item": {"S": "lease"}}
    )
    assert {"copied": [], "because": "the lease is held by nobody"} == handler({}, None)
    assert not made.in_step()


def test_R4_tasks_there_are_brought_to_a_copied_value(made: World) -> None:
    """By the refresh of the waiting site, once for each version; not for a supplied secret, which no refresh looks at."""
    handler({}, None)
    expected = {str(made.labels(made.here, made.source[name])["AWSCURRENT"]) for name in NAMES[:-1]}
    handler({}, None)
    assert sorted(f"rotated-{version}" for version in expected) == made.refreshes()


def test_R4_a_waiting_site_without_services_is_no_failure(made: World) -> None:
    """Its secrets are there before its services are."""
    client = boto3.client("stepfunctions", region_name=THERE)
    (machine,) = client.list_state_machines()["stateMachines"]
    client.delete_state_machine(stateMachineArn=machine["stateMachineArn"])
    assert {"copied": ALL} == handler({}, None)
    assert made.in_step()


def test_R4_one_secret_that_fails_keeps_no_other_back(made: World) -> None:
    """All others are copied, and the failure says which it was."""
    boto3.client("secretsmanager", region_name=THERE).delete_secret(
        SecretId=made.target["database-administrator"], ForceDeleteWithoutRecovery=True
    )
    with pytest.raises(Told, match=f"{PREFIX}/database-administrator: .*DescribeSecret: ResourceNotFound"):
        handler({}, None)
    rest = [name for name in NAMES if name != "database-administrator"]
    for name in rest:
        version = made.labels(made.here, made.source[name])["AWSCURRENT"]
        assert version == made.labels(made.there, made.target[name])["AWSCURRENT"]


def test_R4_a_version_with_another_value_is_said_to_be_so(made: World) -> None:
    """Versions never change: somebody has written this one by hand."""
    version = made.rotate("database")
    boto3.client("secretsmanager", region_name=THERE).put_secret_value(
        SecretId=made.target["database"],
        ClientRequestToken=version,
        SecretString=json.dumps({"password": "by hand"}),
        VersionStages=["ELSEWHERE"],
    )
    boto3.client("secretsmanager", region_name=THERE).update_secret_version_stage(
        SecretId=made.target["database"], VersionStage="ELSEWHERE", RemoveFromVersionId=version
    )
    with pytest.raises(Told, match="with another value: somebody wrote it there"):
        handler({}, None)


def test_S3_no_value_is_in_what_it_says(
    made: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in the log nor in what it raises, even if AWS quotes the value in its refusal."""
    real = aws.client("secretsmanager", THERE)

    def refuse(**call: Any) -> None:
        from botocore.exceptions import ClientError

        raise ClientError(
            {"Error": {"Code": "Odd", "Message": f"cannot take {call['SecretString']}"}}, "PutSecretValue"
        )

    monkeypatch.setattr(real, "put_secret_value", refuse)
    with pytest.raises(Told) as told:
        handler({}, None)
    said = str(told.value) + "".join(capsys.readouterr())
    assert "PutSecretValue: Odd" in said
    assert PLANTED not in said
    assert not made.in_step()
