"""Secrets Manager: secrets whose values are really generated, and what attaches them to a database."""

import json
from typing import Any

from rehearsal.emulator.dynamic_references import resolved
from rehearsal.emulator.kind import Kind, Place, Properties, Resource
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type
from rehearsal.emulator.values import Json


class SecretRecipe(Recipe):
    """A secret; `GenerateSecretString` gives it a value once, and no update gives it another."""

    def create(self, resource: Resource, place: Place) -> None:
        """Make the secret, then its value."""
        super().create(resource, place)
        wanted = resource.properties.get("GenerateSecretString")
        if wanted is not None:
            resource.not_carried.discard("GenerateSecretString")
            value = {"SecretId": resource.physical_id, "SecretString": _generated(wanted, place)}
            place.apis.call("secretsmanager", "put_secret_value", value)


def _generated(wanted: Properties, place: Place) -> str:
    """Return a value as `GenerateSecretString` describes it, made by the emulator's GetRandomPassword."""
    template, key = wanted.get("SecretStringTemplate"), wanted.get("GenerateStringKey")
    rules = {name: value for name, value in wanted.items() if name not in ("SecretStringTemplate", "GenerateStringKey")}
    if "PasswordLength" in rules:
        rules["PasswordLength"] = int(rules["PasswordLength"])
    password = place.apis.call("secretsmanager", "get_random_password", rules)["RandomPassword"]
    return json.dumps({**json.loads(template), key: password}) if template else str(password)


class Attachment:
    """Writes where the database is into its secret, as the real one does: rotation needs it there."""

    def create(self, resource: Resource, place: Place) -> None:
        """Add the connection to the secret's JSON."""
        properties = resource.properties
        secret = resolved(properties["SecretId"], place.apis)
        if properties["TargetType"] == "AWS::RDS::DBInstance":
            text = place.apis.call("secretsmanager", "get_secret_value", {"SecretId": secret})["SecretString"]
            value = {**json.loads(text), **_connection(properties["TargetId"], place)}
            place.apis.call(
                "secretsmanager", "put_secret_value", {"SecretId": secret, "SecretString": json.dumps(value)}
            )
        else:
            resource.not_carried.add("TargetId")
        resource.physical_id = secret

    def replaces(self, resource: Resource, properties: Properties, place: Place) -> set[str]:  # noqa: ARG002  # a Kind's signature
        """Every change is written into the same secret."""
        return set()

    def update(self, resource: Resource, properties: Properties, place: Place) -> None:
        """Write the connection again."""
        resource.properties = properties
        self.create(resource, place)

    def delete(self, resource: Resource, place: Place) -> None:
        """Leave the secret as it is: it goes by itself."""

    def attribute(self, resource: Resource, name: str, place: Place) -> Json:  # noqa: ARG002
        """There are none."""
        return None


def _connection(identifier: str, place: Place) -> dict[str, Any]:
    found = place.apis.call("rds", "describe_db_instances", {"DBInstanceIdentifier": identifier})
    instance = found["DBInstances"][0]
    connection = {
        "engine": instance["Engine"],
        "host": instance["Endpoint"]["Address"],
        "port": instance["Endpoint"]["Port"],
        "dbInstanceIdentifier": instance["DBInstanceIdentifier"],
    }
    return {**connection, "dbname": instance["DBName"]} if instance.get("DBName") else connection


KINDS: dict[str, Kind] = {
    "AWS::SecretsManager::SecretTargetAttachment": Attachment(),
    **by_type(
        SecretRecipe(
            type="AWS::SecretsManager::Secret",
            service="secretsmanager",
            create_calls=(
                Call(
                    "create_secret",
                    {"AddReplicaRegions": "p.ReplicaRegions"},
                    fitted=True,
                    without=("GenerateSecretString", "ReplicaRegions"),
                ),
            ),
            id="made.ARN",
            name_property="Name",
            update_calls=(Call("update_secret", {"SecretId": "id"}, fitted=True, without=("GenerateSecretString",)),),
            parts=(
                Part(
                    "p.ReplicaRegions",
                    do=Call("replicate_secret_to_regions", {"SecretId": "id", "AddReplicaRegions": "[item]"}),
                    undo=Call(
                        "remove_regions_from_replication", {"SecretId": "id", "RemoveReplicaRegions": "[item.Region]"}
                    ),
                    each=True,
                ),
            ),
            delete_calls=(Call("delete_secret", {"SecretId": "id", "ForceDeleteWithoutRecovery": "`true`"}),),
            attributes={"Id": "id"},
            unchanged_by=("Tags", "GenerateSecretString"),
        ),
        Recipe(
            type="AWS::SecretsManager::ResourcePolicy",
            service="secretsmanager",
            create_calls=(Call("put_resource_policy", fitted=True),),
            id="p.SecretId",
            update_calls=(Call("put_resource_policy", fitted=True),),
            create_only=("SecretId",),
            delete_calls=(Call("delete_resource_policy", {"SecretId": "p.SecretId"}),),
        ),
    ),
}
