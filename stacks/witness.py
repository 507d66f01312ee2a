"""The witness: a table in a third region, and nothing else."""

from __future__ import annotations

from typing import Unpack

from aws_cdk import Stack
from constructs import Construct

from spec import Deployment
from stacks.settings import StackSettings
from understudy.keys import account_key
from understudy.recovery_table import WITNESS_ALIAS, RecoveryTable
from understudy.removal import removal_policy


class WitnessStack(Stack):
    """Both sites write the lease here; it knows neither of them, and asks nobody."""

    table: RecoveryTable

    def __init__(
        self, scope: Construct, construct_id: str, *, deployment: Deployment, **settings: Unpack[StackSettings]
    ) -> None:
        super().__init__(scope, construct_id, **settings)
        key = account_key(
            self,
            "Key",
            alias=f"{deployment.prefix}/{WITNESS_ALIAS}",
            description=f"{deployment.prefix}: who may write",
            rotation_days=deployment.encryption.key_rotation_days,
            removal_policy=removal_policy(deployment.protection),
        )
        self.table = RecoveryTable(self, "Table", prefix=deployment.prefix, key=key, protection=deployment.protection)
