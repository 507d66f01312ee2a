"""The table of recovery: one in each site's region, one at the witness, all of one name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from spec import Deployment
from spec.environment import Protection
from understudy.release_permissions import Place
from understudy.removal import removal_policy
from understudy.state_table import state_table
from understudy.statement import Statement

KEY_ALIAS: Final = "data"
"""Of the sites' key: `alias/<prefix>/data` (keys.py)."""
WITNESS_ALIAS: Final = "witness"

BACKUP_REASON: Final = (
    "Point-in-time recovery restores it to any second of 35 days. What it says of the lease is true for seconds, and one that "
    "was restored would be wrong."
)
KEY_REASON: Final = (
    "The key of a table in another region, which this one's templates cannot name: its alias says which one it is, and it "
    "is used through DynamoDB alone."
)


def table_name(prefix: str) -> str:
    """In every region (lambdas/shared/recovery_table.py)."""
    return f"{prefix}-recovery"


class RecoveryTable(Construct):
    """One item for each subject, by its name in `item`: lease, requests, locks, reports. Some leave at `expires_at`.

    Its name is fixed, because the other regions' functions know it by that: their templates read nothing of this one's.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, prefix: str, key: kms.IKey, protection: Protection
    ) -> None:
        super().__init__(scope, construct_id)
        table = state_table(
            self,
            "Resource",
            name=table_name(prefix),
            keys={"item": "HASH"},
            key=key,
            deletion_protection=protection.deletion_protection,
            removal_policy=removal_policy(protection),
            without_backup_because=BACKUP_REASON,
        )
        self.name = table.ref
        self.arn = table.attr_arn
        self.key = key


def elsewhere(deployment: Deployment) -> dict[str, str]:
    """The other regions with such a table, the other site's and the witness's, each with the alias of the key that it has."""
    found = {deployment.peer_region: KEY_ALIAS}
    if deployment.recovery.witness_region is not None:
        found[deployment.recovery.witness_region] = WITNESS_ALIAS
    return found


def use_tables(stack: Stack, prefix: str, sid: str, actions: Sequence[str], regions: dict[str, str]) -> list[Statement]:
    """Let a function of `stack` do `actions` with the tables in `regions`, each with the alias of the key that it has."""
    found = [
        Statement(
            sid,
            actions,
            [
                f"arn:{stack.partition}:dynamodb:{region}:{stack.account}:table/{table_name(prefix)}"
                for region in regions
            ],
        )
    ]
    for number, (region, alias) in enumerate(regions.items()):
        found.append(
            Statement(
                f"{sid}Key{number}",
                ("kms:Decrypt",),
                (f"arn:{stack.partition}:kms:{region}:{stack.account}:key/*",),
                {
                    "StringEquals": {"kms:ViaService": f"dynamodb.{region}.amazonaws.com"},
                    "ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{prefix}/{alias}"},
                },
                KEY_REASON,
            )
        )
    return found


def lease_statements(place: Place, region: str, key_arn: str) -> list[Statement]:
    """Let a function read who holds the lease in the table of `region`, whose key its template can name."""
    table = f"arn:{place.partition}:dynamodb:{region}:{place.account}:table/{table_name(place.prefix)}"
    through = {"StringEquals": {"kms:ViaService": f"dynamodb.{region}.amazonaws.com"}}
    return [
        Statement("Lease", ("dynamodb:GetItem",), (table,)),
        Statement("LeaseKey", ("kms:Decrypt",), (key_arn,), through),
    ]
