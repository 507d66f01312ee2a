"""A synthesized environment on disk: its templates, and which construct each resource came from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judges.finding import Finding

PATH_METADATA = "aws:cdk:path"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a template, and the construct that made it."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Template:
    """A stack's template and the region it is for."""

    file: Path
    region: str
    resources: Mapping[str, Resource]
    """By logical ID."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """The templates of one environment of one application."""

    deployment: str
    folder: Path
    templates: tuple[Template, ...]

    def by_logical_id(self, *, judge: str, rule: str, template: str, logical_id: str, message: str) -> Finding:
        """The finding about what a judge of templates calls `logical_id`; the template itself if it has none."""
        resources = next(each.resources for each in self.templates if each.file.name == template)
        resource = resources.get(logical_id, Resource("", template.removesuffix(".template.json")))
        return Finding(judge, rule, resource.path, resource.kind, self.deployment, template, logical_id, message)

    def by_path(self, *, judge: str, rule: str, path: str, message: str) -> Finding:
        """The finding about the construct that a judge of constructs calls `path`."""
        for template in self.templates:
            for logical_id, resource in template.resources.items():
                if resource.path == path:
                    name = template.file.name
                    return Finding(judge, rule, path, resource.kind, self.deployment, name, logical_id, message)
        return Finding(judge, rule, path, "", self.deployment, "", "", message)


def read_assembly(folder: Path, *, deployment: str) -> Assembly:
    """What CDK wrote into `folder`; its templates must have been synthesized with path metadata."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    stacks = [each for each in manifest["artifacts"].values() if each["type"] == "aws:cloudformation:stack"]
    return Assembly(deployment, folder, tuple(_template(folder, stack) for stack in stacks))


def _template(folder: Path, stack: Mapping[str, Any]) -> Template:
    file = folder / stack["properties"]["templateFile"]
    resources = json.loads(file.read_text(encoding="utf-8")).get("Resources", {})
    by_id = {name: _resource(name, resource) for name, resource in resources.items()}
    return Template(file, stack["environment"].rsplit("/", 1)[-1], by_id)


def _resource(logical_id: str, resource: Mapping[str, Any]) -> Resource:
    return Resource(resource["Type"], resource.get("Metadata", {}).get(PATH_METADATA, logical_id))
