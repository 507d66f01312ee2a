"""What a broker consists of: only what is durable, and belongs to the application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from broker_mirror.models import VirtualHost
from shared.rabbitmq_management import Management
from shared.told import Told

BROKERS_OWN: Final = "AWS-OWNED-DO-NOT-DELETE"
"""How names of policies end that Amazon MQ keeps in every broker (Amazon MQ Developer Guide, policies)."""
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "queues": ("name", "durable", "auto_delete", "arguments"),
    "exchanges": ("name", "type", "durable", "auto_delete", "internal", "arguments"),
    "bindings": ("source", "destination", "destination_type", "routing_key", "arguments"),
    "policies": ("name", "pattern", "apply-to", "definition", "priority"),
    "permissions": ("user", "configure", "write", "read"),
}
"""What there is to say of each; what else a broker adds is about itself."""


def virtual_hosts(management: Management) -> dict[str, VirtualHost]:
    """Those of the broker. Raises Told. No user, and so no password's hash, is asked for."""
    listed = management.get("vhosts")
    if listed is None:
        raise Told("The broker lists no virtual hosts")
    return {each["name"]: virtual_host(management, each["name"]) for each in listed}


def virtual_host(management: Management, name: str) -> VirtualHost:
    """What `name` consists of."""
    defined = management.get("definitions", name)
    if defined is None:
        raise Told(f"The virtual host {name} is gone; what is there is read again in a minute")
    permissions = management.get("vhosts", name, "permissions") or []
    found = {**defined, "permissions": permissions}
    return VirtualHost(**{kind: _said(kind, found.get(kind, [])) for kind in WORDS})


def _said(kind: str, described: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = [
        {word: each[word] for word in WORDS[kind] if word in each}
        for each in described
        if each.get("durable", True) and not each.get("auto_delete") and not str(each.get("name")).endswith(BROKERS_OWN)
    ]
    return sorted(kept, key=str)
