"""Traffic is switched in a real store of the embedded AWS, with requests signed as AWS wants them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from failover import traffic
from rehearsal.embedded_aws import SECRET_KEY, access_key
from shared import aws
from shared.told import Told
from tests.rehearsal.conftest import emulator  # noqa: F401 - a fixture
from tests.rehearsal.under_test import ACCOUNT, EDGE_REGION, Emulator

HOME, STAND_IN = "us-west-2", "us-east-1"

pytestmark = pytest.mark.usefixtures("accounts_resolve")


@pytest.fixture
def store(
    emulator: Emulator,  # noqa: F811 - the fixture above
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[str]:
    """The ARN of a new store, and an environment as a function in the stand-in has it."""
    for name, value in {
        "AWS_REGION": STAND_IN,
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": access_key(ACCOUNT),
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    aws.forget_clients()
    cloudfront = emulator.client("cloudfront", EDGE_REGION)
    name = request.node.name.replace("[", "-").replace("]", "")[-60:]
    made = cloudfront.create_key_value_store(Name=name)
    yield made["KeyValueStore"]["ARN"]
    cloudfront.delete_key_value_store(Name=name, IfMatch=made["ETag"])
    aws.forget_clients()


def puts(monkeypatch: pytest.MonkeyPatch, *, before: Any = None) -> list[str]:
    """Every value that is put from now on; `before` each, it is called."""
    client = aws.client("cloudfront-keyvaluestore")
    real, values = client.put_key, []

    def put_key(**given: Any) -> Any:
        if before:
            before()
        values.append(given["Value"])
        return real(**given)

    monkeypatch.setattr(client, "put_key", put_key)
    return values


def test_R5_before_the_first_failover_the_store_names_no_region(store: str) -> None:
    """Then the function at the edge takes the spec's."""
    assert traffic.active(store) is None


def test_R5_traffic_is_switched_and_back(store: str) -> None:
    """Each time with what was before."""
    assert traffic.Switched(None, changed=True) == traffic.switch(store, STAND_IN)
    assert STAND_IN == traffic.active(store)
    assert traffic.Switched(STAND_IN, changed=True) == traffic.switch(store, HOME)
    assert HOME == traffic.active(store)


def test_R5_what_is_switched_already_is_left_alone(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the step can be run again."""
    traffic.switch(store, STAND_IN)
    values = puts(monkeypatch)
    assert traffic.Switched(STAND_IN, changed=False) == traffic.switch(store, STAND_IN)
    assert [] == values


def test_R5_a_store_that_changed_meanwhile_is_read_again(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another key was put between reading and writing: the second attempt is made with the new ETag."""
    others = iter([True, False])

    def somebody_else() -> None:
        if next(others):
            client = aws.client("cloudfront-keyvaluestore")
            etag = client.describe_key_value_store(KvsARN=store)["ETag"]
            changes: Any = [{"Key": "other", "Value": "1"}]
            client.update_keys(KvsARN=store, IfMatch=etag, Puts=changes)

    values = puts(monkeypatch, before=somebody_else)
    assert traffic.Switched(None, changed=True) == traffic.switch(store, STAND_IN)
    assert [STAND_IN, STAND_IN] == values
    assert STAND_IN == traffic.active(store)


def test_R5_a_put_whose_answer_was_lost_counts_as_a_change(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client sends it again, and hears of a conflict with itself."""
    client = aws.client("cloudfront-keyvaluestore")

    def arrived() -> None:
        etag = client.describe_key_value_store(KvsARN=store)["ETag"]
        changes: Any = [{"Key": "active", "Value": STAND_IN}]
        client.update_keys(KvsARN=store, IfMatch=etag, Puts=changes)

    puts(monkeypatch, before=arrived)
    assert traffic.Switched(None, changed=True) == traffic.switch(store, STAND_IN)


def test_R5_who_is_outrun_each_time_says_so(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And does not go on for ever."""
    client = aws.client("cloudfront-keyvaluestore")

    def somebody_else() -> None:
        etag = client.describe_key_value_store(KvsARN=store)["ETag"]
        changes: Any = [{"Key": "other", "Value": etag}]
        client.update_keys(KvsARN=store, IfMatch=etag, Puts=changes)

    values = puts(monkeypatch, before=somebody_else)
    with pytest.raises(Told, match="changed by somebody else 5 times"):
        traffic.switch(store, STAND_IN)
    assert traffic.ATTEMPTS == len(values)


def test_R5_a_store_that_is_not_there_is_an_error(store: str) -> None:
    """And not a store without the key."""
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        traffic.active(store[:-4] + "0000")


def test_R5_requests_are_signed_for_every_region(store: str) -> None:
    """Version 4A, with no region in the scope; the embedded AWS has verified the signature against the key."""
    seen: list[str] = []

    def look(request: Any, **_: Any) -> None:
        seen.append(request.headers["Authorization"].decode())

    aws.client("cloudfront-keyvaluestore").meta.events.register("before-send", look)
    traffic.switch(store, STAND_IN)
    assert {"AWS4-ECDSA-P256-SHA256"} == {each.partition(" ")[0] for each in seen}
    assert all("/cloudfront-keyvaluestore/aws4_request" in each and STAND_IN not in each for each in seen)


def test_T7_without_the_signing_layer_the_client_says_what_is_missing(store: str) -> None:
    """A function whose template forgot it fails with the name of what it lacks."""
    program = f"from failover import traffic; traffic.switch({store!r}, 'us-east-1')"
    block = "import sys; sys.modules['awscrt'] = None; " + program
    found = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True)
    assert "MissingDependencyException" in found.stderr
    assert "botocore[crt]" in found.stderr
