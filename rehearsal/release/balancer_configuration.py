"""HAProxy's configuration, such that everything that changes in a release changes without a new one.

- Which rule a request meets is looked up in a map of patterns, host and path together.
- Which target group it goes to is looked up in a second map, by the rule and a die: as with an ALB, the choice is made
  for each request, not for each connection. Both maps are replaced whole, in one step, while it works.
- Each target group has places for tasks. A task takes a place; it starts as not healthy, and the checks decide.
- A target group whose targets are all unhealthy sends to all of them, as an ALB does (ELB User Guide, target group
  health: "fail open"): a second backend with the same places, unchecked, used while the first has none to offer.

A place is used by one task alone, so each line of the log names the task that answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rehearsal.clock import Clock
from rehearsal.release.routing_table import RoutingTable, TargetGroup

PLACES: Final = 40
"""Tasks that a target group may have had in one rehearsal."""

SHORTEST_CHECK_SECONDS: Final = 0.5
"""Real: a check's time-out is not scaled below that, or a busy machine would look like a sick task."""

NONE: Final = "none"
OPEN: Final = "-open"

LOG_FORMAT: Final = "request %b %s %ST %Tr %Ta %tsc"
"""A word that tells requests from HAProxy's own news, backend, server, status, milliseconds to the response's first byte
(-1: there was none), milliseconds in all, how it ended."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task stands: its place's number, address, and whether it is on its way out."""

    number: int
    port: int
    draining: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Files and ports."""

    folder: Path
    ports: Mapping[int, int]
    """Port of a listener to port on loopback."""
    certificate: Path
    log_socket: Path

    def rules_map(self, port: int) -> Path:
        """Patterns to rules."""
        return self.folder / f"rules-{port}.map"

    @property
    def split_map(self) -> Path:
        """Rule and side of the die to backend."""
        return self.folder / "split.map"


def configuration(
    layout: Layout,
    table: RoutingTable,
    names: Mapping[str, str],
    places: Mapping[str, list[Place]],
    clock: Clock,
    socket: Path,
) -> str:
    """The whole file; `names` has the backend's name for each target group."""
    parts = [_globals(layout, socket)]
    parts += [_frontend(layout, port, local) for port, local in layout.ports.items()]
    for group in table.target_groups:
        parts.append(_backend(names[group.arn], group, places.get(group.arn, []), clock))
    return "\n".join(parts)


def _globals(layout: Layout, socket: Path) -> str:
    return f"""global
    nbthread 1
    maxconn 4000
    log {layout.log_socket} len 400 format raw local0
    stats socket {socket} mode 600 level admin expose-fd listeners
    stats timeout 10m
    tune.ssl.default-dh-param 2048

defaults
    mode http
    log global
    log-format "{LOG_FORMAT}"
    # As an ALB: nothing is sent a second time, and idle connections last.
    retries 0
    timeout connect 3s
    timeout client 60s
    timeout server 60s
    timeout http-keep-alive 300s
    timeout http-request 60s
"""


def _frontend(layout: Layout, port: int, local: int) -> str:
    return f"""frontend port{port}
    bind 127.0.0.1:{local} ssl crt {layout.certificate} alpn http/1.1
    http-request set-var(txn.host) req.hdr(host),host_only,lower
    http-request set-var(txn.path) path
    http-request set-var(txn.asked) var(txn.host),concat(,txn.path,)
    http-request set-var(txn.rule) var(txn.asked),map_reg({layout.rules_map(port)},{NONE})
    http-request set-var(txn.die) rand(100)
    http-request set-var(txn.group) var(txn.rule),concat(/,txn.die,),map_str({layout.split_map},{NONE})
    http-request return status 404 content-type text/plain string "Not found" if {{ var(txn.rule) -m str {NONE} }}
    http-request return status 503 content-type text/plain string "No target" if {{ var(txn.group) -m str {NONE} }}
    http-after-response set-header x-target "%[var(txn.group)]/%s"
    use_backend %[var(txn.group)]{OPEN} unless {{ var(txn.group),nbsrv -m int gt 0 }}
    use_backend %[var(txn.group)]
"""


def _backend(name: str, group: TargetGroup, places: list[Place], clock: Clock) -> str:
    check = group.health_check
    interval = max(int(1000 * clock.real_seconds(check.interval_seconds)), 50)
    timeout = int(1000 * max(clock.real_seconds(check.timeout_seconds), SHORTEST_CHECK_SECONDS))
    taken = {place.number: place for place in places}
    checked = f"check inter {interval}ms rise {check.healthy_threshold} fall {check.unhealthy_threshold}"
    lines = [
        f"backend {name}",
        "    balance roundrobin",
        f"    timeout check {timeout}ms",
        f"    option httpchk GET {check.path}",
        f"    http-check expect status {check.matcher}",
        *(_server(taken.get(number), number, checked) for number in range(PLACES)),
        "",
        f"backend {name}{OPEN}",
        "    balance roundrobin",
        *(_server(taken.get(number), number, "") for number in range(PLACES)),
        "",
    ]
    return "\n".join(lines)


def _server(place: Place | None, number: int, checked: str) -> str:
    if place is None or place.draining:
        return f"    server s{number} 127.0.0.1:{place.port if place else 9} {checked} disabled"
    return f"    server s{number} 127.0.0.1:{place.port} {checked}"
