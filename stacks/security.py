"""Keys: what everything else encrypts with."""

from __future__ import annotations

from typing import Unpack

from aws_cdk import Stack
from constructs import Construct

from spec import Deployment
from stacks.settings import StackSettings
from understudy.keys import Keys
from understudy.removal import removal_policy


class SecurityStack(Stack):
    """The environment's keys, in a stack of their own: it comes first and refers to no other."""

    keys: Keys

    def __init__(
        self, scope: Construct, construct_id: str, *, deployment: Deployment, **settings: Unpack[StackSettings]
    ) -> None:
        super().__init__(scope, construct_id, **settings)
        self.keys = Keys(
            self,
            "Keys",
            prefix=deployment.prefix,
            rotation_days=deployment.encryption.key_rotation_days,
            removal_policy=removal_policy(deployment.protection),
        )
