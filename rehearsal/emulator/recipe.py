"""How one resource type becomes API calls: declared, not programmed; see `expressions` for the language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rehearsal.emulator.dynamic_references import resolved
from rehearsal.emulator.expressions import search
from rehearsal.emulator.fitting import fit, member
from rehearsal.emulator.kind import Place, Properties, Resource, changed_names, found
from rehearsal.emulator.values import Json

PROPERTY = re.compile(r"\bp\.(\w+)")


@dataclass(frozen=True)
class Call:
    """One API call: `parameters` maps the API's names to expressions."""

    operation: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    fitted: bool = False
    "Whether properties also go in by their names."
    when: str = ""
    "The call is made only when this expression gives something."
    without: Sequence[str] = ()
    "Properties that must not go in although the API has a parameter of that name."
    service: str = ""
    "The service, when it is another than the recipe's."
    reads: "Call | None" = None
    "A call made before, whose answer is `seen`: for those that want a lock or an ETag."

    def wanted(self, known: Mapping[str, Any]) -> bool:
        """Tell whether the call is to be made."""
        return not self.when or bool(search(self.when, known))

    def named(self) -> set[str]:
        """Return the properties that the expressions name."""
        return {name for expression in self.parameters.values() for name in PROPERTY.findall(expression)}


@dataclass(frozen=True)
class Part:
    """A part of a resource with calls of its own: `do` for what appears or changes, `undo` for what goes."""

    items: str
    do: Call
    undo: Call | None = None
    each: bool = False
    "Whether the items are handled one by one."
    undone_first: bool = False
    "Whether the resource cannot go before this part has."

    def named(self) -> set[str]:
        """Return the properties that this part takes care of."""
        return set(PROPERTY.findall(self.items)) | self.do.named()

    def found(self, known: Mapping[str, Any]) -> list[Any]:
        """Return the items."""
        value = search(self.items, known)
        if value is None or value == [] or value == {}:
            return []
        return list(value) if self.each else [value]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A resource type as API calls. What it cannot pass on is recorded, never hidden."""

    type: str
    service: str
    create_calls: Sequence[Call]
    "The first that is wanted is made."
    id: str
    update_calls: Sequence[Call] = ()
    "Each that is wanted and takes a changed property is made; without any, changes make a new resource."
    delete_calls: Sequence[Call] = ()
    parts: Sequence[Part] = ()
    read: Call | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    "Fn::GetAtt names to expressions; others are looked for by name in what the API answers."
    name_property: str = ""
    "The property that names it, filled with a generated name when absent."
    name_length: int = 128
    lower_case: bool = False
    create_only: Sequence[str] = ()
    "Properties whose change makes a new resource, although an update call would take them."
    unchanged_by: Sequence[str] = ("Tags",)
    "Properties whose change alone needs no call here."

    def create(self, resource: Resource, place: Place) -> None:
        """Make the resource and its parts."""
        resource.properties = self._with_name(resource.properties, place)
        known = {**place.names(), "p": resource.properties, "logical": resource.logical_id}
        call = next(call for call in self.create_calls if call.wanted(known))
        dropped: list[str] = []
        resource.made = self._make(call, known, place, dropped)
        known["made"] = resource.made
        resource.physical_id = str(search(self.id, known))
        known["id"] = resource.physical_id
        for part in self.parts:
            for item in part.found(known):
                self._make_if_wanted(part.do, {**known, "item": item}, place, dropped)
        others: list[Call | Part] = [*self.parts, *self.delete_calls]
        cared_for = call.named().union(*(other.named() for other in others))
        resource.not_carried = {path for path in dropped if path not in cared_for}

    def replaces(self, resource: Resource, properties: Properties, place: Place) -> set[str]:
        """Return the changed properties that neither an update call nor a part passes on."""
        changed = changed_names(resource.properties, self._with_name(properties, place, resource))
        passed_on = set(self.unchanged_by).union(
            *(self._takes(call, changed, place) for call in self.update_calls),
            *(part.named() for part in self.parts),
            # What was never passed on changes nothing when it changes.
            resource.not_carried,
        )
        return changed - (passed_on - set(self.create_only) - {self.name_property})

    def update(self, resource: Resource, properties: Properties, place: Place) -> None:
        """Pass the new properties on, undo the parts that are gone, do those that are new."""
        properties = self._with_name(properties, place, resource)
        before = self._known(resource, place)
        after = {**before, "p": properties}
        changed = changed_names(resource.properties, properties)
        for call in self.update_calls:
            if changed & self._takes(call, changed, place):
                self._make_if_wanted(call, after, place, [])
        for part in self.parts:
            old, new = part.found(before), part.found(after)
            if part.undo and (part.each or not new):
                for item in old:
                    if item not in new:
                        self._make_if_wanted(part.undo, {**before, "item": item}, place, [])
            for item in new:
                if item not in old:
                    self._make_if_wanted(part.do, {**after, "item": item}, place, [])
        resource.properties = properties

    def delete(self, resource: Resource, place: Place) -> None:
        """Remove the resource."""
        known = self._known(resource, place)
        for part in self.parts:
            if part.undone_first and part.undo:
                for item in part.found(known):
                    self._make_if_wanted(part.undo, {**known, "item": item}, place, [])
        for call in self.delete_calls:
            self._make_if_wanted(call, known, place, [])

    def attribute(self, resource: Resource, name: str, place: Place) -> Json:
        """Return an attribute: as declared, or of that name in what the API answers."""
        known = self._known(resource, place)
        expression = self.attributes.get(name, "")
        if self.read and (not expression or "seen" in expression):
            known["seen"] = self._make(self.read, known, place, [])
        if expression:
            return search(expression, known)
        return next((hit for key in ("seen", "made") if (hit := found(known.get(key), name)) is not None), None)

    def _with_name(self, properties: Properties, place: Place, resource: Resource | None = None) -> Properties:
        """Return the properties with the name that the resource has or is to get."""
        if not self.name_property or properties.get(self.name_property):
            return properties
        if resource is not None:
            return {**properties, self.name_property: resource.properties[self.name_property]}
        name = place.generated_name.lower() if self.lower_case else place.generated_name
        if len(name) > self.name_length:
            # What makes it unique stands at the end.
            name = f"{name[: self.name_length - 13].rstrip('-')}-{name[-12:]}"
        return {**properties, self.name_property: name}

    def _known(self, resource: Resource, place: Place) -> dict[str, Any]:
        return {
            **place.names(),
            "p": resource.properties,
            "id": resource.physical_id,
            "logical": resource.logical_id,
            "made": resource.made,
        }

    def _takes(self, call: Call, names: set[str], place: Place) -> set[str]:
        """Return those of the named properties that a call passes on."""
        if not call.fitted:
            return call.named()
        shape = place.apis.shape(call.service or self.service, call.operation)
        return call.named() | {name for name in names if name not in call.without and member(shape, name)}

    def _make_if_wanted(self, call: Call, known: Mapping[str, Any], place: Place, dropped: list[str]) -> None:
        if call.wanted(known):
            self._make(call, known, place, dropped)

    def _make(self, call: Call, known: Mapping[str, Any], place: Place, dropped: list[str]) -> dict[str, Any]:
        if call.reads:
            known = {**known, "seen": self._make(call.reads, known, place, dropped)}
        service = call.service or self.service
        shape = place.apis.shape(service, call.operation)
        parameters = {}
        if call.fitted:
            given = {name: value for name, value in known["p"].items() if name not in call.without}
            dropped.extend(name for name in known["p"] if name in call.without)
            parameters = fit(shape, resolved(given, place.apis), dropped)
        for name, expression in call.parameters.items():
            value = search(expression, known)
            if value is not None:
                parameters[name] = fit(shape.members[name], resolved(value, place.apis), dropped, name)
        return place.apis.call(service, call.operation, parameters)


def by_type(*recipes: Recipe) -> dict[str, Recipe]:
    """Return recipes by the type that they make."""
    return {recipe.type: recipe for recipe in recipes}
