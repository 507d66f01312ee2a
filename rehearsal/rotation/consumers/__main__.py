"""The consumers' process: an order per line of its input, an answer per line of its output. Ends with its input.

Secrets come by the input alone: a command line, or a variable, could be read by others.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any, Final

from rehearsal.rotation.consumers.consumer import Consumer
from rehearsal.rotation.consumers.tally import named
from rehearsal.rotation.consumers.work import Works
from rehearsal.rotation.plan import EngineName

ANSWERS: Final = sys.stdout


class Crew:
    """All consumers, by their names."""

    def __init__(self, engine: EngineName, authority: str) -> None:
        self._works = _works(engine, authority)
        self._consumers: dict[str, Consumer] = {}

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what a line says; its answer."""
        match order["do"]:
            case "prepare":
                self._works.prepare(order["secret"])
                return {}
            case "start":
                name = f"{order['service']}/{order['number']}"
                task = self._works.task(order["service"], order["number"], order["secret"])
                self._consumers[name] = Consumer(name, task, self._works.tally)
                return {"healthy": self._consumers[name].is_healthy()}
            case "stop":
                return {"stopped": self._consumers.pop(f"{order['service']}/{order['number']}").stop()}
            case "audit":
                return {"lost": self._works.audit(order["secret"])}
            case _:
                return dict(self._works.tally.counts())


def _works(engine: EngineName, authority: str) -> Works:
    """Importing only the driver that is needed."""
    match engine:
        case "postgresql":
            from rehearsal.rotation.consumers.postgresql import PostgreSQLWorks  # noqa: PLC0415

            return PostgreSQLWorks(authority)
        case "redis":
            from rehearsal.rotation.consumers.redis import RedisWorks  # noqa: PLC0415

            return RedisWorks(authority)
        case "rabbitmq":
            from rehearsal.rotation.consumers.rabbitmq import RabbitMQWorks  # noqa: PLC0415

            return RabbitMQWorks(authority)


def main() -> None:
    """Obey until the input ends."""
    # Drivers print to nowhere else than the log: the output is for answers.
    sys.stdout = sys.stderr
    logging.basicConfig(level=logging.WARNING)
    crew: Crew | None = None
    for line in sys.stdin:
        order = json.loads(line)
        try:
            if crew is None:
                crew, answer = Crew(order["engine"], order["authority"]), {}
            else:
                answer = crew.obey(order)
        except Exception as error:
            logging.getLogger(__name__).exception("an order failed")
            answer = {"error": named(error)}
        ANSWERS.write(json.dumps(answer) + "\n")
        ANSWERS.flush()


if __name__ == "__main__":
    main()
