"""An application's file: loading it, and its environments."""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import product
from pathlib import Path as FilePath

from pydantic import ValidationError

from spec import faults
from spec import images as images_of
from spec.deployment import Deployment
from spec.environment import ALIASES, ENVIRONMENTS, Environment, EnvironmentName
from spec.overlay import drop_nulls, expand, merge
from spec.presets import PRESETS
from spec.problem import Finding, Path, Problem, SpecError, dotted
from spec.rules import examine
from spec.source import Data, Document, read_document

OVERLAYS = "environments"


@dataclass(frozen=True, slots=True)
class Application:
    """One application: a base, and what differs in each environment."""

    file: str
    environments: tuple[EnvironmentName, ...]
    _document: Document
    _images: Document

    def for_environment(self, name: str) -> Deployment:
        """The environment `name`, or an alias of it.

        Raises:
            SpecError: the environment is not defined, or has problems; with all of them.
        """
        environment = ALIASES.get(name)
        if environment is None or environment not in self.environments:
            defined = ", ".join(self.environments)
            reason = f"there is no environment {name!r}"
            raise SpecError([self._problem((OVERLAYS,), reason, f"Defined here: {defined}", None)])
        deployment, problems = self._build(environment)
        if problems or deployment is None:
            raise SpecError(problems)
        return deployment

    def deployments(self) -> tuple[Deployment, ...]:
        """Every environment.

        Raises:
            SpecError: any environment has problems; with those of all, each once.
        """
        built = [self._build(environment) for environment in self.environments]
        problems = _merged([problem for _, found in built for problem in found], len(built))
        problems += self._overlaps([deployment for deployment, _ in built if deployment])
        if problems:
            raise SpecError(problems)
        return tuple(deployment for deployment, _ in built if deployment)

    def _build(self, environment: EnvironmentName) -> tuple[Deployment | None, list[Problem]]:
        key, overlay = self._overlay(environment)
        base = {name: value for name, value in self._document.data.items() if name != OVERLAYS}
        document = merge(base, overlay)
        data: Data = drop_nulls(merge(expand(PRESETS[environment], document, Environment), document), Environment)
        images, unsound = images_of.read(self._images, environment)
        data |= {
            "environment": environment,
            "images": {name: image.digest for name, image in images.images.items()},
            "break_glass": {
                name: image.break_glass.model_dump() for name, image in images.images.items() if image.break_glass
            },
        }
        findings, sound = faults.structural(data, Deployment)
        findings += unsound
        try:
            deployment = Deployment.model_validate_json(json.dumps(sound))
        except ValidationError:  # what is missing cannot be left out: the structural findings say it
            return None, self._located(findings, key, environment)
        findings += examine(deployment, data, [finding.path for finding in findings])
        return deployment, self._located(findings, key, environment)

    def _overlay(self, environment: EnvironmentName) -> tuple[str, Data]:
        overlays = self._document.data[OVERLAYS]
        key = next(key for key in overlays if ALIASES.get(key) == environment)
        return key, overlays[key] or {}

    def _located(self, findings: list[Finding], key: str, environment: EnvironmentName) -> list[Problem]:
        return [self._locate(finding, key, environment) for finding in findings]

    def _locate(self, finding: Finding, key: str, environment: EnvironmentName) -> Problem:
        """Where the finding stands: the image file, the overlay if it has the key, else the base if it has it, or what
        is nearest above it there.
        """
        if finding.path[0] in {"images", images_of.REJECTED}:
            part = environment if finding.path[0] == "images" else images_of.REJECTED
            path: Path = (part, *finding.path[1:])
            line = self._images.line(path)
            return Problem(self._images.file, line, dotted(path), finding.reason, finding.remedy, environment)
        lines = self._document.lines
        overlay: Path = (OVERLAYS, key)
        for end in range(len(finding.path), 0, -1):
            whole = end == len(finding.path)
            for prefix in (overlay, ()) if whole else ((), overlay):
                if (*prefix, *finding.path[:end]) in lines:
                    return self._problem((*prefix, *finding.path), finding.reason, finding.remedy, environment)
        return self._problem(finding.path, finding.reason, finding.remedy, environment)

    def _problem(self, path: Path, reason: str, remedy: str, environment: EnvironmentName | None) -> Problem:
        return Problem(self.file, self._document.line(path), dotted(path), reason, remedy, environment)

    def _overlaps(self, deployments: list[Deployment]) -> list[Problem]:
        found = []
        for index, one in enumerate(deployments):
            for (path, cidr), other in product(_networks(one), deployments[:index]):
                taken = [theirs for _, theirs in _networks(other) if IPv4Network(cidr).overlaps(IPv4Network(theirs))]
                if taken:
                    key, _ = self._overlay(one.environment)
                    reason = f"{cidr} of {one.environment} overlaps {taken[0]} of {other.environment}"
                    remedy = "Give each environment its own network, so that they can be joined one day"
                    found.append(self._locate(Finding(path, reason, remedy), key, one.environment))
        return found


def _networks(deployment: Deployment) -> list[tuple[Path, str]]:
    """The environment's network, and its stand-in's where that is another one, with their places in the file."""
    home = (("network", "cidr"), deployment.network.cidr)
    cidr = deployment.recovery.cidr
    return [home, (("recovery", "cidr"), cidr)] if deployment.recovery.stands_in and cidr else [home]


def load(path: FilePath | str) -> Application:
    """Read an application's file, and the file of its images beside it.

    Raises:
        SpecError: a file cannot be read or is no mapping of unique keys, or defines no environment; with every problem.
    """
    file = FilePath(path)
    document = read_document(file)
    images = read_document(images_of.images_file(file), optional=True)
    problems = _environment_problems(document)
    if problems:
        raise SpecError(problems)
    present = {ALIASES[key] for key in document.data[OVERLAYS]}
    return Application(str(file), tuple(name for name in ENVIRONMENTS if name in present), document, images)


def _environment_problems(document: Document) -> list[Problem]:
    overlays = document.data.get(OVERLAYS)
    line = document.line((OVERLAYS,))
    choice = f"Name at least one of {', '.join(ENVIRONMENTS)}"
    if not isinstance(overlays, dict) or not overlays:
        return [Problem(document.file, line, OVERLAYS, "defines no environment", choice)]
    problems = []
    seen: dict[str, str] = {}
    for key, overlay in overlays.items():
        path = (OVERLAYS, key)
        where = document.line(path)
        name = ALIASES.get(key)
        if name is None:
            problems.append(Problem(document.file, where, dotted(path), "is not an environment", choice))
        elif name in seen:
            reason = f"is the same environment as {seen[name]}"
            problems.append(Problem(document.file, where, dotted(path), reason, "Keep one of the two"))
        elif overlay is not None and not isinstance(overlay, dict):
            remedy = "Write what differs there, or nothing"
            problems.append(Problem(document.file, where, dotted(path), "is not a mapping", remedy))
        seen.setdefault(name or key, key)
    return problems


def _merged(problems: list[Problem], environments: int) -> list[Problem]:
    """Each problem once: one that every environment has is the base's, and names none."""
    by_content: dict[tuple[str, int, str, str, str], list[str]] = {}
    for problem in problems:
        content = (problem.file, problem.line, problem.path, problem.reason, problem.remedy)
        by_content.setdefault(content, []).append(problem.environment or "")
    return [
        Problem(*content, environment=None if len(names) == environments else ", ".join(dict.fromkeys(names)))
        for content, names in by_content.items()
    ]
