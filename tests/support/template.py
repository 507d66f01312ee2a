"""Reading a synthesized template, and making one of a single construct."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from aws_cdk import App, Environment, Stack

ROOT = Path(__file__).parent.parent.parent
CONTEXT = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]

Template = dict[str, Any]
Resource = dict[str, Any]
Properties = dict[str, Any]


def resources(template: Template, kind: str) -> list[Resource]:
    """Every resource of the CloudFormation type `kind`."""
    return [resource for resource in template["Resources"].values() if resource["Type"] == kind]


def properties(template: Template, kind: str) -> list[Properties]:
    """Properties of every resource of the type `kind`."""
    return [resource.get("Properties", {}) for resource in resources(template, kind)]


def only(template: Template, kind: str) -> Properties:
    """Properties of the one resource of the type `kind`."""
    (found,) = properties(template, kind)
    return found


def statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every policy in the template, with the type of its resource."""
    for resource in template["Resources"].values():
        for document in _documents(resource.get("Properties", {})):
            yield from ((resource["Type"], statement) for statement in document)


def _documents(value: Any) -> Iterator[list[dict[str, Any]]]:
    if isinstance(value, dict):
        found = value.get("Statement")
        if isinstance(found, list):
            yield found
        for part in value.values():
            yield from _documents(part)
    elif isinstance(value, list):
        for part in value:
            yield from _documents(part)


def actions(statement: dict[str, Any]) -> list[str]:
    """The actions of a statement, which CDK writes as a string if there is one."""
    action = statement["Action"]
    return [action] if isinstance(action, str) else action


def synthesize(build: Callable[[Stack], object]) -> Template:
    """The template of a stack in us-west-2 that `build` fills."""
    app = App(context=CONTEXT, outdir=mkdtemp(prefix="understudy-"), analytics_reporting=False)
    stack = Stack(app, "stack", env=Environment(account="123456789012", region="us-west-2"))
    build(stack)
    template: Template = app.synth().get_stack_by_name("stack").template
    return template
