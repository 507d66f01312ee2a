"""What keeps the waiting site in step, apart from its stores' own replication."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack, cast

from aws_cdk import Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from spec import Deployment
from stacks.data import DataStack
from stacks.network import NetworkStack
from stacks.security import SecurityStack
from stacks.settings import StackSettings
from stacks.storage import StorageStack
from understudy import broker_mirror, image_replication, secret_mirror
from understudy.broker_mirror import Broker, BrokerReceiving, BrokerSending, Meeting
from understudy.image_replication import ImageReplication
from understudy.keys import Keys
from understudy.python_handler import DormantHandler, HandlerSettings
from understudy.secret_mirror import Mirrored, SecretMirror


@dataclass(frozen=True, slots=True)
class Followed:
    """The site that waits: its secrets get the values of this one's, and its bucket what the broker consists of."""

    region: str
    storage: StorageStack
    data: DataStack
    keys: Keys

    @property
    def meeting(self) -> Meeting:
        """Where brokers' functions meet."""
        # Of the resource: unlike those of the construct around it, its name and ARN reach another region.
        bucket = cast("s3.CfnBucket", self.storage.buckets.logs.node.default_child)
        return Meeting(self.region, bucket.ref, bucket.attr_arn, self.keys.data.key_arn)


class CopiesStack(Stack):
    """Of both sites: where a site is active and the other one follows, the functions; elsewhere their logs alone.

    In a stack of its own, which reads the waiting site's outputs: with that region gone, it alone cannot be deployed.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        security: SecurityStack,
        network: NetworkStack,
        data: DataStack,
        waiting: Followed | None,
        **settings: Unpack[StackSettings],
    ) -> None:
        """`waiting`: the site that follows, which may be this one; None while neither does."""
        super().__init__(scope, construct_id, **settings)
        self._deployment = deployment
        handlers = _handlers(self, deployment, security)
        follower = waiting if deployment.active else None
        self._secrets(handlers, security.keys, data, follower)
        self._images(handlers, follower)
        if data.queue is not None:
            group = network.security_groups.rotation["queue"]
            subnet_ids = [subnet.subnet_id for subnet in network.vpc.private_subnets]
            broker = Broker(data.queue, security.keys.secrets, subnet_ids, group.security_group_id)
            self._broker(handlers, broker, waiting)

    def _secrets(self, handlers: HandlerSettings, keys: Keys, data: DataStack, follower: Followed | None) -> None:
        secrets = data.of_both_sites
        if not secrets:
            return
        if follower is None:
            DormantHandler(Construct(self, "Secrets"), "Function", settings=handlers, name=secret_mirror.NAME)
            return
        there = follower.data.of_both_sites
        SecretMirror(
            self,
            "Secrets",
            handlers=handlers,
            secrets=[
                Mirrored(name, f"{handlers.prefix}/{name}", each.arn, there[name].arn, each.refreshed)
                for name, each in secrets.items()
            ],
            peer_region=follower.region,
            source_key=keys.secrets,
            target_key_arn=follower.keys.secrets.key_arn,
            table_key_arn=follower.keys.data.key_arn,
        )

    def _images(self, handlers: HandlerSettings, follower: Followed | None) -> None:
        if all(service.build is None for service in self._deployment.services.values()):
            return
        if follower is None:
            DormantHandler(Construct(self, "Images"), "Function", settings=handlers, name=image_replication.NAME)
        else:
            ImageReplication(self, "Images", handlers=handlers, peer_region=follower.region)

    def _broker(self, handlers: HandlerSettings, broker: Broker, waiting: Followed | None) -> None:
        """One function for each end; where the other one is, its log."""
        if waiting is not None and self._deployment.active:
            BrokerSending(self, "Sending", handlers=handlers, broker=broker, meeting=waiting.meeting)
        else:
            DormantHandler(Construct(self, "Sending"), "Function", settings=handlers, name=broker_mirror.SENDING)
        if waiting is not None and not self._deployment.active:
            BrokerReceiving(self, "Receiving", handlers=handlers, broker=broker, meeting=waiting.meeting)
        else:
            DormantHandler(Construct(self, "Receiving"), "Function", settings=handlers, name=broker_mirror.RECEIVING)


def _handlers(stack: CopiesStack, deployment: Deployment, security: SecurityStack) -> HandlerSettings:
    return HandlerSettings.of(stack, deployment, logs_key=security.keys.logs, topic_arn=security.topic.arn)
