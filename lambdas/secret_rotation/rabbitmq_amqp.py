"""Logs in to RabbitMQ as services do: AMQP 0-9-1 by verified TLS."""

from __future__ import annotations

import logging
from typing import Final

import pika  # type: ignore[import-untyped]
from pika import exceptions
from pika.adapters.utils.connection_workflow import (  # type: ignore[import-untyped]
    AMQPConnectorStackTimeout,
)

from shared import clock, network_failures, trust
from shared.login import Login
from shared.told import Told

ANSWER_SECONDS: Final = 5.0
"""For a connection, and for each answer."""
WHOLE_SECONDS: Final = 10.0
"""From the name to the open connection."""
REFUSALS: Final = (exceptions.ProbableAuthenticationError, exceptions.AuthenticationError)

logging.getLogger("pika").setLevel(logging.CRITICAL)
"""It tells every failure itself, in many lines, before it raises; and frames with passwords when it tells all."""


class Refused(Told):
    """The broker does not take the password."""


def check(host: str, port: int, virtual_host: str, login: Login) -> None:
    """Open a connection and a channel at a virtual host. Raises Refused, or Told for whatever else is in the way."""
    where = f"RabbitMQ at {host}:{port}, virtual host {virtual_host},"
    parameters = pika.ConnectionParameters(
        host=host,
        port=port,
        virtual_host=virtual_host,
        credentials=pika.PlainCredentials(login.username, login.password),
        ssl_options=pika.SSLOptions(trust.public_and_bundle(), host),
        connection_attempts=1,
        socket_timeout=max(1.0, clock.real_seconds(ANSWER_SECONDS)),
        stack_timeout=max(2.0, clock.real_seconds(WHOLE_SECONDS)),
        blocked_connection_timeout=max(1.0, clock.real_seconds(ANSWER_SECONDS)),
    )
    try:
        connection = pika.BlockingConnection(parameters)
        try:
            connection.channel()
        finally:
            connection.close()
    except Exception as failure:  # noqa: BLE001 - pika's have no class in common; each is told
        causes = list(_chain(failure))
        if any(isinstance(cause, REFUSALS) for cause in causes):
            raise Refused(f"{where} refuses the password of {login.username}") from None
        raise Told(f"{where} {_why(causes, login.username)}") from None


def _why(causes: list[BaseException], username: str) -> str:
    for cause in causes:
        match cause:
            case exceptions.ProbableAccessDeniedError():
                return f"does not let {username} in"
            case AMQPConnectorStackTimeout():
                return "cannot be used: no answer in time"
            case _ if why := network_failures.why(cause):
                return f"cannot be used: {why}"
    return f"cannot be used: {type(causes[0]).__name__}"


def _chain(failure: BaseException) -> list[BaseException]:
    """The failure and what led to it; pika hides causes in arguments."""
    found = [failure]
    for each in found:
        inner = [*each.args, each.__cause__, each.__context__, getattr(each, "exception", None)]
        found += [cause for cause in inner if isinstance(cause, BaseException) and cause not in found]
    return found
