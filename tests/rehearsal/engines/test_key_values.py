"""CloudFront's key-value stores: made by a stack, changed under their ETag, by whoever signs for every region."""

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from botocore.exceptions import ClientError

from rehearsal.embedded_aws import access_key
from tests.rehearsal.under_test import ACCOUNT, EDGE_REGION, Emulator, Stack

ROLE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


# AWS's client puts the account before the endpoint's name.
pytestmark = pytest.mark.usefixtures("accounts_resolve")


@pytest.fixture
def store(emulator: Emulator, stack: Stack) -> str:
    """The ARN of a store that a stack has made."""
    resource = {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": stack.name, "Comment": "routing"}}
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Store", "Arn"]}}}
    return Stack(emulator, stack.name, EDGE_REGION).deploy({"Store": resource}, Outputs=outputs)["Arn"]


def client(emulator: Emulator, key: str = access_key(ACCOUNT), secret: str = "rehearsal", token: str = "") -> Any:
    """A client of the stores' own API."""
    return boto3.client(
        "cloudfront-keyvaluestore",
        region_name=EDGE_REGION,
        endpoint_url=emulator.endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token or None,
    )


def code(failure: pytest.ExceptionInfo[ClientError]) -> str:
    """AWS's name of a refusal."""
    return str(failure.value.response["Error"]["Code"])


def test_keys_are_changed_under_the_newest_etag(emulator: Emulator, store: str) -> None:
    """A key is put, read and replaced; who has an old ETag is refused, and nothing changes."""
    stores = client(emulator)
    first = stores.describe_key_value_store(KvsARN=store)
    assert (store, 0) == (first["KvsARN"], first["ItemCount"])
    newer = stores.put_key(KvsARN=store, Key="active", Value="us-east-1", IfMatch=first["ETag"])["ETag"]
    assert "us-east-1" == stores.get_key(KvsARN=store, Key="active")["Value"]
    with pytest.raises(ClientError) as conflict:
        stores.put_key(KvsARN=store, Key="active", Value="us-west-2", IfMatch=first["ETag"])
    assert "ConflictException" == code(conflict)
    stores.update_keys(KvsARN=store, IfMatch=newer, Puts=[{"Key": "a", "Value": "1"}], Deletes=[{"Key": "active"}])
    assert [{"Key": "a", "Value": "1"}] == stores.list_keys(KvsARN=store)["Items"]
    with pytest.raises(ClientError) as gone:
        stores.get_key(KvsARN=store, Key="active")
    assert "ResourceNotFoundException" == code(gone)


def test_a_wrong_secret_signs_for_nobody(emulator: Emulator, store: str) -> None:
    """The key pair is another one, so the signature does not fit."""
    with pytest.raises(ClientError) as refused:
        client(emulator, secret="guessed").list_keys(KvsARN=store)
    assert "InvalidSignatureException" == code(refused)
    assert "does not match" in str(refused.value)


def test_a_role_signs_with_its_token(emulator: Emulator, store: str, stack: Stack) -> None:
    """As every function does; without the token its key is worth nothing."""
    emulator.client("iam").create_role(RoleName=stack.name, AssumeRolePolicyDocument=json.dumps(ROLE))
    arn = emulator.client("iam").get_role(RoleName=stack.name)["Role"]["Arn"]
    lent = emulator.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    key, secret, token = lent["AccessKeyId"], lent["SecretAccessKey"], lent["SessionToken"]
    assert [] == client(emulator, key, secret, token).list_keys(KvsARN=store)["Items"]
    with pytest.raises(ClientError) as refused:
        client(emulator, key, secret).list_keys(KvsARN=store)
    assert "InvalidSignatureException" == code(refused)


def test_a_request_signed_for_one_region_is_refused(emulator: Emulator, store: str) -> None:
    """Nobody falls back to version 4, or to none."""
    request = urllib.request.Request(f"{emulator.endpoint}/key-value-stores/{quote(store, safe='')}")
    with pytest.raises(urllib.error.HTTPError) as unsigned:
        urllib.request.urlopen(request, timeout=30)
    assert (403, "InvalidSignatureException") == (unsigned.value.code, unsigned.value.headers["x-amzn-ErrorType"])
