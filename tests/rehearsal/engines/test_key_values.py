"""CloudFront's key-value stores: made by a stack, changed under their ETag."""

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

import pytest

from tests.rehearsal.under_test import EDGE_REGION, Emulator, Stack


def ask(
    emulator: Emulator, method: str, arn: str, path: str = "", *, etag: str = "", body: Any = None
) -> tuple[Any, str]:
    """Return the answer of CloudFront KeyValueStore's API, and the ETag.

    By hand: AWS wants SigV4A there, which botocore signs with a further library, and asks a host named by the account.
    """
    request = urllib.request.Request(
        f"{emulator.endpoint}/key-value-stores/{quote(arn, safe='')}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"If-Match": etag},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer), answer.headers["ETag"]


def refusal(failure: pytest.ExceptionInfo[urllib.error.HTTPError]) -> str:
    """Return AWS's name of a refusal."""
    return str(failure.value.headers["x-amzn-ErrorType"])


def test_keys_are_changed_under_the_newest_etag(emulator: Emulator, stack: Stack) -> None:
    """A key is put, read and replaced; who has an old ETag is refused, and nothing changes."""
    store = {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": stack.name, "Comment": "routing"}}
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Store", "Arn"]}}}
    arn = Stack(emulator, stack.name, EDGE_REGION).deploy({"Store": store}, Outputs=outputs)["Arn"]
    first, etag = ask(emulator, "GET", arn)
    assert (arn, 0) == (first["KvsARN"], first["ItemCount"])
    _, newer = ask(emulator, "PUT", arn, "/keys/active", etag=etag, body={"Value": "us-east-1"})
    assert "us-east-1" == ask(emulator, "GET", arn, "/keys/active")[0]["Value"]
    with pytest.raises(urllib.error.HTTPError) as conflict:
        ask(emulator, "PUT", arn, "/keys/active", etag=etag, body={"Value": "us-west-2"})
    assert "ConflictException" == refusal(conflict)
    changes = {"Puts": [{"Key": "a", "Value": "1"}], "Deletes": [{"Key": "active"}]}
    ask(emulator, "POST", arn, "/keys", etag=newer, body=changes)
    assert [{"Key": "a", "Value": "1"}] == ask(emulator, "GET", arn, "/keys")[0]["Items"]
    with pytest.raises(urllib.error.HTTPError) as gone:
        ask(emulator, "GET", arn, "/keys/active")
    assert "ResourceNotFoundException" == refusal(gone)
