"""Making a broker consist of what another one does. Adds and changes; what the other has not is left as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from broker_mirror.models import VirtualHost
from broker_mirror.reading import virtual_host
from shared.rabbitmq_management import Management

ALL: Final = {"configure": ".*", "write": ".*", "read": ".*"}


def write(management: Management, wanted: Mapping[str, VirtualHost]) -> list[str]:
    """Add what is missing; sentences about what stands in the way. Again is fine. Raises Told."""
    there = {each["name"] for each in management.get("vhosts") or []}
    users = {each["name"] for each in management.get("users") or []}
    problems: list[str] = []
    for name, host in wanted.items():
        if name not in there:
            management.put("vhosts", name, body={})
        # Whoever made a virtual host may not look into it without a permission.
        if management.get("permissions", name, management.login.username) is None:
            management.put("permissions", name, management.login.username, body=ALL)
        problems += _fill(management, name, host, users)
    return problems


def _fill(management: Management, name: str, wanted: VirtualHost, users: set[str]) -> Iterator[str]:
    there = virtual_host(management, name)
    missing: dict[str, list[dict[str, Any]]] = {}
    for kind in ("queues", "exchanges"):
        known = {each["name"]: each for each in getattr(there, kind)}
        for each in getattr(wanted, kind):
            if each["name"] not in known:
                missing.setdefault(kind, []).append(each)
            elif known[each["name"]] != each:
                yield (
                    f"{kind.removesuffix('s')} {each['name']} of {name} is another one here, and RabbitMQ changes none: "
                    f"delete it in the waiting region, where nobody uses it"
                )
    for kind in ("bindings", "policies"):
        if changed := [each for each in getattr(wanted, kind) if each not in getattr(there, kind)]:
            missing[kind] = changed
    if missing:
        management.post("definitions", name, body=missing)
    for each in wanted.permissions:
        # The users of both brokers are named alike, and each broker has those that its own rotation made.
        if each["user"] in users and each["user"] != management.login.username and each not in there.permissions:
            rights = {kind: each[kind] for kind in ALL}
            management.put("permissions", name, each["user"], body=rights)
