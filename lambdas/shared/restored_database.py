"""A database that was restored beside the running one: who may look into it, and how its administrator logs in.

It comes up with the passwords of the moment that it was restored to. So RDS is asked to manage its administrator's: it makes
a new one, keeps it in Secrets Manager, and deletes it with the database; nobody here ever makes or passes one on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from shared.aws import client, is_error
from shared.login import Login, login
from shared.postgresql_connection import Endpoint

GONE: Final = frozenset(
    {
        "deleting",
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-network",
        "incompatible-option-group",
        "incompatible-parameters",
        "incompatible-restore",
        "restore-error",
        "storage-full",
    }
)
"""What an instance does not come back from, or not before somebody does something, such as enabling its key again (RDS User
Guide, status of a DB instance)."""
WAIT_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Restored:
    """It takes connections."""

    name: str
    endpoint: Endpoint
    secret_arn: str
    """Of its administrator; RDS's own."""

    def administrator(self) -> Login:
        """Raises Told if the secret holds no login."""
        value = client("secretsmanager").get_secret_value(SecretId=self.secret_arn)["SecretString"]
        return login(json.loads(value))


@dataclass(frozen=True, slots=True)
class NotYet:
    """Says what is missing."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """It is not there, or will not come up; says which."""

    reason: str


def look(name: str, secrets_key_arn: str) -> Restored | NotYet | Lost:
    """The database `name`, once RDS manages its administrator's password under `secrets_key_arn`; asks for that where needed."""
    instance = find(name)
    if instance is None:
        return Lost(f"there is no database {name}")
    status = str(instance.get("DBInstanceStatus", ""))
    if status in GONE:
        return Lost(f"the database {name} is {status}")
    if status != "available" or "Endpoint" not in instance:
        return NotYet(f"the database {name} is {status}")
    secret = instance.get("MasterUserSecret")
    if not secret:
        client("rds").modify_db_instance(
            DBInstanceIdentifier=name,
            ManageMasterUserPassword=True,
            MasterUserSecretKmsKeyId=secrets_key_arn,
            ApplyImmediately=True,
        )
        return NotYet(f"the database {name} gets a new password")
    if secret.get("SecretStatus") != "active" or "MasterUserPassword" in (instance.get("PendingModifiedValues") or {}):
        return NotYet(f"the new password of the database {name} is not valid yet")
    endpoint = instance["Endpoint"]
    return Restored(name, Endpoint(endpoint["Address"], int(endpoint["Port"])), str(secret["SecretArn"]))


def find(name: str) -> dict[str, Any] | None:
    """As RDS describes it; None where there is none of that name."""
    try:
        found = client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    except Exception as failure:
        if is_error(failure, "DBInstanceNotFound", "DBInstanceNotFoundFault"):
            return None
        raise
    return dict(found[0]) if found else None
