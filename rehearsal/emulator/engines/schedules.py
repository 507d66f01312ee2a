"""EventBridge's schedules, of rules and of the Scheduler: at a rate, while the rehearsal is played.

Of those by calendar (`cron`, `at`) nothing is called: a rehearsal is over before a day is.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.events.models import events_backends
from moto.scheduler.models import scheduler_backends

from rehearsal.emulator.engines import reach
from rehearsal.emulator.engines.setting import LOG, SETTING
from rehearsal.emulator.engines.targets import deliver

LOOK_SECONDS = 1.0
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
UNITS = {"minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Schedule:
    """Targets that are called every `seconds`."""

    arn: str
    account: str
    region: str
    seconds: float
    targets: tuple[Mapping[str, Any], ...]

    def first(self, now: float) -> float:
        """Return when it is due for the first time: it has been going on all along, each schedule with a phase of its own."""
        phase = zlib.crc32(self.arn.encode()) % 1000 / 1000 * self.seconds
        return now + (phase - now) % self.seconds


def keep_calling() -> None:
    """Call what is due, for ever; does nothing while the emulator is not played."""
    due: dict[tuple[str, float], float] = {}
    while True:
        SETTING.clock.sleep(LOOK_SECONDS if SETTING.played else 1)
        if not SETTING.played:
            continue
        now = SETTING.clock.epoch()
        for schedule in all_schedules():
            key = schedule.arn, schedule.seconds
            moment = due.setdefault(key, schedule.first(now))
            if now >= moment:
                # What a dark region has missed is not made up for.
                due[key] = moment + schedule.seconds * (1 + (now - moment) // schedule.seconds)
                if not reach.dark(schedule.region):
                    _call(schedule)


def _call(schedule: Schedule) -> None:
    for target in schedule.targets:
        try:
            deliver(target, _event(schedule), account=schedule.account, region=schedule.region)
        except Exception:  # noqa: BLE001  # one target's fault must not end all schedules
            LOG.exception("%s could not call %s", schedule.arn, target.get("Arn"))


def _event(schedule: Schedule) -> dict[str, Any]:
    return {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": schedule.account,
        "time": SETTING.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": schedule.region,
        "resources": [schedule.arn],
        "detail": {},
    }


def all_schedules() -> Iterator[Schedule]:
    """Return every schedule that goes on at a rate."""
    for account, regions in list(events_backends.items()):
        for region, bus in list(regions.items()):
            for rule in list(bus.event_buses["default"].rules.values()):
                seconds = _seconds(rule.scheduled_expression or "")
                if rule.state == "ENABLED" and seconds:
                    yield Schedule(rule.arn, account, region, seconds, tuple(rule.targets))
    for account, backends in list(scheduler_backends.items()):
        for region, backend in list(backends.items()):
            for group in list(backend.schedule_groups.values()):
                for one in list(group.schedules.values()):
                    seconds = _seconds(one.schedule_expression)
                    if one.state == "ENABLED" and seconds:
                        yield Schedule(one.arn, account, region, seconds, (one.target,))


def _seconds(expression: str) -> float | None:
    rate = RATE.fullmatch(expression.strip())
    return float(int(rate[1]) * UNITS[rate[2]]) if rate else None
