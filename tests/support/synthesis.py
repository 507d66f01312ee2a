"""Environments, each synthesized once in a run of the tests: a process that needs one takes it from the one that has made it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from aws_cdk import App
from template import CONTEXT, Template

from spec import Deployment
from stacks import topology

ACCOUNT = "123456789012"
FOLDER = "UNDERSTUDY_TEST_TEMPLATES"
"""The variable with the folder in which templates lie; tests/conftest.py makes it for a run."""


@dataclass(frozen=True, slots=True)
class Synthesized:
    """A stack. `waits_for`: construct IDs of the stacks before it."""

    name: str
    region: str
    template: Template
    waits_for: frozenset[str]


def templates(deployment: Deployment) -> dict[str, Template]:
    """Templates by the stack's name without the environment's."""
    found = synthesized(deployment).values()
    return {stack.name.removeprefix(f"{deployment.prefix}-"): stack.template for stack in found}


def synthesized(deployment: Deployment) -> dict[str, Synthesized]:
    """Stacks by construct ID. The templates are everybody's: nobody may change them."""
    return _read(deployment.prefix, deployment.model_dump_json())


@cache
def _read(prefix: str, described: str) -> dict[str, Synthesized]:
    file = Path(os.environ[FOLDER]) / f"{prefix}-{hashlib.sha256(described.encode()).hexdigest()[:16]}.json"
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            half = file.with_suffix(".half")
            half.write_text(json.dumps(_synthesize(Deployment.model_validate_json(described))), encoding="utf-8")
            half.rename(file)
    found = json.loads(file.read_text(encoding="utf-8"))
    return {
        key: Synthesized(name, region, template, frozenset(before))
        for key, (name, region, template, before) in found.items()
    }


def _synthesize(deployment: Deployment) -> dict[str, tuple[str, str, Template, list[str]]]:
    scope = App(context=CONTEXT, outdir=mkdtemp(prefix="understudy-"), analytics_reporting=False)
    topology.build(scope, deployment, account=ACCOUNT)
    stacks = scope.synth().stacks
    ids = {stack.id: stack.template_file.removesuffix(".template.json") for stack in stacks}
    return {
        ids[stack.id]: (
            stack.stack_name,
            stack.environment.region,
            stack.template,
            sorted(ids[each.id] for each in stack.dependencies if each.id in ids),
        )
        for stack in stacks
    }
