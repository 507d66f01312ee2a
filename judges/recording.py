"""Acknowledgements made in code, recorded instead of obeyed, so that CDK's judges report every finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

Record = list[dict[str, str]]
"""Path, rule and reason of each acknowledgement, as `judges.acknowledgement` reads them."""


class _Recorder:
    """Stands in for `Validations.of(construct)`."""

    def __init__(self, construct: IConstruct, real: Validations, record: Record) -> None:
        self._path = construct.node.path
        self._real = real
        self._record = record

    def acknowledge(self, *rules: Acknowledgment) -> None:
        self._record += [{"path": self._path, "rule": rule.id, "reason": rule.reason or ""} for rule in rules]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else Validations has
        return getattr(self._real, name)


@contextmanager
def recorded() -> Iterator[Record]:
    """Every acknowledgement made inside, none of which reaches CDK.

    cdk-nag drops what is acknowledged before it reports. So its findings cannot tell which acknowledgements are needed
    still, nor fill a report of those in force. Kept from it here, they are applied to the full list of findings later.
    """
    record: Record = []
    real: Callable[[IConstruct], Validations] = Validations.of
    with patch.object(Validations, "of", lambda construct: _Recorder(construct, real(construct), record)):
        yield record
