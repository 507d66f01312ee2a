"""Tables of recovery in moto, in as many regions as wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from moto import mock_aws

from shared import aws


@contextmanager
def recovery_tables(name: str, regions: Sequence[str]) -> Iterator[None]:
    """One of the same name in each; the process is in the first of `regions`."""
    variables = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": regions[0]}
    with patch.dict("os.environ", variables), mock_aws():
        aws.forget_clients()
        for region in regions:
            aws.client("dynamodb", region).create_table(
                TableName=name,
                AttributeDefinitions=[{"AttributeName": "item", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "item", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )
        yield
    aws.forget_clients()
