"""Has a rotation function make every login of a secret but the current one invalid."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Literal

from secret_refresh.models import Secret
from shared import clock
from shared.aws import is_error, patient
from shared.ledger import Ledger

ANSWER_SECONDS: Final = 240
"""For the rotation function, which has to reach a server or wait for ElastiCache."""
AGAIN_SECONDS: Final = 900
"""In a quarter of an hour that saw it fail it is not asked for again: looks at deployments come every few seconds."""
ABOUT: Final = "secret-refresh"
"""Under which the ledger keeps what is about secrets."""
BUSY: Final = ("TooManyRequestsException", "ResourceConflictException", "ServiceException", "EC2ThrottledException")
"""Lambda could not run the function now (API Reference, Invoke)."""
TOLD: Final = ("Told",)
"""Exceptions of rotation functions whose text holds nothing secret (shared.told)."""


@dataclass(frozen=True, slots=True)
class Retirement:
    """What the rotation function answered."""

    state: Literal["done", "waiting", "failed"]
    because: str = ""


def done(secret: Secret, since: float, ledger: Ledger) -> bool:
    """Whether nothing is left to do for the version that is current since the epoch second `since`."""
    return ledger.read(ABOUT, _entry(secret, since)) is not None


def retire(secret: Secret, since: float, ledger: Ledger) -> Retirement:
    """Ask for it, unless it has just failed, and remember what came of it. Again is fine.

    The copy of another region's secret has no function to ask: there old logins end, and here its tasks have moved.
    """
    failure = f"not-{_entry(secret, since)}#{clock.epoch() // AGAIN_SECONDS:.0f}"
    if (known := ledger.read(ABOUT, failure)) is not None:
        return Retirement("failed", str(known["because"]))
    answer = _ask(secret.arn, secret.function) if secret.function else Retirement("done")
    if answer.state == "done":
        ledger.put_once(ABOUT, _entry(secret, since), {"secret": secret.name})
    elif answer.state == "failed":
        ledger.put_once(ABOUT, failure, {"because": answer.because})
    return answer


def _ask(secret_arn: str, function_arn: str) -> Retirement:
    payload = json.dumps({"Step": "retire", "SecretId": secret_arn})
    try:
        answer = patient("lambda", ANSWER_SECONDS).invoke(
            FunctionName=function_arn, InvocationType="RequestResponse", Payload=payload
        )
        said = json.loads(answer["Payload"].read() or "null")
    except Exception as failure:
        if is_error(failure, *BUSY) or type(failure).__name__ == "ReadTimeoutError":
            return Retirement("waiting", f"its rotation function has no time: {type(failure).__name__}")
        raise
    if "FunctionError" in answer:
        return Retirement("failed", _error(said))
    status = said.get("status") if isinstance(said, dict) else None
    because = str(said.get("because") or "it gave no reason") if isinstance(said, dict) else ""
    if status == "SUCCEEDED":
        return Retirement("done")
    if status == "WAITING":
        return Retirement("waiting", because)
    return Retirement("failed", because or "its rotation function gave no answer")


def _entry(secret: Secret, since: float) -> str:
    return f"retired#{secret.arn}#{since:.3f}"


def _error(said: Any) -> str:  # noqa: ANN401 - what Lambda makes of an exception
    """The text of our own exceptions is meant for people; that of others may hold anything."""
    error = said if isinstance(said, dict) else {}
    kind, text = str(error.get("errorType") or "an error"), str(error.get("errorMessage") or "")
    return text if kind in TOLD and text else f"its rotation function ended with {kind}, and its log has the rest"
