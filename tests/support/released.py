"""The storefront's services stack, released by each engine and strategy."""

from __future__ import annotations

from functools import cache
from typing import Any

from synthesis import templates
from template import Template
from variant import Data, varied

from spec import Deployment

COMBINATIONS = (
    ("codedeploy", "blue_green"),
    ("codedeploy", "canary"),
    ("codedeploy", "linear"),
    ("ecs", "blue_green"),
    ("ecs", "canary"),
    ("ecs", "linear"),
    ("ecs", "rolling"),
)
"""Every strategy that each engine has."""


def deployment(engine: str, strategy: str, **release: Any) -> Deployment:
    """Production, with two paths that lead to one service where the engine can shift both."""

    def change(data: Data) -> None:
        web = data["services"]["web"]
        web["release"] = {"engine": engine, "strategy": strategy, **release}
        if engine == "codedeploy":
            web["public"] = ["/*", "/checkout/*"]
        # What is asked here is what the template says, whatever an objective says of it.
        data["objectives"] = {"deploy_minutes": None, "rollback_minutes": None}

    return varied("storefront", "prod", change)


@cache
def released(engine: str, strategy: str) -> Template:
    """Its services stack."""
    return templates(deployment(engine, strategy))["services"]
