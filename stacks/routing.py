"""What a site has to know of the edge."""

from __future__ import annotations

from typing import Unpack

from aws_cdk import Stack
from constructs import Construct

from spec import Deployment
from stacks.settings import StackSettings
from understudy.routing_store import keep_store_arn


class RoutingStack(Stack):
    """The ARN of the edge's key-value store, written down in a site's own region (decision 18).

    AWS chooses that ARN, so no spec can know it. This stack alone reads the edge's output. What moves users at a failover
    reads the parameter instead, and is deployed and updated whether or not the edge's region answers.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        store_arn: str,
        **settings: Unpack[StackSettings],
    ) -> None:
        super().__init__(scope, construct_id, **settings)
        keep_store_arn(self, "Store", prefix=deployment.prefix, store_arn=store_arn)
