"""What is told of a failure quotes nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from shared.attempt import attempt
from shared.told import Told


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Told("The server is down"), "The server is down"),
        (ValueError("very-secret"), "Unforeseen failure: ValueError. Its place is in the log of the function"),
        (
            ClientError({"Error": {"Code": "ValidationException", "Message": "Value 'very-secret'"}}, "PutSecretValue"),
            "Unforeseen failure: PutSecretValue: ValidationException. Its place is in the log of the function",
        ),
        (
            ClientError({"Error": {"Code": "AccessDeniedException", "Message": "x may not y"}}, "ListTasks"),
            "Unforeseen failure: ListTasks: AccessDeniedException: x may not y. Its place is in the log of the function",
        ),
        (
            EndpointConnectionError(endpoint_url="https://very-secret"),
            "Unforeseen failure: EndpointConnectionError. Its place is in the log of the function",
        ),
    ],
)
def test_each_kind(failure: Exception, said: str, caplog: pytest.LogCaptureFixture) -> None:
    """A sentence of ours as it is; of anything else the kind, and of AWS what only names things."""

    def fails() -> None:
        raise failure

    assert said == attempt(fails, {"secret_id": "x"}).failure
    logged = [vars(record) for record in caplog.records]
    assert 1 == len(logged)
    assert "very-secret" not in str(logged)
    assert all(record["exc_info"] is None for record in logged)


SLOW = {"pg8000", "redis", "pika", "boto3", "botocore.session"}
"""To import."""


@pytest.mark.parametrize("module", ["secret_rotation.handler", "secret_rotation.watch"])
def test_an_entry_imports_no_driver(module: str) -> None:
    """Nor what talks to AWS: a function starts before it knows what it is asked for."""
    names = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", names], capture_output=True, text=True, check=True).stdout.split()
    assert set() == SLOW & set(loaded)


@pytest.mark.parametrize(
    ("engine", "kind", "driver"),
    [
        ("postgresql", "application", "pg8000"),
        ("redis", "application", "redis"),
        ("rabbitmq", "administrator", "pika"),
        ("generated", "generated", None),
    ],
)
def test_an_engine_imports_its_own_driver_at_the_most(engine: str, kind: str, driver: str | None) -> None:
    """Each one's import takes longer than the rotation's own."""
    program = f"""
import sys
from secret_rotation.engines import values_for
from secret_rotation.settings import Secret, Settings
secret = Secret("arn", "name", {kind!r})
values_for(Settings({engine!r}, "shop", "shop", "arn", [secret], host="server.internal", port=1), secret)
print(*sys.modules)
"""
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert ({driver} if driver else set()) >= SLOW & set(loaded)
