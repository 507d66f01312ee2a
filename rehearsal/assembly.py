"""What CDK synthesized: the stacks of a cloud assembly, read from its files."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNKNOWN_ACCOUNT = "unknown-account"
UNKNOWN_REGION = "unknown-region"


@dataclass(frozen=True)
class StackArtifact:
    """A stack to be deployed; account and region are None when the template leaves them open."""

    name: str
    account: str | None
    region: str | None


def stacks(folder: Path) -> list[StackArtifact]:
    """Return the stacks of an assembly and of the stages within it, in the manifest's order."""
    manifest = json.loads((folder / "manifest.json").read_text())
    found: list[StackArtifact] = []
    for name, artifact in manifest.get("artifacts", {}).items():
        properties = artifact.get("properties", {})
        if artifact["type"] == "aws:cloudformation:stack":
            found.append(_stack(name, artifact["environment"], properties))
        elif artifact["type"] == "cdk:cloud-assembly":
            found.extend(stacks(folder / properties["directoryName"]))
    return found


def _stack(name: str, environment: str, properties: dict[str, Any]) -> StackArtifact:
    account, region = environment.removeprefix("aws://").split("/")
    return StackArtifact(
        name=properties.get("stackName", name),
        account=None if account == UNKNOWN_ACCOUNT else account,
        region=None if region == UNKNOWN_REGION else region,
    )
