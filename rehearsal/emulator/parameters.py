"""A template's parameters: given, previous or default values, and those that are looked up in Parameter Store."""

from collections.abc import Mapping
from typing import Any

from rehearsal.emulator.apis import ApiError, Apis
from rehearsal.emulator.evaluation import TemplateError
from rehearsal.emulator.values import Json


def with_defaults(template: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value per parameter as it is stored with a stack. Raises TemplateError when one has none.

    Defaults are stored too: an update may then ask for a parameter's previous value although nobody ever gave one,
    as the CDK CLI does with BootstrapVersion.
    """
    slots = template.get("Parameters") or {}
    values = {
        name: given.get(name, slot.get("Default")) for name, slot in slots.items() if name in given or "Default" in slot
    }
    missing = sorted(set(slots) - set(values))
    if missing:
        raise TemplateError(f"Parameters: [{', '.join(missing)}] must have values")
    return values


def looked_up(template: Mapping[str, Any], values: Mapping[str, Any], apis: Apis) -> dict[str, Any]:
    """Return what `Ref` gives for each parameter. Raises TemplateError when Parameter Store has no such name."""
    return {
        name: _looked_up(name, values[name], slot.get("Type", "String"), apis)
        for name, slot in (template.get("Parameters") or {}).items()
    }


def _looked_up(name: str, value: Json, type_name: str, apis: Apis) -> Json:
    if type_name.startswith("AWS::SSM::Parameter::Value"):
        try:
            value = apis.call("ssm", "get_parameter", {"Name": str(value)})["Parameter"]["Value"]
        except ApiError as error:
            raise TemplateError(f"parameter {name}: nothing in Parameter Store at {value}") from error
    if "List" in type_name and isinstance(value, str):
        return [item.strip() for item in value.split(",")] if value else []
    return value
