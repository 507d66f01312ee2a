"""Consumers of a RabbitMQ broker: messages to a quorum queue with confirms, and from it with acknowledgements."""

from __future__ import annotations

import ssl
import threading
from collections import Counter
from contextlib import suppress
from typing import Any, Final

import pika  # type: ignore[import-untyped]
from pika.exceptions import (  # type: ignore[import-untyped]
    AMQPError,
    AuthenticationError,
    ChannelClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from rehearsal.rotation.consumers.tally import Tally, caused_by
from rehearsal.rotation.consumers.work import Secret

PERSISTENT: Final = 2
ACCESS_REFUSED: Final = 403


class RabbitMQTask:
    """Publishes to its service's queue and consumes from it."""

    def __init__(self, works: RabbitMQWorks, service: str, number: int, secret: Secret) -> None:
        self._works, self._queue, self._secret = works, service, secret
        self._name = f"{service}/{number}"
        self._published = 0
        self._connection: Any = None
        self._channel: Any = None

    def open(self) -> None:
        """Log in; declare the queue, as the application does at each start."""
        self._connection = self._works.tally.login(lambda: self._works.connect(self._secret))
        self._channel = self._connection.channel()
        self._channel.confirm_delivery()
        self._works.declare(self._channel, self._queue)

    def operate(self) -> None:
        """Publish one and wait until the broker has it for good; consume one."""
        self._published += 1
        message = f"{self._name}/{self._published}"
        self._channel.basic_publish(
            "", self._queue, message.encode(), pika.BasicProperties(delivery_mode=PERSISTENT), mandatory=True
        )
        self._works.published(message)
        self._works.consume(self._channel, self._queue)

    def close(self) -> None:
        """Say good-bye, so that acknowledgements under way arrive."""
        if self._connection is not None:
            with suppress(AMQPError, OSError):
                self._connection.close()
            self._connection = None


class RabbitMQWorks:
    """The messages that are out, and those that came."""

    def __init__(self, authority: str) -> None:
        self._context = ssl.create_default_context(cafile=authority)
        self._lock = threading.Lock()
        self._out: Counter[str] = Counter()
        self._queues: set[str] = set()
        self.tally = Tally(self.is_refusal)

    def prepare(self, secret: Secret) -> None:
        """Nothing is needed."""

    def task(self, service: str, number: int, secret: Secret) -> RabbitMQTask:
        """Another task of a service."""
        self._queues.add(service)
        return RabbitMQTask(self, service, number, secret)

    def is_refusal(self, error: BaseException) -> bool:
        """ACCESS_REFUSED at login, at the virtual host or for a queue."""
        if caused_by(error, AuthenticationError, ProbableAuthenticationError, ProbableAccessDeniedError):
            return True
        return isinstance(error, ChannelClosedByBroker) and error.reply_code == ACCESS_REFUSED

    def audit(self, secret: Secret) -> list[str]:
        """Consume the rest; every message has to have come once."""
        connection = self.connect(secret)
        channel = connection.channel()
        for queue in sorted(self._queues):
            while self.consume(channel, queue):
                pass
        connection.close()
        return [
            f"message {message} was {'not consumed' if number > 0 else f'consumed {1 - number} times'}"
            for message, number in sorted(self._out.items())
            if number
        ]

    def connect(self, secret: Secret) -> Any:  # noqa: ANN401 - pika's adapter
        """A connection by AMQPS."""
        return pika.BlockingConnection(
            pika.ConnectionParameters(
                secret["host"],
                int(secret["port"]),
                secret.get("virtualHost", "/"),
                pika.PlainCredentials(secret["username"], secret["password"], erase_on_connect=True),
                ssl_options=pika.SSLOptions(self._context, secret["host"]),
                blocked_connection_timeout=10.0,
                socket_timeout=10.0,
                stack_timeout=20.0,
            )
        )

    def declare(self, channel: Any, queue: str) -> None:  # noqa: ANN401
        """The service's queue, if it is not there."""
        channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})

    def published(self, message: str) -> None:
        """The broker has a message for good. Whoever consumed it may have been faster."""
        self._count(message, 1)

    def consume(self, channel: Any, queue: str) -> bool:  # noqa: ANN401
        """Take one message, and acknowledge it; whether there was one."""
        method, _, body = channel.basic_get(queue)
        if method is None:
            return False
        channel.basic_ack(method.delivery_tag)
        self._count(body.decode(), -1)
        return True

    def _count(self, message: str, number: int) -> None:
        with self._lock:
            self._out[message] += number
            if not self._out[message]:
                del self._out[message]
