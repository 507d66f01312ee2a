"""Where each site finds the key-value store of the edge: a parameter in its own region."""

from __future__ import annotations

from aws_cdk import aws_ssm as ssm
from constructs import Construct

from understudy.statement import Statement


def parameter_name(prefix: str) -> str:
    """`/<prefix>/routing-store`."""
    return f"/{prefix}/routing-store"


def keep_store_arn(scope: Construct, construct_id: str, *, prefix: str, store_arn: str) -> None:
    """Write down `store_arn` in the region of `scope`'s stack."""
    ssm.CfnParameter(
        scope,
        construct_id,
        name=parameter_name(prefix),
        type="String",
        value=store_arn,
        description="The key-value store that says which region requests go to",
    )


def store_arn_kept(prefix: str) -> str:
    """The ARN as CloudFormation reads it from its own region, at each update of what uses it; no other region is asked.

    The parameter has to exist: a stack that uses it comes after the stack `routing` of its region.
    """
    return f"{{{{resolve:ssm:{parameter_name(prefix)}}}}}"


def switching(prefix: str) -> Statement:
    """What `failover.traffic` calls: it reads the key and its ETag, and puts the key. The function also needs the signing layer
    (`PythonHandler(signs_for_every_region=True)`).
    """
    actions = ("DescribeKeyValueStore", "GetKey", "PutKey")
    return Statement(
        "Traffic", tuple(f"cloudfront-keyvaluestore:{action}" for action in actions), (store_arn_kept(prefix),)
    )
