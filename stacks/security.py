"""Keys, which everything else encrypts with, and the topic that everything may raise an alarm on."""

from __future__ import annotations

from typing import Unpack

from aws_cdk import Stack
from constructs import Construct

from spec import Deployment
from stacks.settings import StackSettings
from understudy.alarm_topic import AlarmTopic
from understudy.keys import Keys
from understudy.removal import removal_policy


class SecurityStack(Stack):
    """The environment's keys and its topic of alarms, in a stack of their own: it comes first and refers to no other."""

    keys: Keys
    topic: AlarmTopic

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
        self.topic = AlarmTopic(
            self,
            "Alarms",
            prefix=deployment.prefix,
            name=f"{deployment.prefix}-alarms",
            key=self.keys.logs,
            addresses=deployment.monitoring.notify,
        )
