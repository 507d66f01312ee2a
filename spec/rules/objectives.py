"""Objectives that the environment could not meet."""

from __future__ import annotations

from collections.abc import Iterator

from spec.deployment import Deployment
from spec.objectives import assess
from spec.problem import Finding


def check(deployment: Deployment) -> Iterator[Finding]:
    """Each with its sum, term by term, and the change that helps most."""
    for assessment in assess(deployment):
        if not assessment.met:
            yield Finding(assessment.path, assessment.explained, assessment.remedy)
