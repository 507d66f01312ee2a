"""Types without a recipe: moto's own CloudFormation class where it has one, else accepted and said to be so."""

from typing import Any

from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel

from rehearsal.emulator.kind import Place, Properties, Resource, changed_names
from rehearsal.emulator.values import Json


class Accepted:
    """A type that nothing emulates: it gets an ID and attributes that look right, and counts as not emulated."""

    def create(self, resource: Resource, place: Place) -> None:
        """Give it an ID."""
        resource.emulated = False
        resource.physical_id = place.generated_name

    def replaces(self, resource: Resource, properties: Properties, place: Place) -> set[str]:  # noqa: ARG002  # a Kind's signature
        """Nothing is there to be replaced."""
        return set()

    def update(self, resource: Resource, properties: Properties, place: Place) -> None:  # noqa: ARG002
        """Keep the new properties."""
        resource.properties = properties

    def delete(self, resource: Resource, place: Place) -> None:
        """Nothing is there to be removed."""

    def attribute(self, resource: Resource, name: str, place: Place) -> Json:
        """Return something of the form that such an attribute has."""
        if name.endswith("Arn"):
            service = resource.type.split("::")[1].lower()
            return f"arn:aws:{service}:{place.apis.region}:{place.apis.account}:accepted/{resource.physical_id}"
        if name.endswith(("DomainName", "DNSName", "Address", "Endpoint")):
            return f"{resource.physical_id.lower()}.accepted.invalid"
        return f"{resource.physical_id}-{name}"


class MotoModel:
    """A type that moto's own CloudFormation side knows."""

    def __init__(self, model: type[CloudFormationModel]) -> None:
        self._model = model

    def create(self, resource: Resource, place: Place) -> None:
        """Let moto make it."""
        name_property = self._model.cloudformation_name_type()
        name = resource.properties.get(name_property) if name_property else None
        model = self._model.create_from_cloudformation_json(
            name or place.generated_name,
            self._json(resource),
            place.apis.account,
            place.apis.region,
            LogicalId=resource.logical_id,
            StackId=place.stack_id,
            ResourceType=resource.type,
        )
        resource.keeper = model
        resource.physical_id = str(model.physical_resource_id)

    def replaces(self, resource: Resource, properties: Properties, place: Place) -> set[str]:  # noqa: ARG002  # a Kind's signature
        """Without an update of moto's everything is replaced."""
        updates = not hasattr(self._model.update_from_cloudformation_json, "__isabstractmethod__")
        return set() if updates else changed_names(resource.properties, properties)

    def update(self, resource: Resource, properties: Properties, place: Place) -> None:
        """Let moto update it, which may make a new one."""
        resource.properties = properties
        resource.keeper = self._model.update_from_cloudformation_json(
            resource.keeper, place.generated_name, self._json(resource), place.apis.account, place.apis.region
        )
        resource.physical_id = str(resource.keeper.physical_resource_id)

    def delete(self, resource: Resource, place: Place) -> None:
        """Let moto remove it, by whichever of its two ways the type has."""
        if not hasattr(self._model.delete_from_cloudformation_json, "__isabstractmethod__"):
            self._model.delete_from_cloudformation_json(
                resource.physical_id, self._json(resource), place.apis.account, place.apis.region
            )
        elif hasattr(resource.keeper, "delete"):
            resource.keeper.delete(place.apis.account, place.apis.region)

    def attribute(self, resource: Resource, name: str, place: Place) -> Json:  # noqa: ARG002
        """Return moto's attribute."""
        return resource.keeper.get_cfn_attribute(name)

    def _json(self, resource: Resource) -> dict[str, Any]:
        return {"Type": resource.type, "Properties": dict(resource.properties)}


def moto_model(type_name: str) -> MotoModel | None:
    """Return moto's own side of a type, None when it has none."""
    model = parsing.get_model_map().get(type_name)
    return MotoModel(model) if model else None
