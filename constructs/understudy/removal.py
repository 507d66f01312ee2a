"""What becomes of a resource when it leaves its stack."""

from __future__ import annotations

from aws_cdk import RemovalPolicy

from spec.environment import Protection


def removal_policy(protection: Protection) -> RemovalPolicy:
    """For what holds data without being able to leave a snapshot: buckets, file systems, keys, secrets.

    What a failed first creation leaves behind is removed even when data is kept: it is empty, and a fixed name would
    stop the next attempt.
    """
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if protection.on_removal == "keep" else RemovalPolicy.DESTROY


def snapshot_policy(protection: Protection) -> RemovalPolicy:
    """For what CloudFormation can take a final snapshot of: database and cache."""
    return RemovalPolicy.SNAPSHOT if protection.on_removal == "keep" else RemovalPolicy.DESTROY
