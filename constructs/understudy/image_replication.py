"""Images that are copied to the registry of the region that stands in."""

from __future__ import annotations

from typing import Final

from aws_cdk import CfnResource, Stack
from constructs import Construct

from understudy.copy_alarms import RUNBOOK
from understudy.python_handler import HandlerSettings, PythonHandler
from understudy.regular_call import call_regularly
from understudy.release_permissions import Place
from understudy.statement import Statement

NAME: Final = "image-replication"
SECONDS: Final = 60
REGISTRY_REASON: Final = (
    "An account has one registry in a region, and its replication is no resource that a statement could name (Service "
    "Authorization Reference, Amazon ECR)."
)
SERVICE: Final = "replication.ecr.amazonaws.com"
ROLE: Final = "AWSServiceRoleForECRReplication"


class ImageReplication(Construct):
    """`Custom::ImageReplication`: the registry's rule that copies repositories `<prefix>/...` to another region.

    A registry has one list of rules for everybody, which is written as a whole: the function adds and takes its own and leaves
    the others, and looks every hour whether somebody who wrote at the same time has lost it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, handlers: HandlerSettings, peer_region: str) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        place = Place.of(stack, handlers.prefix)
        function = PythonHandler(
            self,
            "Function",
            settings=handlers,
            name=NAME,
            description=f"{place.prefix}: the rule by which ECR copies its images to {peer_region}",
            package="image_replication",
            entry="image_replication.handler.handler",
            environment={"PREFIX": place.prefix, "PEER_REGION": peer_region, "ACCOUNT": stack.account},
            statements=[
                Statement(
                    "Registry",
                    ("ecr:DescribeRegistry", "ecr:PutReplicationConfiguration"),
                    ("*",),
                    because=REGISTRY_REASON,
                ),
                # ECR makes it in the caller's name where the account replicates nothing yet (ECR User Guide, using
                # service-linked roles).
                Statement(
                    "Role",
                    ("iam:CreateServiceLinkedRole",),
                    (f"arn:{stack.partition}:iam::{stack.account}:role/aws-service-role/{SERVICE}/{ROLE}",),
                    {"StringEquals": {"iam:AWSServiceName": SERVICE}},
                ),
            ],
            timeout_seconds=SECONDS,
            if_it_fails="images that are pushed from now on may be missing in the other region; it is asked again in an hour; "
            f"{RUNBOOK}",
        )
        CfnResource(
            self,
            "Resource",
            type="Custom::ImageReplication",
            properties={
                "ServiceToken": function.arn,
                "ServiceTimeout": 2 * SECONDS,
                "Prefix": f"{place.prefix}/",
                "Region": peer_region,
            },
        )
        call_regularly(
            self,
            "Hourly",
            function=function,
            every="1 hour",
            description=f"{place.prefix}: looks whether ECR still copies images",
            target="ImageReplication",
        )
