"""Both regions in the embedded AWS, deployed once and rewound for each rehearsal."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from rehearsal import deployment, embedded_aws
from rehearsal.deployment import Progress
from rehearsal.embedded_aws import EmbeddedAws
from rehearsal.emulator.apis import Apis
from rehearsal.failover.project import APP, ENVIRONMENT, Project
from rehearsal.failure import RehearsalError
from rehearsal.ports import free_port
from rehearsal.toolkit import PLACEHOLDER_ACCOUNT
from spec import Deployment

FUNCTION: Final = "AWS::CloudFront::Function"


@dataclass(frozen=True, slots=True)
class Deployed:
    """What stands."""

    project: Project
    emulator: EmbeddedAws
    wanted: Deployment
    code: str
    """Of the CDN's function, as the template has it."""

    @property
    def home(self) -> str:
        """The region that is active at first."""
        return self.wanted.region

    @property
    def stand_in(self) -> str:
        """The one that waits."""
        return self.wanted.recovery.region

    def apis(self, region: str) -> Apis:
        """The emulator's, for a region."""
        return _apis(self.emulator.endpoint, region)


@cache
def _apis(endpoint: str, region: str) -> Apis:
    return Apis(endpoint=endpoint, account=PLACEHOLDER_ACCOUNT, region=region)


@contextmanager
def deployed(original: Path, progress: Progress, **recovery: Any) -> Iterator[Deployed]:  # noqa: ANN401  # YAML
    """Deploy; nothing of it is left afterwards. Raises RehearsalError and SpecError."""
    with ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="understudy-project-", ignore_cleanup_errors=True)
        )
        project = Project(original, Path(folder), **recovery)
        wanted = project.deployment()
        stack.callback(embedded_aws.stop, project.workspace)
        emulator = embedded_aws.ensure(project.workspace, port=free_port(), say=progress.say)
        deployment.up(project.workspace, app=APP, environment=ENVIRONMENT, port=emulator.port, progress=progress)
        emulator.checkpoint()
        yield Deployed(project, emulator, wanted, _code(project.workspace.assembly, wanted))


def _code(assembly: Path, wanted: Deployment) -> str:
    """The function of the edge's template that selects the region."""
    for file in sorted(assembly.glob("*.template.json")):
        for resource in json.loads(file.read_text())["Resources"].values():
            properties = resource.get("Properties", {})
            if resource["Type"] == FUNCTION and properties["Name"] == f"{wanted.prefix}-routing":
                return str(properties["FunctionCode"])
    raise RehearsalError("no template has a function that selects a region", remedy=f"it is {wanted.prefix}-routing")
