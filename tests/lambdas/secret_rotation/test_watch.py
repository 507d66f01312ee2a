"""What is written down about secrets every hour."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rotation.secrets_manager import STEPS
from rotation.world import World

from secret_rotation.watch import handler
from shared import aws, clock
from shared.told import Told

DAY = 86_400


def numbers(world: World, monkeypatch: pytest.MonkeyPatch, *arns: str) -> dict[str, float]:
    """Metrics that the watch writes about `arns`, or about the application's secret, by name."""
    written: list[dict[str, Any]] = []

    def put(**call: Any) -> None:
        assert "Understudy/Secrets" == call["Namespace"]
        written.extend(call["MetricData"])

    monkeypatch.setattr(aws.client("cloudwatch"), "put_metric_data", put)
    secrets = [{"arn": arn, "name": f"secret{index}"} for index, arn in enumerate(arns or [world.arn])]
    monkeypatch.setenv("SECRETS", json.dumps(secrets))
    try:
        handler({}, object())
    finally:
        found = {f"{each['MetricName']}@{each['Dimensions'][0]['Value']}": each["Value"] for each in written}
        assert {"Secret"} == {dimension["Name"] for each in written for dimension in each["Dimensions"]}
    return {name.removesuffix("@secret0"): value for name, value in found.items()}


def test_a_secret_that_grows_old(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts from the current value, and not from whatever else changes about the secret."""
    world.moved += 36 * DAY
    world.secrets.secret(world.arn).last_changed_date = clock.epoch()  # type: ignore[assignment]
    assert pytest.approx({"AgeDays": 36, "PendingMinutes": 0, "OverdueDays": 0}, abs=0.01) == numbers(
        world, monkeypatch
    )
    world.rotate()
    world.moved += DAY
    assert pytest.approx(1, abs=0.01) == numbers(world, monkeypatch)["AgeDays"]


def test_a_rotation_on_its_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts from its beginning until its value is current."""
    token = world.secrets.begin(world.arn)
    for step in STEPS:
        world.moved += 30 * 60
        expected = (STEPS.index(step) + 1) * 30
        assert pytest.approx(expected, abs=0.1) == numbers(world, monkeypatch)["PendingMinutes"]
        world.step(step, token)
    assert 0 == numbers(world, monkeypatch)["PendingMinutes"]
    world.secrets.begin(world.arn, token)
    assert 0 == numbers(world, monkeypatch)["PendingMinutes"]


def test_a_pending_version_that_is_not_listed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is as old as the secret's last change."""
    token = world.secrets.begin(world.arn)
    list_versions = aws.client("secretsmanager").list_secret_version_ids

    def without(**call: Any) -> dict[str, Any]:
        answer = list_versions(**call)
        return {**answer, "Versions": [each for each in answer["Versions"] if each["VersionId"] != token]}

    monkeypatch.setattr(aws.client("secretsmanager"), "list_secret_version_ids", without)
    world.moved += 7200
    assert pytest.approx(120, abs=0.1) == numbers(world, monkeypatch)["PendingMinutes"]


def test_a_rotation_that_is_late(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts from the date that Secrets Manager has named, while rotation is enabled."""
    secret = world.secrets.secret(world.arn)
    secret.next_rotation_date = int(clock.epoch()) + 2 * DAY
    assert 0 == numbers(world, monkeypatch)["OverdueDays"]
    world.moved += 3 * DAY
    assert pytest.approx(1, abs=0.01) == numbers(world, monkeypatch)["OverdueDays"]
    secret.rotation_enabled = False
    assert 0 == numbers(world, monkeypatch)["OverdueDays"]


def test_a_secret_that_cannot_be_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a failure that says which, after all others were written."""
    gone, written = world.arn.replace("secret1", "gone"), []
    monkeypatch.setenv("SECRETS", json.dumps([{"arn": gone, "name": "gone"}, {"arn": world.arn, "name": "here"}]))
    monkeypatch.setattr(aws.client("cloudwatch"), "put_metric_data", lambda **call: written.append(call))
    with pytest.raises(Told, match=r"^gone: Unforeseen failure: DescribeSecret: ResourceNotFoundException"):
        handler({}, object())
    assert ["here"] == [call["MetricData"][0]["Dimensions"][0]["Value"] for call in written]


def test_no_value_is_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch may not."""
    world.rotate()
    monkeypatch.setattr(aws.client("secretsmanager"), "get_secret_value", None)
    assert 3 == len(numbers(world, monkeypatch))
