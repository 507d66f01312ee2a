"""Brings a stack's resources to what its template says, in the order of their dependencies, as CloudFormation does."""

import random
import string
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.emulator.apis import ApiError, Apis
from rehearsal.emulator.evaluation import Evaluator, TemplateError, in_order
from rehearsal.emulator.kind import Kind, Place, Resource
from rehearsal.emulator.registry import NOT_RESOURCES, kind_of
from rehearsal.emulator.values import Json

Template = Mapping[str, Any]
Report = Callable[[str, str, str, str, str], None]
RETAINED = frozenset({"Retain", "RetainExceptOnCreate"})


class ProvisioningError(Exception):
    """A resource could not be made, changed or removed."""


class Provisioning:
    """The resources of one stack.

    `report` hears logical ID, physical ID, type, status and reason of each step.
    """

    def __init__(
        self,
        *,
        stack: str,
        stack_id: str,
        apis: Apis,
        stack_output: Callable[[str, str, str], Any],
        exported: Callable[[str], Any],
        report: Report,
    ) -> None:
        self.resources: dict[str, Resource] = {}
        self.outputs: dict[str, Any] = {}
        self._superseded: list[Resource] = []
        "What newer resources have replaced; removed when all is well, put back when not."
        self._stack = stack
        self._stack_id = stack_id
        self._apis = apis
        self._stack_output = stack_output
        self._exported = exported
        self._report = report

    def apply(self, template: Template, parameters: Mapping[str, Any]) -> None:
        """Make, change, replace and remove until the resources are the template's.

        Raises ProvisioningError, leaving what was done before in place.
        """
        evaluator = self._evaluator(template, parameters)
        wanted = {
            name: resource
            for name, resource in template["Resources"].items()
            if "Condition" not in resource or evaluator.holds(resource["Condition"])
        }
        for name in in_order(wanted):
            self._bring(name, wanted[name], evaluator)
        while self._superseded:
            self._remove(self._superseded.pop())
        for name in [name for name in reversed(self.resources) if name not in wanted]:
            self._remove(self.resources[name])
            del self.resources[name]
        # Kept in dependency order, so that removal in reverse works.
        self.resources = {name: self.resources[name] for name in in_order(wanted)}
        self.outputs = {
            name: evaluator.value(output["Value"])
            for name, output in template.get("Outputs", {}).items()
            if "Condition" not in output or evaluator.holds(output["Condition"])
        }

    def remove_all(self) -> list[str]:
        """Remove every resource, the last made first; return what could not be removed, with the reasons."""
        failures = []
        for name in reversed(list(self.resources)):
            try:
                self._remove(self.resources[name])
            except ProvisioningError as failure:
                failures.append(str(failure))
            else:
                del self.resources[name]
        return failures

    def _bring(self, name: str, node: Json, evaluator: Evaluator) -> None:
        try:
            properties = evaluator.value(node.get("Properties", {}))
            resource = self.resources.get(name)
            if resource is None:
                self._create(name, node["Type"], properties)
            elif resource.type != node["Type"]:
                self._superseded.append(resource)
                self._create(name, node["Type"], properties)
            else:
                self._change(resource, properties)
            self.resources[name].template = properties
            self.resources[name].attempted = None
            self.resources[name].retained = node.get("DeletionPolicy") in RETAINED
        except Exception as error:  # noqa: BLE001  # whatever breaks, the stack fails as in AWS, and says why
            self._fail(name, node["Type"], error)

    def _fail(self, name: str, type_name: str, error: Exception) -> None:
        known = self.resources.get(name)
        status = "UPDATE_FAILED" if known else "CREATE_FAILED"
        self._report(name, known.physical_id if known else "", type_name, status, str(error))
        raise ProvisioningError(f"{name} ({type_name}): {error}") from error

    def _create(self, name: str, type_name: str, properties: dict[str, Any]) -> None:
        resource = Resource(logical_id=name, type=type_name, properties=properties)
        self._report(name, "", type_name, "CREATE_IN_PROGRESS", "")
        kind_of(type_name).create(resource, self._place(name))
        self.resources[name] = resource
        self._report(name, resource.physical_id, type_name, "CREATE_COMPLETE", "")

    def _change(self, resource: Resource, properties: dict[str, Any]) -> None:
        if properties == resource.template and resource.attempted is None:
            return
        if self._put_back(resource, properties):
            return
        kind, place = kind_of(resource.type), self._place(resource.logical_id)
        if resource.attempted is not None:
            # On the way back from an update that failed, CloudFormation updates the resource again, from what that
            # update wanted to what was there before. Generated names stay.
            generated = {name: value for name, value in resource.properties.items() if name not in resource.template}
            resource.properties = {**generated, **resource.attempted}
        replaced = kind.replaces(resource, properties, place)
        if replaced:
            self._replace(kind, resource, properties, replaced)
        else:
            self._say(resource, "UPDATE_IN_PROGRESS")
            resource.attempted = properties
            kind.update(resource, properties, place)
            self._say(resource, "UPDATE_COMPLETE")

    def _put_back(self, resource: Resource, properties: dict[str, Any]) -> bool:
        """Put what a failed update replaced in its place again, if it is just what is wanted now."""
        for old in self._superseded:
            if (old.logical_id, old.type, old.template) == (resource.logical_id, resource.type, properties):
                self._superseded.remove(old)
                self._superseded.append(resource)
                self.resources[old.logical_id] = old
                self._say(old, "UPDATE_COMPLETE")
                return True
        return False

    def _replace(
        self,
        kind: Kind,
        resource: Resource,
        properties: dict[str, Any],
        replaced: set[str],
    ) -> None:
        self._say(resource, "UPDATE_IN_PROGRESS", f"a new resource is needed: {', '.join(sorted(replaced))}")
        place = self._place(resource.logical_id)
        successor = Resource(logical_id=resource.logical_id, type=resource.type, properties=properties)
        try:
            kind.create(successor, place)
            if successor.physical_id != resource.physical_id:
                self._superseded.append(resource)
        except ApiError:
            # Two of one name cannot be. Here, unlike in AWS, the old one goes first.
            kind.delete(resource, place)
            kind.create(successor, place)
        self.resources[resource.logical_id] = successor
        self._say(successor, "UPDATE_COMPLETE")

    def _remove(self, resource: Resource) -> None:
        if resource.retained:
            self._say(resource, "DELETE_SKIPPED")
            return
        self._say(resource, "DELETE_IN_PROGRESS")
        try:
            kind_of(resource.type).delete(resource, self._place(resource.logical_id))
        except Exception as error:  # as above
            self._say(resource, "DELETE_FAILED", str(error))
            raise ProvisioningError(f"{resource.logical_id} ({resource.type}): {error}") from error
        self._say(resource, "DELETE_COMPLETE")

    def _say(self, resource: Resource, status: str, reason: str = "") -> None:
        self._report(resource.logical_id, resource.physical_id, resource.type, status, reason)

    def _place(self, name: str) -> Place:
        suffix = "".join(random.choices(string.ascii_uppercase + string.digits, k=12))  # noqa: S311  # a name
        return Place(
            apis=self._apis,
            stack=self._stack,
            stack_id=self._stack_id,
            generated_name=f"{self._stack}-{name}-{suffix}",
        )

    def _attribute(self, name: str, attribute: str) -> Json:
        resource = self._known(name)
        value = kind_of(resource.type).attribute(resource, attribute, self._place(name))
        if value is None:
            # Said in the table, rather than ending a deployment that AWS would let pass.
            resource.not_carried.add(f"Fn::GetAtt {attribute}")
            return f"{resource.physical_id}-{attribute}"
        return value

    def _known(self, name: str) -> Resource:
        if name not in self.resources:
            raise TemplateError(f"the template refers to {name}, which is neither a resource nor a parameter")
        return self.resources[name]

    def _evaluator(self, template: Template, parameters: Mapping[str, Any]) -> Evaluator:
        region = self._apis.region
        pseudo = {
            "AWS::AccountId": self._apis.account,
            "AWS::Region": region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackId": self._stack_id,
            "AWS::StackName": self._stack,
            "AWS::NotificationARNs": [],
        }
        return Evaluator(
            references={**pseudo, **parameters},
            mappings=template.get("Mappings", {}),
            conditions=template.get("Conditions", {}),
            reference=lambda name: self._known(name).physical_id,
            attribute=self._attribute,
            stack_output=self._stack_output,
            exported=self._exported,
            zones=self._zones,
        )

    def _zones(self, region: str) -> list[str]:
        del region  # the APIs are of the stack's region
        zones = self._apis.call("ec2", "describe_availability_zones", {})["AvailabilityZones"]
        return sorted(zone["ZoneName"] for zone in zones)


def rows(resources: Mapping[str, Resource]) -> list[dict[str, Any]]:
    """Return per resource what the emulator did with it."""
    return [
        {
            "logical_id": resource.logical_id,
            "physical_id": resource.physical_id,
            "type": resource.type,
            "emulated": resource.emulated,
            "not_carried": sorted(resource.not_carried),
        }
        for resource in resources.values()
        if resource.type not in NOT_RESOURCES
    ]
