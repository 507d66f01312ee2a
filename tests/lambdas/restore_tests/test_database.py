"""A restored database is looked into: on a real PostgreSQL, each fault that a backup can have is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from killing import Killed, watched
from restoring.shop import shop
from restoring.world import ACCOUNT, COPY, PLAN, RECORDS, REGION, TOPIC, Copy, World, moment, world

from rehearsal.servers.certificates import Authority
from rehearsal.servers.postgresql import Login, PostgreSQL
from restore_tests.handler import handler
from restore_tests.models import settings
from shared import clock, trust
from shared.census import Census
from shared.manifests import Manifests

JOB = "job-1"
BACKED_UP = moment("2026-11-28 00:00")
APPLICATION = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop-prod/database-AbCdEf"
CREATED = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{COPY}"


@dataclass
class Stage:
    """A database, what AWS says of a copy of it, and the function."""

    server: Login
    aws: World

    def change(self, statement: str) -> None:
        """What somebody does to the database, which is its own copy here."""
        self.server.execute(statement)

    def manifest(self, at: str) -> None:
        """Written at `at` by the function itself, as the schedule has it do."""
        self.aws.logins[APPLICATION] = {
            "username": f"administrator_{self.server.database}",
            "password": self.server.password,
        }
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(clock, "epoch", lambda: moment(at).timestamp())
            assert "SUCCEEDED" == handler({"request": {"do": "manifest"}}, None)["status"]

    def look(self) -> dict[str, Any]:
        """Ask as the workflow does, until there is an answer that is final."""
        for _ in range(12):
            answer = handler({"request": {"do": "test", "job": JOB}}, None)
            if answer["status"] != "IN_PROGRESS":
                return answer
        raise AssertionError(f"no verdict: {answer}")

    def manifests(self) -> tuple[Census, Census]:
        """The newest from before the backup, and the one before that."""
        newest, before = Manifests(RECORDS, "database").before(BACKED_UP.timestamp())
        assert newest is not None
        assert before is not None
        return newest, before

    @property
    def verdict(self) -> tuple[str, str]:
        """Kept by AWS Backup."""
        job = self.aws.jobs[JOB]
        return job.get("ValidationStatus", ""), job.get("ValidationStatusMessage", "")


@pytest.fixture
def stage(
    postgresql_server: PostgreSQL, certificate_authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    """Two manifests are there, of the day before and of a quarter of an hour before the backup."""
    monkeypatch.setenv("CA_BUNDLE", str(certificate_authority.file))
    trust.bundle_alone.cache_clear()
    settings.cache_clear()
    with shop(postgresql_server) as server:
        told = {
            "kind": "database",
            "prefix": "shop-prod",
            "records_bucket": RECORDS,
            "topic_arn": TOPIC,
            "plan_arn": PLAN,
            "limits": {"fewer_percent": 10, "changed_percent": 5, "newest_hours": 24},
            "database": {
                "secret_arn": APPLICATION,
                "host": server.host,
                "port": server.port,
                "name": server.database,
                "columns": ["updated_at", "created_at"],
                "secrets_key_arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/secrets",
            },
        }
        with world(RESTORE_TESTS=json.dumps(told)) as aws:
            made = Stage(server, aws)
            made.manifest("2026-11-26 23:45")
            made.manifest("2026-11-27 23:45")
            aws.databases[COPY] = Copy(server, "creating", looks_until_ready=2)
            aws.job(JOB, created=CREATED, backed_up=BACKED_UP, completed=clock.now() - timedelta(hours=1))
            yield made
    settings.cache_clear()
    trust.bundle_alone.cache_clear()


def test_R2_a_whole_copy_is_found_whole(stage: Stage) -> None:
    """Its administrator gets a new password, which nobody but RDS knows; nobody is told; the verdict is kept."""
    answer = stage.look()
    assert ("SUCCEEDED", "everything that the manifest asks for is there") == (answer["status"], answer["reason"])
    assert ("SUCCESSFUL", "everything that the manifest asks for is there") == stage.verdict
    assert [] == stage.aws.published
    assert 1 == len(stage.aws.made("ModifyDBInstance"))


def test_R2_a_manifest_holds_counts_hashes_and_times_and_no_content(stage: Stage) -> None:
    """Of the application's tables alone, and of none that no backup has."""
    newest, before = stage.manifests()
    found = {name: (part.count, part.newest, len(part.sample)) for name, part in newest.parts.items()}
    assert found == {
        "billing.Invoice; lines": (10, None, 10),
        "public.customers": (50, moment("2026-11-01 00:00").timestamp(), 20),
        "public.orders": (140, moment("2026-11-27 23:20").timestamp(), 20),
        "public.visits": (30, None, 0),
    }
    assert b"customer 1" not in msgspec.json.encode(newest)
    assert moment("2026-11-26 23:45").timestamp() == before.taken_at


FAULTS = {
    "truncated": ("TRUNCATE orders", "public.orders has 0 rows; the manifest has 140"),
    "missing": ("DROP TABLE customers", "public.customers is missing; the manifest has 50 rows of it"),
    "missing schema": ("DROP SCHEMA billing CASCADE", "billing.Invoice; lines is missing"),
    "stale": (
        "DELETE FROM orders WHERE id > 130",
        "it is stale: the newest of its rows is of 2026-11-27 21:40:00 UTC, that of the manifest of 2026-11-27 23:20:00 UTC",
    ),
    "too few": ("DELETE FROM customers WHERE number > 44", "public.customers has 44 rows; the manifest has 50"),
    "other rows": (
        "UPDATE customers SET name = 'x' WHERE number < 3",
        "public.customers: of 20 sampled rows that had not changed since the manifest before, 0 are missing and 2 are not the same",
    ),
    "lost rows": (
        "DELETE FROM customers WHERE number IN (4, 9)",
        "public.customers: of 20 sampled rows that had not changed since the manifest before, 2 are missing and 0 are not the same",
    ),
    "lost partition": ("DROP TABLE visits_2026", "public.visits has 0 rows; the manifest has 30"),
    "changed bytes": ("""UPDATE billing."Invoice; lines" SET body = '\\x00'""", "of 10 sampled rows"),
    "no times": ("ALTER TABLE orders DROP COLUMN updated_at", "it is stale"),
}


@pytest.mark.parametrize(("change", "words"), FAULTS.values(), ids=FAULTS)
def test_R2_each_fault_of_a_copy_is_found_and_told(stage: Stage, change: str, words: str) -> None:
    """In the verdict, and in a message that says what to do."""
    stage.change(change)
    answer = stage.look()
    assert "FAILED" == answer["status"]
    status, reason = stage.verdict
    assert "FAILED" == status
    assert words in reason
    (message,) = stage.aws.published
    assert words in message["Message"]
    assert 'What to do: today, "A restore test failed" in docs/runbooks/restore.md.' in message["Message"]


def test_R2_what_an_application_does_in_between_is_no_fault(stage: Stage) -> None:
    """New rows, a few deleted, some changed: a backup is taken a while after its manifest."""
    stage.change(
        "INSERT INTO orders SELECT n, 'new', 1, timestamptz '2026-11-27 23:59Z' FROM generate_series(200, 400) AS n"
    )
    stage.change("DELETE FROM customers WHERE number IN (49, 50)")
    stage.change("UPDATE orders SET state = 'sent', updated_at = timestamptz '2026-11-27 23:58Z' WHERE id = 3")
    stage.change("CREATE TABLE public.further (id int)")
    assert "SUCCEEDED" == stage.look()["status"]


def test_R2_rows_that_change_every_day_are_held_against_nothing(stage: Stage) -> None:
    """What was not the same in the last two manifests is not settled."""
    stage.change("UPDATE customers SET name = 'again' WHERE number < 15")
    stage.manifest("2026-11-27 23:50")
    stage.change("UPDATE customers SET name = 'and again' WHERE number < 15")
    assert "SUCCEEDED" == stage.look()["status"]


def test_R2_a_copy_whose_newest_record_was_old_when_it_was_backed_up_is_no_good(stage: Stage) -> None:
    """Also where the manifest is as old: a backup of yesterday's replica looks like that."""
    stage.aws.jobs[JOB]["RecoveryPointCreationDate"] = moment("2026-11-29 00:00")
    assert "FAILED" == stage.look()["status"]
    assert "the newest of its rows was 24.7 hours old when the backup was taken; 24 are allowed" in stage.verdict[1]


def test_R2_without_a_manifest_from_before_the_backup_there_is_nothing_to_say(stage: Stage) -> None:
    """And that is said, as a failure: what is not looked into is not tested."""
    stage.aws.jobs[JOB]["RecoveryPointCreationDate"] = moment("2026-11-26 00:00")
    assert "FAILED" == stage.look()["status"]
    assert "there is no manifest from before the backup to hold the copy against" == stage.verdict[1]


def test_R2_the_first_manifest_compares_no_bytes_and_says_so(stage: Stage) -> None:
    """There is no second one yet by which to tell what is settled."""
    stage.aws.jobs[JOB]["RecoveryPointCreationDate"] = moment("2026-11-27 12:00")
    stage.aws.jobs[JOB]["CompletionDate"] = clock.now()
    assert "SUCCEEDED" == stage.look()["status"]
    assert "nothing was compared byte for byte, because there is one manifest only yet" in stage.verdict[1]


@pytest.mark.parametrize("status", ["incompatible-restore", "inaccessible-encryption-credentials-recoverable"])
def test_R2_a_copy_that_never_comes_up_is_no_good(stage: Stage, status: str) -> None:
    """RDS says so, of a key that cannot be used too."""
    stage.aws.databases[COPY].status = status
    stage.aws.databases[COPY].looks_until_ready = 99
    assert "FAILED" == stage.look()["status"]
    assert f"the database {COPY} is {status}" == stage.verdict[1]


def test_R2_a_database_that_is_no_copy_is_never_touched(stage: Stage) -> None:
    """Whatever a job says that it made."""
    stage.aws.jobs[JOB]["CreatedResourceArn"] = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop-prod-db"
    assert "FAILED" == stage.look()["status"]
    assert "is not called awsbackup-restore-test-*, so it is no copy of a test" in stage.verdict[1]
    assert [] == stage.aws.made("ModifyDBInstance")


def test_R2_somebody_elses_restore_is_let_be(stage: Stage) -> None:
    """A person restores something, or another environment's test does."""
    stage.aws.jobs[JOB]["CreatedBy"] = {}
    assert "this restore is no test of this environment" == stage.look()["reason"]
    assert ("", "") == stage.verdict


def test_R2_a_verdict_is_given_once(stage: Stage) -> None:
    """EventBridge may deliver twice, and a workflow may be started by hand: what stands is repeated."""
    stage.change("TRUNCATE orders")
    first, second = stage.look(), stage.look()
    assert first == second
    assert 1 == len(stage.aws.published)


def test_R2_a_look_that_dies_at_any_call_is_gone_on_with(stage: Stage) -> None:
    """Before or after any of its calls: one verdict, and told at least once."""
    stage.change("TRUNCATE orders")
    at, deaths, final = 0, 0, ""
    for after in (False, True):
        at = 0
        while True:
            stage.aws.databases[COPY] = Copy(stage.server, "creating", looks_until_ready=2)
            for name in ("ValidationStatus", "ValidationStatusMessage"):
                stage.aws.jobs[JOB].pop(name, None)
            stage.aws.published.clear()
            calls = 0
            died = False
            for _ in range(12):
                try:
                    with watched(None if died else at - calls, after=after) as made:
                        answer = handler({"request": {"do": "test", "job": JOB}}, None)
                    calls += len(made.made)
                except Killed:
                    died = True
                    continue
                final = answer["status"]
                if final != "IN_PROGRESS":
                    break
            assert "FAILED" == final
            assert "FAILED" == stage.verdict[0]
            assert len(stage.aws.published) in ({1, 2} if died else {1})
            if not died:
                break
            deaths += 1
            at += 1
    assert deaths > 20


def test_R2_no_password_is_in_what_is_logged_or_told(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """RDS makes it, Secrets Manager keeps it, and the function passes it to PostgreSQL alone."""
    stage.change("DROP TABLE customers")
    stage.look()
    passwords = [login["password"] for login in stage.aws.logins.values()]
    assert 2 == len(set(passwords))
    said = "".join((*capsys.readouterr(), json.dumps([dict(each) for each in stage.aws.published]), *stage.verdict))
    assert [] == [password for password in passwords if password in said]


def test_R2_a_census_is_the_same_read_twice(stage: Stage) -> None:
    """What is kept as JSON comes back as it was."""
    newest, _ = stage.manifests()
    assert newest == msgspec.json.decode(msgspec.json.encode(newest), type=Census)
