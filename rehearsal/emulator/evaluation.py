"""CloudFormation's intrinsic functions, evaluated against what a stack has made so far."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from rehearsal.emulator.values import Json

NO_VALUE = object()
PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")
LITERAL = re.compile(r"\$\{!([^}]*)\}")


class TemplateError(Exception):
    """A template asks for something that is not there; the message says what."""


@dataclass(frozen=True, kw_only=True)
class Evaluator:
    """Turns template nodes into values.

    `references` holds parameters and pseudo parameters; `reference` and `attribute` answer for resources;
    `stack_output` answers for other stacks by name, region and output.
    """

    references: Mapping[str, Any]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, Any]
    reference: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    stack_output: Callable[[str, str, str], Any]
    exported: Callable[[str], Any]
    zones: Callable[[str], list[str]]
    known: dict[str, bool] = field(default_factory=dict)

    def value(self, node: Json) -> Json:
        """Return the node's value; members that evaluate to `AWS::NoValue` are gone from it."""
        if isinstance(node, list):
            return [item for item in map(self.value, node) if item is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            name, argument = next(iter(node.items()))
            if name == "Ref":
                return self._reference(argument)
            if name == "Condition" and isinstance(argument, str) and argument in self.conditions:
                return self.holds(argument)
            function = FUNCTIONS.get(name)
            if function is not None:
                return function(self, argument)
        evaluated = {name: self.value(item) for name, item in node.items()}
        return {name: item for name, item in evaluated.items() if item is not NO_VALUE}

    def holds(self, condition: str) -> bool:
        """Tell whether a condition of the template holds."""
        if condition not in self.known:
            self.known[condition] = bool(self.value(self.conditions[condition]))
        return self.known[condition]

    def _reference(self, name: str) -> Json:
        if name == "AWS::NoValue":
            return NO_VALUE
        return self.references[name] if name in self.references else self.reference(name)

    def get_attribute(self, argument: Json) -> Json:
        """Return a resource's attribute."""
        resource, name = argument.split(".", 1) if isinstance(argument, str) else argument
        return self.attribute(resource, self.value(name))

    def choose(self, argument: list[Any]) -> Json:
        """Return one of two values by a condition."""
        condition, then, otherwise = argument
        return self.value(then if self.holds(condition) else otherwise)

    def substitute(self, argument: Json) -> str:
        """Return a text with its `${}` filled in."""
        text, given = (argument, {}) if isinstance(argument, str) else argument

        def replaced(match: re.Match[str]) -> str:
            name = match.group(1).strip()
            if name in given:
                return str(self.value(given[name]))
            resource, _, attribute = name.partition(".")
            return str(self.attribute(resource, attribute) if attribute else self._reference(name))

        return LITERAL.sub(r"${\1}", PLACEHOLDER.sub(replaced, text))

    def find_in_map(self, argument: list[Any]) -> Json:
        """Return an entry of a mapping."""
        name, first, second, *default = (self.value(part) for part in argument)
        try:
            return self.mappings[name][first][second]
        except KeyError:
            if default and "DefaultValue" in default[0]:
                return default[0]["DefaultValue"]
            raise TemplateError(f"Fn::FindInMap: mapping {name} has no {first}.{second}") from None

    def get_stack_output(self, argument: Json) -> Json:
        """Return an output of another stack."""
        wanted = self.value(argument)
        region = wanted.get("Region") or self.references["AWS::Region"]
        return self.stack_output(wanted["StackName"], region, wanted["OutputName"])

    def divide(self, argument: list[Any]) -> list[str]:
        """Return address blocks within one."""
        block, count, *bits = (self.value(part) for part in argument)
        network = ip_network(block)
        size = network.max_prefixlen - int(bits[0] if bits else 8)
        subnets = network.subnets(new_prefix=size)
        return [str(subnet) for subnet, _ in zip(subnets, range(int(count)), strict=False)]

    def select(self, argument: list[Any]) -> Json:
        """Return one item of a list."""
        index, items = (self.value(part) for part in argument)
        return items[int(index)]

    def join(self, argument: list[Any]) -> str:
        """Return a list as a text."""
        return str(argument[0]).join(str(item) for item in self.value(argument[1]))


FUNCTIONS: dict[str, Callable[[Evaluator, Any], Any]] = {
    "Fn::GetAtt": Evaluator.get_attribute,
    "Fn::If": Evaluator.choose,
    "Fn::Sub": Evaluator.substitute,
    "Fn::Join": Evaluator.join,
    "Fn::Select": Evaluator.select,
    "Fn::Split": lambda self, argument: str(self.value(argument[1])).split(argument[0]),
    "Fn::FindInMap": Evaluator.find_in_map,
    "Fn::Cidr": Evaluator.divide,
    "Fn::GetStackOutput": Evaluator.get_stack_output,
    "Fn::ImportValue": lambda self, argument: self.exported(self.value(argument)),
    "Fn::GetAZs": lambda self, argument: self.zones(self.value(argument) or self.references["AWS::Region"]),
    "Fn::Base64": lambda self, argument: base64.b64encode(str(self.value(argument)).encode()).decode(),
    "Fn::ToJsonString": lambda self, argument: json.dumps(self.value(argument)),
    "Fn::Length": lambda self, argument: len(self.value(argument)),
    "Fn::Equals": lambda self, argument: str(self.value(argument[0])) == str(self.value(argument[1])),
    "Fn::And": lambda self, argument: all(self.value(part) for part in argument),
    "Fn::Or": lambda self, argument: any(self.value(part) for part in argument),
    "Fn::Not": lambda self, argument: not self.value(argument[0]),
    "Fn::Contains": lambda self, argument: self.value(argument[1]) in self.value(argument[0]),
}


def mentioned(node: Json) -> Iterator[str]:
    """Yield each name that a template node refers to, by `Ref`, `Fn::GetAtt` or `Fn::Sub`."""
    if isinstance(node, list):
        for item in node:
            yield from mentioned(item)
    elif isinstance(node, dict):
        for name, item in node.items():
            if name == "Ref" and isinstance(item, str):
                yield item
            elif name == "Fn::GetAtt":
                yield item.split(".", 1)[0] if isinstance(item, str) else item[0]
            else:
                if name == "Fn::Sub":
                    text = item if isinstance(item, str) else item[0]
                    yield from (match.strip().partition(".")[0] for match in PLACEHOLDER.findall(text))
                yield from mentioned(item)


def in_order(resources: Mapping[str, Any]) -> list[str]:
    """Return the logical IDs so that each comes after what it refers to or depends on."""
    ordered: dict[str, None] = {}
    on_the_way: list[str] = []

    def visit(name: str) -> None:
        if name in ordered or name not in resources:
            return
        if name in on_the_way:
            raise TemplateError(f"circular dependency: {' -> '.join([*on_the_way, name])}")
        on_the_way.append(name)
        after = resources[name].get("DependsOn", [])
        for other in [*([after] if isinstance(after, str) else after), *mentioned(resources[name])]:
            visit(other)
        on_the_way.pop()
        ordered[name] = None

    for name in resources:
        visit(name)
    return list(ordered)
