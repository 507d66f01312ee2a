"""A database is restored beside itself, looked into, and told of; the running one is never touched. On a real PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from killing import Killed, watched
from permissions.recorded_aws import Refused
from restoring.shop import shop
from restoring.world import ACCOUNT, RECORDS, REGION, TOPIC, Copy, World, moment, world

from point_in_time.handler import handler
from point_in_time.models import settings
from rehearsal.servers.certificates import Authority
from rehearsal.servers.postgresql import Login, PostgreSQL
from shared import trust
from shared.census import Census, Part
from shared.manifests import Manifests

RUNNING: Final = "shop-prod-db"
REQUEST: Final = {
    "environment": "shop-prod",
    "moment": "2026-11-28T12:30:00+01:00",
    "by": "somebody",
    "execution": "4f6c-1",
}
TARGET: Final = f"{RUNNING}-at-20261128-113000"


@dataclass
class Stage:
    """The running database, and the server of what is restored."""

    aws: World
    server: Login

    def ask(self, **changes: str) -> dict[str, Any]:
        """As the workflow does, until there is an answer that is final."""
        for _ in range(12):
            answer = handler({"request": {**REQUEST, **changes}}, None)
            if answer["status"] != "IN_PROGRESS":
                return answer
        raise AssertionError(f"no end: {answer}")


@pytest.fixture
def stage(
    postgresql_server: PostgreSQL, certificate_authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    """RDS restores the shop's database."""
    monkeypatch.setenv("CA_BUNDLE", str(certificate_authority.file))
    trust.bundle_alone.cache_clear()
    settings.cache_clear()
    with shop(postgresql_server) as server:
        told = {
            "prefix": "shop-prod",
            "database": RUNNING,
            "name": server.database,
            "instance_class": "db.m7g.xlarge",
            "subnet_group": "isolated",
            "parameter_group": "tls",
            "security_group": "sg-database",
            "secrets_key_arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/secrets",
            "topic_arn": TOPIC,
            "records_bucket": RECORDS,
            "columns": ["updated_at", "created_at"],
            "multi_az": True,
            "backup_days": 30,
        }
        with world(POINT_IN_TIME=json.dumps(told)) as aws:
            aws.databases[RUNNING] = Copy(server)
            aws.restored_server = server
            yield Stage(aws, server)
    settings.cache_clear()
    trust.bundle_alone.cache_clear()


def test_R3_the_database_of_a_moment_stands_beside_the_running_one(stage: Stage) -> None:
    """As that stands: in its network, with its groups and key; its administrator's password is RDS's to keep."""
    answer = stage.ask()
    assert "SUCCEEDED" == answer["status"]
    assert f"{TARGET} is there, at {stage.server.host}:{stage.server.port}" in answer["reason"]
    (asked,) = stage.aws.made("RestoreDBInstanceToPointInTime")
    assert (RUNNING, TARGET, moment("2026-11-28 11:30")) == (
        asked["SourceDBInstanceIdentifier"],
        asked["TargetDBInstanceIdentifier"],
        asked["RestoreTime"],
    )
    wanted = {
        "DBSubnetGroupName": "isolated",
        "DBParameterGroupName": "tls",
        "VpcSecurityGroupIds": ["sg-database"],
        "PubliclyAccessible": False,
        "MultiAZ": True,
        "ManageMasterUserPassword": True,
    }
    assert wanted == {name: asked[name] for name in wanted}


def test_R3_people_hear_where_it_is_what_is_in_it_and_what_to_do(stage: Stage) -> None:
    """And no password: where it is kept."""
    parts = {"public.orders": Part(140), "public.gone": Part(7)}
    Manifests(RECORDS, "database").write(Census(moment("2026-11-27 23:45").timestamp(), parts))
    stage.ask()
    (message,) = stage.aws.published
    body = message["Message"]
    assert f"shop-prod: database of {REQUEST['moment']} is there" == message["Subject"]
    assert "It has 4 tables with 230 rows." in body
    assert "- public.gone is missing; the manifest has 7 rows of it" in body
    assert f"The running database {RUNNING} was not touched" in body
    assert '"It is there" in docs/runbooks/restore-to-a-point-in-time.md' in body
    (login,) = stage.aws.logins.values()
    assert login["password"] not in body
    assert "secret:rds!db-" in body


def test_R3_the_running_database_is_never_changed(stage: Stage) -> None:
    """Whatever is asked for: it is the source of a restore, and that is all."""
    stage.ask()
    changed = [asked["DBInstanceIdentifier"] for asked in stage.aws.made("ModifyDBInstance")]
    assert RUNNING not in changed
    assert None is stage.aws.databases[RUNNING].secret


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"environment": "shop-staging"}, "this is shop-prod; the request names 'shop-staging'. Nothing was done"),
        ({"environment": ""}, "the request names ''"),
        ({"moment": "yesterday"}, "'yesterday' is no moment: write one like 2026-11-28T14:03:00Z, or latest"),
        ({"moment": "2026-11-28T14:03:00"}, "does not say of which time zone: write 2026-11-28T14:03:00Z for UTC"),
    ],
)
def test_R3_what_is_not_meant_is_not_done(stage: Stage, changes: dict[str, str], words: str) -> None:
    """The environment's name has to be typed, and the moment has to be one."""
    answer = stage.ask(**changes)
    assert "FAILED" == answer["status"]
    assert words in answer["reason"]
    assert [] == stage.aws.made("RestoreDBInstanceToPointInTime")


def test_R3_rds_says_why_it_refuses(stage: Stage) -> None:
    """A moment before the first backup, or after the last log."""
    stage.aws.refusal = Refused("InvalidParameterValue", "The specified time is not restorable")
    answer = stage.ask()
    assert "FAILED" == answer["status"]
    assert (
        "RDS refuses: RestoreDBInstanceToPointInTime: InvalidParameterValue: The specified time is not restorable. "
        "Nothing was done"
    ) == answer["reason"]


def test_R3_asking_twice_makes_one_database(stage: Stage) -> None:
    """The moment stands in its name; the second time it is found."""
    first, second = stage.ask(), stage.ask()
    assert first == second
    assert 1 == len(stage.aws.made("RestoreDBInstanceToPointInTime"))


def test_R3_a_database_of_that_name_which_nobody_restored_is_let_be(stage: Stage) -> None:
    """It bears no tag of a restore."""
    stage.aws.databases[TARGET] = Copy(stage.server)
    answer = stage.ask()
    assert "FAILED" == answer["status"]
    assert f"there is a database {TARGET} already that was not restored for" in answer["reason"]
    assert [] == stage.aws.made("ModifyDBInstance")


def test_R3_the_latest_moment_is_named_after_the_execution(stage: Stage) -> None:
    """As it cannot be known before."""
    assert "SUCCEEDED" == stage.ask(moment="latest")["status"]
    (asked,) = stage.aws.made("RestoreDBInstanceToPointInTime")
    assert (True, f"{RUNNING}-at-4f6c1") == (asked["UseLatestRestorableTime"], asked["TargetDBInstanceIdentifier"])


def test_R3_a_database_that_does_not_come_up_is_told(stage: Stage) -> None:
    """It has to be removed before asking again."""
    handler({"request": REQUEST}, None)
    stage.aws.databases[TARGET].status = "incompatible-restore"
    stage.aws.databases[TARGET].looks_until_ready = 99
    answer = stage.ask()
    assert "FAILED" == answer["status"]
    assert f"the database {TARGET} is incompatible-restore. Remove it before asking again" == answer["reason"]


def test_R3_a_restore_that_dies_at_any_call_is_gone_on_with(stage: Stage) -> None:
    """Before and after any of its calls: one database, told at least once."""
    deaths = 0
    for after in (False, True):
        at, died = 0, True
        while died:
            stage.aws.databases.pop(TARGET, None)
            stage.aws.published.clear()
            calls, died, status = 0, False, "IN_PROGRESS"
            while status == "IN_PROGRESS":
                try:
                    with watched(None if died else at - calls, after=after) as made:
                        status = handler({"request": REQUEST}, None)["status"]
                    calls += len(made.made)
                except Killed:
                    died, deaths = True, deaths + 1
            assert "SUCCEEDED" == status
            assert {RUNNING, TARGET} == set(stage.aws.databases)
            assert len(stage.aws.published) in ({1, 2} if died else {1})
            at += 1
    assert deaths > 10
