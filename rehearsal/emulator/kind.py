"""What a stack knows of its resources, and what it needs to know of their types."""

from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

from rehearsal.emulator.apis import Apis
from rehearsal.emulator.values import Json

Properties = dict[str, Any]


@dataclass
class Resource:
    """A resource of a stack, as the emulator made it."""

    logical_id: str
    type: str
    properties: Properties
    "As its kind keeps them, a generated name included."
    template: Properties = field(default_factory=dict)
    "As the template gives them, evaluated."
    physical_id: str = ""
    made: dict[str, Any] = field(default_factory=dict)
    "The answer of the call that made it."
    emulated: bool = True
    retained: bool = False
    "Whether it stays when the template or the stack lets go of it."
    not_carried: set[str] = field(default_factory=set)
    "Paths of properties that no API of the emulator took."
    attempted: Properties | None = None
    "The properties of an update that failed: what the way back has to undo."
    keeper: Any = None
    "What its kind needs to remember of it."


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a resource is made."""

    apis: Apis
    stack: str
    stack_id: str
    generated_name: str
    "The name that CloudFormation would give it."

    def names(self) -> dict[str, Any]:
        """Return what expressions may use besides the resource itself."""
        return {
            "account": self.apis.account,
            "region": self.apis.region,
            "partition": "aws",
            "stack": self.stack,
            "name": self.generated_name,
            "token": uuid4().hex,
        }


class Kind(Protocol):
    """A resource type, as the stack engine sees it."""

    def create(self, resource: Resource, place: Place) -> None:
        """Make the resource and set its physical ID."""

    def replaces(self, resource: Resource, properties: Properties, place: Place) -> set[str]:
        """Return the changed properties that only a new resource can have."""

    def update(self, resource: Resource, properties: Properties, place: Place) -> None:
        """Change the resource in place."""

    def delete(self, resource: Resource, place: Place) -> None:
        """Remove the resource."""

    def attribute(self, resource: Resource, name: str, place: Place) -> Json:
        """Return what Fn::GetAtt gives, None when it is not known."""


def changed_names(old: Properties, new: Properties) -> set[str]:
    """Return the names of the properties that differ."""
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def found(answer: Json, path: str) -> Json:
    """Return what stands at a dotted path anywhere in an API's answer, None when nothing does."""
    if isinstance(answer, list):
        return next((hit for item in answer if (hit := found(item, path)) is not None), None)
    if not isinstance(answer, dict):
        return None
    here: Json = answer
    for name in path.split("."):
        here = here.get(name) if isinstance(here, dict) else None
    if here is not None and not isinstance(here, dict):
        return here
    return next((hit for item in answer.values() if (hit := found(item, path)) is not None), None)
