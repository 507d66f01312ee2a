"""An environment of apps/, as it is or with something changed, synthesized and read as deployed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from permissions.deployed import Deployed, Stack

ROOT: Final = Path(__file__).parents[3]
ACCOUNT: Final = "123456789012"
WILDCARD: Final = "AwsSolutions-IAM5["


@dataclass(frozen=True)
class Environment:
    """One environment of one application."""

    title: str
    deployed: Deployed
    acknowledged: tuple[str, ...]
    """Construct paths on which the code gives reasons for wildcards. That there is one for each wildcard, and that none
    is stale, the judges of `make check` see to."""


def unchanged(_: dict[str, Any]) -> None:
    """The application as it stands in apps/, but for what stands in."""


@cache
def environment(app: str, name: str, change: Callable[[dict[str, Any]], object] = unchanged) -> Environment:
    """The environment `name` of `apps/<app>.yaml` after `change` has been at its YAML."""
    from aws_cdk import App
    from variant import varied

    from judges.recording import recorded
    from stacks import topology

    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    # Construct paths, so that a finding can be found, and its reason.
    context |= {"aws:cdk:enable-path-metadata": True}
    scope = App(context=context, outdir=mkdtemp(prefix="understudy-"), analytics_reporting=False)
    with recorded() as record:
        topology.build(scope, varied(app, name, change), account=ACCOUNT)
        stacks = scope.synth().stacks
    return Environment(
        f"{app} {name}" + ("" if change is unchanged else f" {change.__name__}"),
        Deployed(ACCOUNT, tuple(Stack(each.stack_name, each.environment.region, each.template) for each in stacks)),
        tuple(sorted({entry["path"] for entry in record if entry["rule"].startswith(WILDCARD)})),
    )
