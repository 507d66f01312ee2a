"""The container's own check."""

from __future__ import annotations

from typing import Any

from spec.services import Service
from understudy.health_check import container_check


def service(**changes: Any) -> Service:
    """A service with a health check of its own."""
    return Service.model_validate({"port": 4000, "vcpu": 1.0, "memory_gib": 2.0, **changes})


def test_C3_liveness_is_asked_on_the_loopback_address() -> None:
    """Not by a name: BusyBox would ask ::1 alone."""
    expected = ["CMD-SHELL", "wget -q -T 5 -O /dev/null http://127.0.0.1:4000/health"]
    assert expected == container_check(service())


def test_C3_a_command_stands_in_for_the_path() -> None:
    """Without a shell, which the image may not have."""
    health = {"liveness": {"command": ("node", "healthcheck.js")}}
    assert ["CMD", "node", "healthcheck.js"] == container_check(service(health=health))


def test_C3_custom_checks_must_pass_too() -> None:
    """All of them, after liveness."""
    custom = ({"name": "queue", "path": "/health/queue"}, {"name": "model", "path": "/health/model"})
    health = {"liveness": {"command": ("node", "health check.js")}, "custom": custom}
    command = (
        "node 'health check.js' && wget -q -T 5 -O /dev/null http://127.0.0.1:4000/health/queue"
        " && wget -q -T 5 -O /dev/null http://127.0.0.1:4000/health/model"
    )
    expected = ["CMD-SHELL", command]
    assert expected == container_check(service(health=health))


def test_C3_a_container_with_its_own_certificate_is_asked_by_https() -> None:
    """Its certificate names no host that this check could know."""
    (_, command) = container_check(service(protocol="https"))
    assert "--no-check-certificate" in command
    assert "https://127.0.0.1:4000/health" in command
