"""An environment as it would stand in AWS after its templates are deployed, as far as permissions go."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from permissions.physical import Physical, named, parent_property

from rehearsal.emulator.evaluation import Evaluator

Template = Mapping[str, Any]
PARAMETER: Final = re.compile(r"{{resolve:ssm:([^}]+)}}")
PATH: Final = "aws:cdk:path"
WITHOUT_REGION: Final = ("AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::S3::Bucket")
"""Types whose ARNs name no region."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A template and where it is deployed."""

    name: str
    region: str
    template: Template


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource with its properties as they would arrive at AWS."""

    stack: Stack
    physical: Physical
    properties: Mapping[str, Any]
    path: str
    """Of the construct; the logical ID where the template does not tell."""

    @property
    def type(self) -> str:
        """The CloudFormation type."""
        return self.physical.type

    @property
    def arn(self) -> str:
        """The ARN."""
        return self.physical.arn


@dataclass
class Deployed:
    """Stacks of one account, every intrinsic function evaluated at its first use."""

    account: str
    stacks: tuple[Stack, ...]
    _evaluators: dict[tuple[str, str], Evaluator] = field(default_factory=dict)

    def resources(self, type_: str) -> Iterator[Resource]:
        """Every resource of the type `type_`."""
        for stack in self.stacks:
            for logical_id, resource in stack.template.get("Resources", {}).items():
                if resource["Type"] == type_:
                    yield self._resource(stack, logical_id)

    @cached_property
    def by_arn(self) -> Mapping[str, Resource]:
        """Roles, policies, keys and functions by their ARN."""
        kinds = ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::KMS::Key", "AWS::Lambda::Function")
        return {each.arn: each for kind in kinds for each in self.resources(kind)}

    def value(self, stack: Stack, node: Any) -> Any:
        """What `node` of the template of `stack` comes to, parameters of its region included."""
        return self._resolved(stack, self._evaluator(stack).value(node))

    def _resolved(self, stack: Stack, value: Any) -> Any:
        match value:
            case str() if "{{resolve:ssm:" in value:
                return PARAMETER.sub(lambda found: self._parameter(stack.region, found[1]), value)
            case dict():
                return {name: self._resolved(stack, part) for name, part in value.items()}
            case list():
                return [self._resolved(stack, part) for part in value]
            case _:
                return value

    def _parameter(self, region: str, name: str) -> str:
        for parameter in self.resources("AWS::SSM::Parameter"):
            if parameter.stack.region == region and parameter.properties["Name"] == name:
                return str(parameter.properties["Value"])
        raise KeyError(name)

    def _resource(self, stack: Stack, logical_id: str) -> Resource:
        resource = stack.template["Resources"][logical_id]
        path = resource.get("Metadata", {}).get(PATH, f"{stack.name}/{logical_id}")
        return Resource(
            stack,
            self._physical(stack, logical_id),
            self.value(stack, resource.get("Properties", {})),
            path.removesuffix("/Resource"),
        )

    def _physical(self, stack: Stack, logical_id: str) -> Physical:
        resource = stack.template["Resources"][logical_id]
        given = {
            name: self.value(stack, value)
            for name, value in resource.get("Properties", {}).items()
            # A name is all that is asked for here; evaluating more could come back to this resource.
            if name.endswith("Name") or name in ("Name", "Family")
        }
        name = named(resource["Type"], logical_id, given)
        if name == logical_id and resource["Type"] in WITHOUT_REGION:
            # Otherwise those of two regions with the same stacks would be one.
            name = f"{stack.name}-{logical_id}"
        property_ = parent_property(resource["Type"])
        parent = self.value(stack, resource["Properties"][property_]) if property_ else ""
        return Physical(self.account, stack.region, logical_id, resource["Type"], name, parent)

    def _evaluator(self, stack: Stack) -> Evaluator:
        key = stack.name, stack.region
        if key not in self._evaluators:
            self._evaluators[key] = Evaluator(
                references=self._references(stack),
                mappings=stack.template.get("Mappings", {}),
                conditions=stack.template.get("Conditions", {}),
                reference=lambda logical_id: self._reference(stack, logical_id),
                attribute=lambda logical_id, attribute: self._physical(stack, logical_id).attribute(attribute),
                stack_output=self._output,
                exported=lambda export: f"export.{export}",
                zones=lambda region: [f"{region}{letter}" for letter in "abc"],
            )
        return self._evaluators[key]

    def _reference(self, stack: Stack, logical_id: str) -> str:
        physical = self._physical(stack, logical_id)
        if physical.type == "AWS::SecretsManager::SecretTargetAttachment":
            properties = stack.template["Resources"][logical_id]["Properties"]
            secret: str = self.value(stack, properties["SecretId"])
            return secret
        return physical.reference

    def _output(self, stack: str, region: str, output: str) -> Any:
        other = next(each for each in self.stacks if (each.name, each.region) == (stack, region))
        return self.value(other, other.template["Outputs"][output]["Value"])

    def _references(self, stack: Stack) -> dict[str, Any]:
        parameters = stack.template.get("Parameters", {})
        return {name: parameter.get("Default", name) for name, parameter in parameters.items()} | {
            "AWS::AccountId": self.account,
            "AWS::Partition": "aws",
            "AWS::Region": stack.region,
            "AWS::StackId": f"arn:aws:cloudformation:{stack.region}:{self.account}:stack/{stack.name}/1",
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com",
        }
