"""Amazon MQ: brokers under addresses of their own."""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.mq.responses import MQResponse

from rehearsal.emulator.supplied.shelf import supply

NAMELESS = "mockmq"
_create_of_moto = MQResponse.create_broker


def create_broker(self: MQResponse) -> ActionResult:
    """Let moto make the broker, then give it the address that it would have in its region."""
    result = _create_of_moto(self)
    answered: Any = result.result
    broker: Any = self.mq_backend.describe_broker(answered["brokerId"])
    address = f"{broker.id}.mq.{self.region}.amazonaws.com"
    broker.instances = json.loads(json.dumps(broker.instances).replace(NAMELESS, address))
    return result


def install() -> None:
    """Answer these operations from now on."""
    supply(MQResponse, create_broker=create_broker)
