"""What a user of RabbitMQ may do, and how another one gets the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.rabbitmq_management import Management

NO_TAGS: Final = ""
EVERYTHING: Final = {"configure": ".*", "write": ".*", "read": ".*"}
PERMISSIONS: Final = ("configure", "write", "read")
TOPIC_PERMISSIONS: Final = ("exchange", "write", "read")


@dataclass(frozen=True, slots=True)
class User:
    """A user as the broker keeps it."""

    has_password: bool
    tags: str
    """Separated by commas, as every version takes them."""


def user(management: Management, name: str) -> User | None:
    """The user; None if there is none."""
    found = management.get("users", name)
    return None if found is None else User(bool(found.get("password_hash")), tags_of(found))


def tags_of(answer: Mapping[str, Any]) -> str:
    """The tags in a description of a user: a list since RabbitMQ 3.9, before that a text."""
    tags = answer.get("tags") or ""
    return tags if isinstance(tags, str) else ",".join(tags)


def virtual_hosts(management: Management, name: str) -> list[str]:
    """Where the user has permissions."""
    return sorted(_permissions(management, name))


def allow(management: Management, name: str, virtual_host: str) -> None:
    """Give the user every right on a virtual host, if it has none there."""
    if virtual_host not in _permissions(management, name):
        management.put("permissions", virtual_host, name, body=EVERYTHING)


def copy(management: Management, source: str, target: str) -> None:
    """Give `target` the permissions, topic permissions and limits of `source`, and no others. Changes what differs."""
    _copy_permissions(management, source, target)
    _copy_topic_permissions(management, source, target)
    _copy_limits(management, source, target)


def _copy_permissions(management: Management, source: str, target: str) -> None:
    wanted, there = _permissions(management, source), _permissions(management, target)
    for host in wanted:
        if there.get(host) != wanted[host]:
            management.put("permissions", host, target, body=wanted[host])
    for host in there.keys() - wanted.keys():
        management.delete("permissions", host, target)


def _copy_topic_permissions(management: Management, source: str, target: str) -> None:
    """For each topic exchange of each virtual host; they are deleted for all exchanges of one at once."""
    wanted, there = _topic_permissions(management, source), _topic_permissions(management, target)
    for host in sorted(there.keys() | wanted.keys()):
        now, then = there.get(host, {}), wanted.get(host, {})
        if now.keys() - then.keys():
            management.delete("topic-permissions", host, target)
            now = {}
        for exchange, permission in then.items():
            if now.get(exchange) != permission:
                management.put("topic-permissions", host, target, body=permission)


def _copy_limits(management: Management, source: str, target: str) -> None:
    wanted, there = _limits(management, source), _limits(management, target)
    for name in wanted:
        if there.get(name) != wanted[name]:
            management.put("user-limits", target, name, body={"value": wanted[name]})
    for name in there.keys() - wanted.keys():
        management.delete("user-limits", target, name)


def _permissions(management: Management, name: str) -> dict[str, dict[str, str]]:
    """By virtual host."""
    listed = management.get("users", name, "permissions") or []
    return {each["vhost"]: {kind: each[kind] for kind in PERMISSIONS} for each in listed}


def _topic_permissions(management: Management, name: str) -> dict[str, dict[str, dict[str, str]]]:
    """By virtual host and exchange."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for each in management.get("users", name, "topic-permissions") or []:
        found.setdefault(each["vhost"], {})[each["exchange"]] = {kind: each[kind] for kind in TOPIC_PERMISSIONS}
    return found


def _limits(management: Management, name: str) -> dict[str, int]:
    """By name, such as `max-connections`."""
    listed = management.get("user-limits", name) or []
    return {limit: value for each in listed for limit, value in each["value"].items()}
