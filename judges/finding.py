"""One finding of one judge."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What a judge holds against one resource of one environment."""

    judge: str
    rule: str
    """The judge's own ID, as `acknowledge` and the lists of explanations take it."""
    path: str
    """Construct path, the same in every environment: `data/Database/Resource`."""
    resource: str
    """CloudFormation type."""
    deployment: str
    """`<app>-<env>`."""
    template: str
    """Name of the template's file."""
    logical_id: str
    message: str
