"""Objects of a bucket as policies speak of them, and as the judges do."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_s3 as s3


def judged_objects(bucket: s3.IBucket, path: str = "*") -> str:
    """What the judges call `<bucket>/<path>`: after the bucket's logical ID, which its own stack knows."""
    logical_id, attribute = Stack.of(bucket).resolve(bucket.bucket_arn)["Fn::GetAtt"]
    return f"<{logical_id}.{attribute}>/{path}"
