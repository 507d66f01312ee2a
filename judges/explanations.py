"""The two lists of findings that are known: acknowledged for good, and pending until a later capability cures them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from ruamel.yaml import YAML

from judges.finding import Finding
from spec.environment import ENVIRONMENTS, EnvironmentName

HERE: Final = Path(__file__).parent
PENDING: Final = HERE / "pending.yaml"
ACKNOWLEDGED: Final = HERE / "acknowledged.yaml"

Resource = Annotated[str, Field(pattern=r"^(AWS::\w+::\w+|[a-z]+(/.+)?)$")]
"""A CloudFormation type, or a construct path that begins with its stack's name; `*` stands for any characters."""

Text = Annotated[str, Field(min_length=20)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    resource: Resource
    environments: tuple[EnvironmentName, ...] = ENVIRONMENTS
    """Default: every environment."""
    message: str = "*"
    """What the judge says, where one ID covers different faults; `*` stands for any characters."""

    def about(self, finding: Finding) -> bool:
        """Whether the entry is about the finding's resource, environment and message."""
        by_type = self.resource.startswith("AWS::")
        return (
            fnmatchcase(finding.resource if by_type else finding.path, self.resource)
            and finding.deployment.rpartition("-")[2] in self.environments
            and fnmatchcase(finding.message, self.message)
        )


class Acknowledged(_Entry):
    """A finding of a judge that cannot be acknowledged in code, and the reason why it stands for good."""

    finding: str
    reason: Text


class Pending(_Entry):
    """Findings that one later capability will cure; the same lack often has an ID in several packs."""

    findings: Annotated[tuple[str, ...], Field(min_length=1)]
    cure: Annotated[str, Field(pattern=r"^issue \d+: ")]


def acknowledged(file: Path = ACKNOWLEDGED) -> list[Acknowledged]:
    """The list of findings that stand for good."""
    return TypeAdapter(list[Acknowledged]).validate_python(_read(file))


def pending(file: Path = PENDING) -> list[Pending]:
    """The list of findings that will be cured."""
    return TypeAdapter(list[Pending]).validate_python(_read(file))


def _read(file: Path) -> object:
    return YAML(typ="safe", pure=True).load(file) or []
