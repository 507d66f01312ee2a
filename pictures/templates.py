"""The synthesized templates of an environment, and who refers to whom across them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from aws_cdk import App

from spec import Deployment
from stacks import topology

CDK_JSON: Final = Path(__file__).parent.parent / "cdk.json"
ACCOUNT: Final = "123456789012"

Template = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of one of the templates."""

    stack: str
    logical_id: str
    kind: str
    name: str
    """Of the construct around it: `Data` for `data/Buckets/Data/Resource`."""
    properties: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """What `Templates.target` answers for a reference to it."""
        return self.stack, self.logical_id


@dataclass(frozen=True, slots=True)
class Templates:
    """Templates and regions by stack name.

    `elsewhere` are those of what stands in, and of its witness: nothing `of` finds, but somebody may refer to it.
    """

    templates: Mapping[str, Template]
    regions: Mapping[str, str]
    elsewhere: Mapping[str, Template] = field(default_factory=dict)

    @property
    def beside(self) -> Templates:
        """What stands elsewhere, by itself."""
        return Templates(self.elsewhere, self.regions, self.templates)

    def of(self, kind: str) -> list[Resource]:
        """Every resource of a CloudFormation type, in the order of the templates."""
        return [
            Resource(stack, logical_id, kind, _name(resource), resource.get("Properties", {}))
            for stack, template in self.templates.items()
            for logical_id, resource in template.get("Resources", {}).items()
            if resource["Type"] == kind
        ]

    def region_of(self, resource: Resource) -> str:
        """Where the resource is."""
        return self.regions[resource.stack]

    def target(self, stack: str, value: object) -> tuple[str, str] | None:
        """Stack and logical ID of the resource that `value` refers to; None if it refers to none."""
        if not isinstance(value, Mapping) or len(value) != 1:
            return None
        ((function, argument),) = value.items()
        if function == "Fn::GetStackOutput":
            output = {**self.templates, **self.elsewhere}[argument["StackName"]]["Outputs"][argument["OutputName"]]
            return self.target(argument["StackName"], output["Value"])
        if function == "Ref":
            return stack, argument
        if function == "Fn::GetAtt":
            return stack, argument[0]
        return None

    def targets(self, resource: Resource, values: object) -> set[tuple[str, str]]:
        """The resources that a list of values refers to."""
        given = values if isinstance(values, list) else [values]
        return {target for value in given if (target := self.target(resource.stack, value))}


def _name(resource: Mapping[str, Any]) -> str:
    """Name of the construct; its own child is called Resource, or Default."""
    parts = str(resource["Metadata"]["aws:cdk:path"]).split("/")
    return next(part for part in reversed(parts) if part not in {"Resource", "Default"})


def synthesize(deployment: Deployment) -> Templates:
    """The templates of `deployment`, as `cdk synth` writes them."""
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    # The names of constructs are what people call the things they made.
    context["aws:cdk:enable-path-metadata"] = True
    with TemporaryDirectory(prefix="understudy-picture-") as out:
        app = App(outdir=out, context=context, analytics_reporting=False)
        topology.build(app, deployment, account=ACCOUNT)
        stacks = app.synth().stacks
        elsewhere = {site.region for site in deployment.sites() if not site.active}
        # The edge, which may lie in the same region as the stand-in, is everybody's.
        beside = [
            stack
            for stack in stacks
            if stack.environment.region in elsewhere | {deployment.recovery.witness_region} and stack.id != "edge"
        ]
        return Templates(
            {stack.stack_name: stack.template for stack in stacks if stack not in beside},
            {stack.stack_name: stack.environment.region for stack in stacks},
            {stack.stack_name: stack.template for stack in beside},
        )
