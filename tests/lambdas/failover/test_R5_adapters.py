"""Requirement R5: what a failover asks of AWS and of the database, against moto and two real PostgreSQL servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

import msgspec
import pytest
from moto import mock_aws
from permissions.recorded_aws import RecordedAws, Refused

from failover import fleet, health, replica
from failover.models import Database, Service
from failover.table import Table
from rehearsal.servers.certificates import Authority
from rehearsal.servers.postgresql import PostgreSQL, Replica
from shared import aws, heartbeat, trust
from shared.told import Told

HERE, THERE = "us-east-1", "us-west-2"
CATCH_UP_SECONDS = 20.0


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clients of the function's region."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, HERE)
    aws.forget_clients()
    yield
    aws.forget_clients()


@pytest.fixture
def table(region: None) -> Iterator[Table]:  # noqa: ARG001
    """Of the other region, in moto."""
    with mock_aws():
        aws.client("dynamodb", THERE).create_table(
            TableName="shop-prod-recovery",
            AttributeDefinitions=[{"AttributeName": "item", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "item", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield Table("shop-prod-recovery", THERE)


def test_R5_an_item_is_written_by_whoever_read_the_last_version(table: Table) -> None:
    """Of two that read the same, one writes."""
    assert None is table.read("lock")
    assert table.put("lock", {"execution": "one", "at": 1.5, "none": None}, instead_of=None)
    assert not table.put("lock", {"execution": "two"}, instead_of=None)
    seen = table.read("lock")
    assert {"execution": "one", "at": 1.5, "none": None, "serial": 1} == seen
    assert table.put("lock", {"execution": "two"}, instead_of=seen)
    assert not table.put("lock", {"execution": "three"}, instead_of=seen)
    assert {"execution": "two", "serial": 2} == table.read("lock")


def test_R5_a_write_whose_answer_was_lost_has_worked(table: Table) -> None:
    """The client sends it again, and finds its own."""
    assert table.put("lock", {"execution": "one"}, instead_of=None)
    assert table.put("lock", {"execution": "one"}, instead_of=None)


def test_R5_an_item_is_removed_by_whoever_read_the_last_version(table: Table) -> None:
    """One that is gone is gone."""
    table.put("lock", {"execution": "one"}, instead_of=None)
    seen = table.read("lock") or {}
    table.put("lock", {"execution": "two"}, instead_of=seen)
    assert not table.remove("lock", instead_of=seen)
    assert table.remove("lock", instead_of=table.read("lock") or {})
    assert table.remove("lock", instead_of={"serial": 2})
    assert None is table.read("lock")


def test_R8_a_message_is_claimed_once(table: Table) -> None:
    """As the ledger of releases does it (shared.publication)."""
    assert ({"claimed_at": 1.0}, True) == table.put_once("message#one", "done", {"claimed_at": 1.0})
    known, mine = table.put_once("message#one", "done", {"claimed_at": 2.0})
    assert (1.0, False) == (known["claimed_at"], mine)
    assert not table.replace_if("message#one", "done", "claimed_at", 2.0, 3.0)
    assert table.replace_if("message#one", "done", "claimed_at", 1.0, 3.0)
    assert table.add_once("message#one", "done", {"sent_at": 4.0}, unless="sent_at")[1]
    assert not table.add_once("message#one", "done", {"sent_at": 5.0}, unless="sent_at")[1]
    assert 4.0 == (table.read("message#one#done") or {})["sent_at"]


# --- the database ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[PostgreSQL, Replica, Authority]]:
    """A primary and its replica, which take TLS alone."""
    with TemporaryDirectory(prefix="understudy-failover-") as name:
        folder = Path(name)
        authority = Authority(folder)
        certificate = authority.certificate("postgresql", ["localhost", "127.0.0.1"])
        primary = PostgreSQL(folder / "primary", certificate=certificate, tls_alone=True, replicated=True)
        try:
            following = Replica(folder / "replica", primary)
            try:
                yield primary, following, authority
            finally:
                following.stop()
        finally:
            primary.stop()


@pytest.fixture
def database(
    servers: tuple[PostgreSQL, Replica, Authority],
    region: None,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Database]:
    """The replica as the plan has it, and its administrator's secret."""
    primary, following, authority = servers
    administrator = primary.create_administrator()
    monkeypatch.setenv("CA_BUNDLE", str(authority.file))
    trust.bundle_alone.cache_clear()
    with mock_aws():
        value = {"username": administrator.user, "password": administrator.password, "host": "elsewhere"}
        arn = aws.client("secretsmanager").create_secret(Name="administrator", SecretString=json.dumps(value))["ARN"]
        yield Database(
            identifier="shop-prod-db-2",
            host="localhost",
            port=following.login.port,
            administrator=arn,
            backup_days=30,
            backup_window="00:00-01:00",
        )
    trust.bundle_alone.cache_clear()


def until(what: Any) -> None:
    """Wait for a replica."""
    deadline = monotonic() + CATCH_UP_SECONDS
    while not what():
        assert monotonic() < deadline
        sleep(0.05)


def test_R5_the_replica_tells_its_heartbeat_and_how_far_it_is(
    servers: tuple[PostgreSQL, Replica, Authority], database: Database
) -> None:
    """A beat of the primary arrives; one that is not replayed yet does not count; then the replica becomes a primary."""
    primary, following, _ = servers
    at_primary = _at(database, primary.login.port)
    with replica.asking(at_primary) as session:
        heartbeat.prepare(session)
        first = heartbeat.beat(session, THERE, 1)

    def beat() -> Any:
        try:
            with replica.asking(database) as session:
                return replica.last_beat(session)
        except Told:
            return None  # the administrator's password has not arrived yet

    until(lambda: beat() == first)
    with replica.asking(database) as session:
        assert replica.streaming(session)
        here = replica.position(session)
        assert (True, True) == (here.in_recovery, here.caught_up)
    following.pause_replay()
    with replica.asking(at_primary) as session:
        second = heartbeat.beat(session, THERE, 1)
        ended = str(session.value("SELECT pg_current_wal_insert_lsn()::text"))

    def received() -> bool:
        with replica.asking(database) as session:
            return not replica.position(session).caught_up

    until(received)
    with replica.asking(database) as session:
        assert first == replica.last_beat(session)
        assert not replica.reached(session, ended)
    following.resume_replay()
    until(lambda: beat() == second)

    def all_of_it() -> bool:
        with replica.asking(database) as session:
            return replica.reached(session, ended)

    until(all_of_it)
    primary.stop()

    def alone() -> bool:
        with replica.asking(database) as session:
            return not replica.streaming(session)

    until(alone)
    following.promote()

    def promoted() -> bool:
        with replica.asking(database) as session:
            return not replica.position(session).in_recovery

    until(promoted)
    assert second == beat()
    with replica.asking(database) as session:
        newest = heartbeat.beat(session, HERE, 2)
        assert newest is not None
        assert (HERE, 2) == (newest.region, newest.epoch)
    primary.start()


def _at(database: Database, port: int) -> Database:
    return msgspec.structs.replace(database, port=port)


def test_R5_a_database_that_does_not_answer_says_so(database: Database) -> None:
    """In words, within seconds."""
    with pytest.raises(Told, match="the connection was refused"), replica.asking(_at(database, 1)) as session:
        replica.position(session)


def test_R5_what_rds_says_of_a_replica(region: None) -> None:  # noqa: ARG001
    """Its status and its source; the source stands as an ARN where it is in another region."""
    with mock_aws():
        aws.client("rds", THERE).create_db_instance(
            DBInstanceIdentifier="shop-prod-db", DBInstanceClass="db.r8g.large", Engine="postgres"
        )
        source = f"arn:aws:rds:{THERE}:123456789012:db:shop-prod-db"
        aws.client("rds").create_db_instance_read_replica(
            DBInstanceIdentifier="shop-prod-db-2", SourceDBInstanceIdentifier=source
        )
        found = replica.instance("shop-prod-db-2")
    assert "available" == found.status
    assert str(found.source).endswith("shop-prod-db")


# --- services and AWS Health ----------------------------------------------------------------------------------------

WEB = Service("web", desired=2, maximum=4, least=1, scales=True)


def _standing(described: dict[str, Any] | None) -> fleet.Standing:
    def healthy(asked: Any) -> dict[str, Any]:
        state = {"arn:live": "healthy", "arn:old": "unused"}[asked["TargetGroupArn"]]
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": state}}] * 2}

    answers: dict[str, Any] = {
        "ecs.DescribeServices": {"services": [described] if described else [], "failures": []},
        "elbv2.DescribeTargetHealth": healthy,
    }
    with RecordedAws(answers=answers, passed_on=()).watching(aws._session()):
        return fleet.standings("shop-prod", [WEB])[0]


@pytest.mark.parametrize(
    ("described", "serving"),
    [
        ({"status": "ACTIVE", "runningCount": 2, "loadBalancers": [{"targetGroupArn": "arn:live"}]}, 2),
        ({"status": "ACTIVE", "runningCount": 1, "loadBalancers": [{"targetGroupArn": "arn:live"}]}, 1),
        ({"status": "ACTIVE", "runningCount": 2, "loadBalancers": [{"targetGroupArn": "arn:old"}]}, 0),
        (
            {
                "status": "ACTIVE",
                "runningCount": 2,
                "taskSets": [
                    {"status": "ACTIVE", "loadBalancers": [{"targetGroupArn": "arn:old"}]},
                    {"status": "PRIMARY", "loadBalancers": [{"targetGroupArn": "arn:live"}]},
                ],
            },
            2,
        ),
        ({"status": "ACTIVE", "runningCount": 2}, 2),
        ({"status": "INACTIVE", "runningCount": 2}, 0),
        (None, 0),
    ],
    ids=["rolling", "one starts", "not healthy", "by CodeDeploy", "without a load balancer", "removed", "unknown"],
)
def test_R5_tasks_that_serve_are_counted(region: None, described: dict[str, Any] | None, serving: int) -> None:  # noqa: ARG001
    """Running, and healthy for the load balancer, in the target group of what is live."""
    assert serving == _standing(described and {"serviceName": "web", **described}).serving


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"events": []}, "nothing"),
        ({"events": [{"service": "RDS"}, {"service": "EC2"}]}, "lost"),
        (Refused("SubscriptionRequiredException"), "nothing"),
        (Refused("AccessDeniedException"), "nothing"),
    ],
    ids=["none", "two", "no support plan", "not permitted"],
)
def test_R5_aws_health_is_read_where_it_can_be(region: None, answer: Any, says: str) -> None:  # noqa: ARG001
    """And what cannot be read says nothing."""
    recorded = RecordedAws(answers={"health.DescribeEvents": answer}, passed_on=())
    with recorded.watching(aws._session()):
        assert says == health.signal(THERE).says
    assert [THERE] == recorded.calls[0].parameters["filter"]["regions"]
