"""Events of the engines, and the rules that they match."""

import uuid
from typing import Any

from moto.events.models import events_backends

from rehearsal.emulator.engines.setting import SETTING
from rehearsal.emulator.engines.targets import deliver


def publish(
    *, account: str, region: str, source: str, detail_type: str, detail: dict[str, Any], resources: list[str]
) -> None:
    """Send an event of an AWS service to the default bus. Nothing happens in an emulator that is not played."""
    if not SETTING.played:
        return
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": SETTING.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": resources,
        "detail": detail,
    }
    bus = events_backends[account][region].event_buses["default"]
    for rule in list(bus.rules.values()):
        if rule.state != "ENABLED" or rule.scheduled_expression or not rule.event_pattern.get_pattern():
            continue
        if rule.event_pattern.matches_event(event):  # type: ignore[arg-type]  # it reads any mapping
            for target in list(rule.targets):
                deliver(target, event, account=account, region=region, name=str(event["id"]))
