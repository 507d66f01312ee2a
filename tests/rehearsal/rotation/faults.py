"""Rotation functions with a fault each: the project's own, spoiled. The rehearsal has to notice."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from secret_rotation import engines
from secret_rotation.handler import handler
from secret_rotation.settings import settings
from secret_rotation.steps import Rotation
from secret_rotation.values import LoginValues
from shared import refreshes
from shared.aws import client

Event = Mapping[str, Any]


def prints_the_password(event: Event, context: object) -> object:
    """As someone might who looks for a mistake, and forgets about it."""
    answer = handler(event, context)
    if event.get("Step") == "setSecret":
        print("new login:", json.dumps(_value(event, "AWSPENDING")))  # noqa: T201
    return answer


def quotes_the_password(event: Event, context: object) -> object:
    """A failure that tells what it was given."""
    if event.get("Step") == "testSecret":
        raise ValueError(f"cannot log in with {_value(event, 'AWSPENDING')['password']}")
    return handler(event, context)


def retires_at_once(event: Event, context: object) -> object:
    """The old login goes with the rotation's end, as in AWS's own single-user functions."""
    answer = handler(event, context)
    if event.get("Step") == "finishSecret" and _is_application(event):
        _values(event).retire(_value(event, "AWSCURRENT"))
    return answer


def never_retires(event: Event, context: object) -> object:
    """Says that it has, and has not."""
    LoginValues.retire = lambda *_: None  # type: ignore[method-assign]
    return handler(event, context)


def overwrites_the_current_user(event: Event, context: object) -> object:
    """As a single user's rotation has to, without anybody having asked for it."""
    from secret_rotation.postgresql import PostgreSQL

    setattr(PostgreSQL, "_single", property(lambda _: True))  # noqa: B010 - mypy sees an assignment as a mistake, too
    return handler(event, context)


def does_not_wait_for_consumers(event: Event, context: object) -> object:
    """Begins a rotation, whoever still holds an older login."""
    Rotation._wait_for_consumers = lambda *_: None  # type: ignore[method-assign]
    return handler(event, context)


def loses_work(event: Event, context: object) -> object:
    """Deletes what a consumer has counted."""
    answer = handler(event, context)
    if event.get("Step") == "finishSecret":
        from redis.cluster import RedisCluster

        value = _value(event, "AWSCURRENT")
        login = {name: value[name] for name in ("host", "port", "username", "password")}
        RedisCluster(**login, ssl=True, ssl_ca_certs=os.environ["CA_BUNDLE"]).delete("{a}:consumer-1")
    return answer


def does_not_refresh(event: Event, context: object) -> object:
    """Nobody is told that there is a new version."""
    refreshes.start = lambda *_: None
    return handler(event, context)


def _value(event: Event, label: str) -> dict[str, Any]:
    answer = client("secretsmanager").get_secret_value(SecretId=event["SecretId"], VersionStage=label)
    value: dict[str, Any] = json.loads(answer["SecretString"])
    return value


def _values(event: Event) -> Any:
    secret = settings().secret(event["SecretId"])
    assert secret is not None
    return engines.values_for(settings(), secret)


def _is_application(event: Event) -> bool:
    secret = settings().secret(event["SecretId"])
    return secret is not None and secret.kind == "application"
