"""Templates of the services stack that several files read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from synthesis import templates
from template import ROOT, Template
from variant import varied

from spec import load

Synthesized = Callable[[str, str], dict[str, Template]]


@pytest.fixture(scope="session")
def production(synthesized: Synthesized) -> Template:
    """The generator platform's production."""
    return synthesized("generator-platform", "prod")["services"]


@pytest.fixture(scope="session")
def bare() -> Template:
    """One public service with an image of its own, and a worker that nobody calls; no store of any kind."""

    def change(data: dict[str, Any]) -> None:
        for part in ("database", "cache"):
            data.pop(part)
            for overlay in data["environments"].values():
                overlay.pop(part, None)
        web = data["services"]["web"]
        web.pop("build")
        web |= {"image": f"public.ecr.aws/example/web@sha256:{'a' * 64}", "dependencies": [], "scaling": None}
        image = f"123456789012.dkr.ecr.us-west-2.amazonaws.com/team/worker@sha256:{'b' * 64}"
        data["services"]["worker"] = {
            "image": image,
            "port": 4000,
            "vcpu": 0.25,
            "memory_gib": 0.5,
            "protocol": "https",
        }
        data["storage"] = {"data": None, "backups": None}

    return templates(varied("storefront", "dev", change))["services"]


@pytest.fixture(scope="session")
def public() -> Template:
    """Production without a CDN."""

    def change(data: dict[str, Any]) -> None:
        data["edge"] |= {"entry": "load_balancer", "static_paths": []}

    return templates(varied("storefront", "prod", change))["services"]


@pytest.fixture(scope="session")
def unreleased() -> Callable[[str], Template]:
    """An environment of the storefront before its first release."""

    def template(env: str) -> Template:
        deployment = load(ROOT / "apps/storefront.yaml").for_environment(env)
        return templates(deployment.model_copy(update={"images": {}}))["services"]

    return template
