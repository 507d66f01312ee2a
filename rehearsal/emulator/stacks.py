"""moto's CloudFormation API with our provisioning behind it."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from moto.cloudformation import models
from moto.cloudformation.parsing import Export

from rehearsal.emulator import stack_hooks
from rehearsal.emulator.apis import ApiError
from rehearsal.emulator.engines import reach
from rehearsal.emulator.engines.setting import SETTING, in_background
from rehearsal.emulator.evaluation import TemplateError
from rehearsal.emulator.parameters import looked_up, with_defaults
from rehearsal.emulator.provisioning import Provisioning, ProvisioningError
from rehearsal.emulator.values import Json

FAILURES = (ProvisioningError, TemplateError, ApiError, stack_hooks.RefusedError)
ANSWER_SECONDS = 2
"Real: what is done so soon is done when the request is answered."


@dataclass(frozen=True)
class ResourceRow:
    """A resource under the names by which moto's responses read it."""

    logical_resource_id: str
    physical_resource_id: str
    cf_resource_type: str


class ResourceRows:
    """What moto's API and change sets ask of a stack's resources."""

    no_echo_parameter_keys: tuple[str, ...] = ()

    def __init__(self, stack: "RehearsedStack") -> None:
        self._stack = stack

    @property
    def resolved_parameters(self) -> Mapping[str, Any]:
        """The parameters as DescribeStacks shows them."""
        return self._stack.parameters

    def values(self) -> Iterator[ResourceRow]:
        """Return the resources that are there."""
        for resource in self._stack.provisioning.resources.values():
            yield ResourceRow(resource.logical_id, resource.physical_id, resource.type)

    def build_change_set_actions(self, template: Mapping[str, Any]) -> dict[str, dict[str, dict[str, str]]]:
        """Return what a change set shows: resources by what would happen to them."""
        old, new = self._stack.template_dict.get("Resources", {}), template["Resources"]

        def rows(source: Mapping[str, Any], names: Iterable[str]) -> dict[str, dict[str, str]]:
            return {
                name: {"LogicalResourceId": name, "ResourceType": source[name]["Type"]}
                for name in source
                if name in names
            }

        return {
            "Add": rows(new, new.keys() - old.keys()),
            "Modify": rows(new, {name for name in new.keys() & old.keys() if new[name] != old[name]}),
            "Remove": rows(old, old.keys() - new.keys()),
        }


class RehearsedStack(models.Stack):
    """A stack whose resources are made through the emulator's own APIs, and rolled back when one fails."""

    class Meta:
        """moto's serializer derives members' names from the class's own, which is not `Stack` here."""

        serialization_aliases: ClassVar = {"Parameters": "parameter_list", "StackName": "name", "StackStatus": "status"}

    _one_at_a_time = threading.RLock()
    provisioning: Provisioning
    failures: tuple[str, ...] = ()
    "What the last operation failed on, for people."

    def _create_resource_map(self) -> Json:
        apis = SETTING.apis(self.account_id, self.region_name)
        self.provisioning = Provisioning(
            stack=self.name,
            stack_id=self.stack_id,
            apis=apis,
            stack_output=self._stack_output,
            exported=self._exported,
            report=self._report,
        )
        self._apis = apis
        return ResourceRows(self)

    def _create_output_map(self) -> Json:
        return None

    @staticmethod
    def parse_template(template: str) -> dict[str, Any]:
        """Return a template as data; CDK's are JSON, which moto would read with its slow YAML parser."""
        if template.lstrip().startswith("{"):
            parsed: dict[str, Any] = json.loads(template)
            return parsed
        return models.Stack.parse_template(template)

    @property
    def outputs(self) -> list[dict[str, Any]] | None:
        """The outputs as DescribeStacks shows them."""
        declared = self.template_dict.get("Outputs", {})
        exported = {export.value: export.name for export in self.exports}
        return [
            {
                "OutputKey": name,
                "OutputValue": str(value),
                "Description": declared.get(name, {}).get("Description"),
                "ExportName": exported.get(value),
            }
            for name, value in self.provisioning.outputs.items()
        ] or None

    @property
    def exports(self) -> list[Export]:
        """The outputs that other stacks may import by name."""
        declared = self.template_dict.get("Outputs", {})
        return [
            Export(self.stack_id, declared[name]["Export"]["Name"], value)
            for name, value in self.provisioning.outputs.items()
            if isinstance(declared.get(name, {}).get("Export", {}).get("Name"), str)
        ]

    def create_resources(self) -> None:
        """Make everything; when something fails, remove what was made."""
        operation = self._operation("CREATE", self.template)
        self._transition(operation, self.template_dict, self.parameters, self._roll_creation_back)

    def update(
        self,
        template: str,
        role_arn: str | None = None,
        parameters: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,
    ) -> None:
        """Bring everything to a new template; when something fails, back to the previous one."""
        previous = (self.template, self.template_dict, self.parameters)

        def roll_back() -> None:
            self.template, self.template_dict, self.parameters = previous
            self._say("UPDATE_ROLLBACK_IN_PROGRESS")
            try:
                self._converge(self.template_dict, self.parameters)
            except FAILURES as failure:
                self._say("UPDATE_ROLLBACK_FAILED", str(failure))
            else:
                self._say("UPDATE_ROLLBACK_COMPLETE")

        self.template = template
        self.role_arn = role_arn
        self.tags = self.tags if tags is None else tags
        given = self.parameters if parameters is None else parameters
        operation = self._operation("UPDATE", template, previous[0])
        self._transition(operation, self.parse_template(template), given, roll_back)

    def delete(self) -> None:
        """Remove everything."""
        with self._one_at_a_time:
            self._say("DELETE_IN_PROGRESS", "User Initiated")
            failures = self.provisioning.remove_all()
            self._say("DELETE_FAILED" if failures else "DELETE_COMPLETE", "; ".join(failures))

    def _operation(
        self, action: str, template: str | dict[str, Any], previous: str | dict[str, Any] = ""
    ) -> stack_hooks.Operation:
        """What hooks are told. moto has a template as the text that it was handed in as, or else as data."""
        texts = (one if isinstance(one, str) else json.dumps(one) for one in (template, previous))
        return stack_hooks.Operation(self.name, self.stack_id, action, *texts)

    def _transition(
        self,
        operation: stack_hooks.Operation,
        template: dict[str, Any],
        parameters: Mapping[str, Any],
        roll_back: Callable[[], None],
    ) -> None:
        verb = operation.action
        self._say(f"{verb}_IN_PROGRESS", "User Initiated")

        def work() -> None:
            try:
                stack_hooks.ask(self._apis, operation)
                with self._one_at_a_time:
                    self._converge(template, parameters)
            except FAILURES as failure:
                self.failures = (str(failure),)
                self._say(f"{verb}_FAILED", str(failure))
                with self._one_at_a_time:
                    roll_back()
            else:
                self.failures = ()
                self._say(f"{verb}_COMPLETE")

        if SETTING.played:
            # A release takes its time: whoever asked watches the stack's status, as with AWS.
            in_background(f"{verb} of {self.name}", work).join(ANSWER_SECONDS)
        else:
            work()

    def _converge(self, template: dict[str, Any], parameters: Mapping[str, Any]) -> None:
        self.parameters = with_defaults(template, parameters)
        self.provisioning.apply(template, looked_up(template, self.parameters, self._apis))
        self.template_dict = template
        self.description = template.get("Description")
        exports = models.cloudformation_backends[self.account_id][self.region_name].exports
        exports.update({export.name: export for export in self.exports})

    def _roll_creation_back(self) -> None:
        self._say("ROLLBACK_IN_PROGRESS")
        for resource in self.provisioning.resources.values():
            # AWS keeps what is to be retained even now; here it would only stand in the next attempt's way.
            resource.retained = False
        failures = self.provisioning.remove_all()
        self._say("ROLLBACK_FAILED" if failures else "ROLLBACK_COMPLETE", "; ".join(failures))

    def _say(self, status: str, reason: str = "") -> None:
        self.status = status
        self._add_stack_event(status, resource_status_reason=reason or None)

    def _report(self, logical_id: str, physical_id: str, type_name: str, status: str, reason: str) -> None:
        self.events.append(
            models.Event(
                stack_id=self.stack_id,
                stack_name=self.name,
                logical_resource_id=logical_id,
                physical_resource_id=physical_id,
                resource_type=type_name,
                resource_status=status,
                resource_status_reason=reason or None,
                resource_properties=None,
            )
        )

    def _stack_output(self, stack: str, region: str, output: str) -> Json:
        if reach.dark(region):
            raise TemplateError(f"Fn::GetStackOutput: nothing answers in {region} (wanted: {output} of {stack})")
        for other in models.cloudformation_backends[self.account_id][region].stacks.values():
            if other.name == stack and isinstance(other, RehearsedStack):
                if output in other.provisioning.outputs:
                    return other.provisioning.outputs[output]
                raise TemplateError(f"Fn::GetStackOutput: stack {stack} in {region} has no output {output}")
        raise TemplateError(f"Fn::GetStackOutput: there is no stack {stack} in {region} (wanted: {output})")

    def _exported(self, name: str) -> Json:
        exports = models.cloudformation_backends[self.account_id][self.region_name].exports
        if name not in exports:
            raise TemplateError(f"Fn::ImportValue: nothing is exported as {name}")
        return exports[name].value
