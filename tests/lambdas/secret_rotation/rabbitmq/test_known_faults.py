"""Known faults of rotation functions, put into the engine of RabbitMQ."""

from __future__ import annotations

import pytest
from rotation.broker import Made
from rotation.faults.fault import Fault, judge
from rotation.faults.of_rabbitmq import OF_RABBITMQ, BrokerScene

from rehearsal.servers.rabbitmq import RabbitMQ as Broker


@pytest.mark.parametrize("fault", OF_RABBITMQ, ids=str)
def test_of_rabbitmq(
    fault: Fault[BrokerScene], broker: Broker, engine_of: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a real broker."""
    judge(fault, BrokerScene(broker, engine_of), monkeypatch)
