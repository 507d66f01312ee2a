"""What labels tell about a secret's versions."""

from __future__ import annotations

import json
import math

import pytest
from botocore.exceptions import ClientError
from rotation.world import World

from shared import aws, clock
from shared.secret_versions import SINCE, Versions, current_since
from shared.told import Told


def test_the_first_version(world: World) -> None:
    """Is current since the secret was made, whatever else changes about it."""
    made = clock.epoch()
    world.moved += 1000
    world.secrets.begin(world.arn)
    assert pytest.approx(made, abs=5) == current_since(world.arn)
    world.versions().settle()
    assert pytest.approx(made, abs=5) == current_since(world.arn)


def test_a_version_that_was_put_by_hand(world: World) -> None:
    """Is current since the secret last changed, at the latest; settled, a later change is none of its own."""
    world.rotate()
    world.moved += 1000
    world.secrets.put(world.arn, {**world.secrets.value(world.arn), "password": "by-hand"})
    put = clock.epoch()
    assert pytest.approx(put, abs=5) == current_since(world.arn)
    world.versions().settle()
    world.moved += 1000
    world.secrets.begin(world.arn)
    assert put <= current_since(world.arn) <= put + 5


def test_a_version_that_was_taken_back_by_hand(world: World) -> None:
    """Is current since then, at the latest, and not since the first time; the label of the first time goes."""
    good = world.rotate()
    (label,) = (each for each in world.secrets.labels(world.arn)[good] if each.startswith(SINCE))
    first = current_since(world.arn)
    world.moved += 1000
    world.secrets.put(world.arn, {**world.secrets.value(world.arn), "password": "by-hand"})
    world.moved += 1000
    world.versions().make_current(good)
    back = clock.epoch()
    assert pytest.approx(back, abs=5) == current_since(world.arn) > first + 1900
    world.versions().settle()
    labels = world.secrets.labels(world.arn)[good]
    assert label not in labels
    assert 1 == len([each for each in labels if each.startswith(SINCE)])
    world.moved += 1000
    world.secrets.begin(world.arn)
    assert back <= current_since(world.arn) <= back + 5


def test_a_rotation_after_a_version_was_taken_back(world: World) -> None:
    """Leaves one label of ours, as any other."""
    good = world.rotate()
    world.secrets.put(world.arn, {**world.secrets.value(world.arn), "password": "by-hand"})
    world.versions().make_current(good)
    world.versions().mark_current(good)
    world.rotate()
    world.check()


def test_a_secret_takes_twenty_labels(world: World) -> None:
    """However often it rotates, and whatever happens: each of ours stands in one place (Secrets Manager quotas)."""
    for count in range(6):
        if count % 2:
            world.server.rejects = lambda _: True
            with pytest.raises(Told, match="given up"):
                world.rotate()
            world.server.rejects = lambda _: False
        world.versions().retire_until(clock.epoch())
        world.versions().retire_until(clock.epoch() + 1)
        world.moved += 2
        labels = [label for each in world.secrets.labels(world.arn).values() for label in each]
        assert len(labels) <= 5, labels
        world.rotate()
        world.retire()
        world.check()


def test_a_label_says_the_latest_time(world: World) -> None:
    """Where two calls have put one each; anything that is no time is none."""
    world.rotate()
    versions = world.versions()
    later = math.ceil(versions.since()) + 100
    for label in (f"{SINCE}{later}", f"{SINCE}5", f"{SINCE}soon"):
        versions.attach(label, versions.current)
    assert later == current_since(world.arn)


def test_a_value_never_changes(world: World) -> None:
    """Of two calls that make one, the first has made it."""
    token = world.secrets.begin(world.arn)
    versions = world.versions()
    assert versions.value(token) is None
    assert versions.value(None) is None
    versions.put_pending(token, {"n": 1})
    versions.put_pending(token, {"n": 2})
    assert {"n": 1} == versions.value(token)
    assert token == versions.pending


def test_a_secret_without_a_current_version(world: World) -> None:
    """Is said to have none."""
    world.arn = aws.client("secretsmanager").create_secret(Name="empty")["ARN"]
    with pytest.raises(Told, match="has no current version"):
        _ = world.versions().current


def test_what_aws_refuses_is_raised(world: World) -> None:
    """Unless it says that the work is done already."""
    gone = Versions(world.arn.replace("secret1", "gone"), rotated=True, labels={}, created=0, changed=0)
    with pytest.raises(ClientError):
        Versions.read(gone.arn)
    with pytest.raises(ClientError):
        gone.put_pending("x" * 36, {})
    with pytest.raises(ClientError):
        gone.detach("AWSPENDING", "x" * 36)
    world.versions().detach("AWSPENDING", world.versions().current)


def test_moto_keeps_the_rules_that_rotation_leans_on(world: World) -> None:
    """Of the API Reference: UpdateSecretVersionStage and PutSecretValue."""
    secrets, first = aws.client("secretsmanager"), world.versions().current
    token = world.secrets.begin(world.arn)
    with pytest.raises(ClientError, match="RemoveFromVersionId"):
        secrets.update_secret_version_stage(SecretId=world.arn, VersionStage="AWSCURRENT", MoveToVersionId=token)
    with pytest.raises(ClientError, match="value"):
        secrets.get_secret_value(SecretId=world.arn, VersionId=token)
    world.versions().put_pending(token, {"n": 1})
    with pytest.raises(ClientError, match="already in use"):
        secrets.put_secret_value(SecretId=world.arn, ClientRequestToken=token, SecretString=json.dumps({"n": 2}))
    world.versions().make_current(token)
    assert {first: {"AWSPREVIOUS"}, token: {"AWSCURRENT", "AWSPENDING"}} == world.secrets.labels(world.arn)
    assert {"n": 1} == json.loads(secrets.get_secret_value(SecretId=world.arn)["SecretString"])
