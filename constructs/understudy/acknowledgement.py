"""Findings of the judges that stand, each with the reason an auditor would accept."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Acknowledge findings, by ID (`AwsSolutions-IAM5[Resource::*]`), on `construct` and everything in it.

    One ID names one finding. What a later capability will cure does not belong here but in the judges' `pending` list.
    """
    Validations.of(construct).acknowledge(
        *[Acknowledgment(id=finding, reason=reason) for finding, reason in reasons.items()]
    )
