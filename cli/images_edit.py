"""Changes to an application's file of images: all of a change or nothing, and only if the application stays sound."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from spec import Deployment, SpecError, load
from spec.images import REJECTED, images_file
from spec.problem import Problem


@dataclass(frozen=True, slots=True)
class Release:
    """One image that goes live; `break_glass` says why although an alarm is red or a freeze holds."""

    service: str
    digest: str
    tag: str | None
    by: str
    break_glass: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """An image that is taken back, and the one that takes its place."""

    service: str
    digest: str
    instead: str
    by: str
    because: str


def release(application: Path, environment: str, releases: list[Release]) -> Deployment:
    """Write the images that `environment` is to run.

    Raises:
        SpecError: the application would not be sound with them; nothing is written then.
    """

    def write(document: dict[str, Any]) -> None:
        entries = document.setdefault(environment, {})
        for one in releases:
            before = _digest(entries.get(one.service))
            entry: dict[str, Any] = {"digest": one.digest}
            if one.tag:
                entry["tag"] = one.tag
            if before and before != one.digest:
                entry["previous"] = before
            if one.break_glass:
                entry["break_glass"] = {"by": one.by, "because": one.break_glass}
            entries[one.service] = entry

    return _edit(application, environment, write)


def reject(application: Path, environment: str, rejection: Rejection) -> Deployment:
    """Write that a digest may run nowhere again, and let `environment` run another one.

    Raises:
        SpecError: the application would not be sound then; nothing is written.
    """

    def write(document: dict[str, Any]) -> None:
        document[environment][rejection.service] = {"digest": rejection.instead}
        rejected = document.setdefault(REJECTED, {}).setdefault(rejection.service, [])
        rejected.append({"digest": rejection.digest, "by": rejection.by, "because": rejection.because})

    return _edit(application, environment, write)


def _digest(entry: Any) -> str | None:  # noqa: ANN401 - a digest alone, or a mapping
    return entry.get("digest") if isinstance(entry, dict) else entry


def _edit(application: Path, environment: str, write: Callable[[dict[str, Any]], None]) -> Deployment:
    """The file is replaced in one step: whoever reads it, or kills this, finds the old one or the new one."""
    file = images_file(application)
    yaml = YAML()
    yaml.width = 4096
    document = yaml.load(file.read_text(encoding="utf-8")) if file.exists() else None
    document = document if document is not None else {}
    write(document)
    text = io.StringIO()
    yaml.dump(document, text)
    deployment = _tried(application, environment, text.getvalue())
    with tempfile.NamedTemporaryFile("w", dir=file.parent, suffix=".tmp", delete=False, encoding="utf-8") as new:
        new.write(text.getvalue())
    Path(new.name).chmod(0o644)
    os.replace(new.name, file)  # noqa: PTH105 - the atomic one
    return deployment


def _tried(application: Path, environment: str, text: str) -> Deployment:
    """The environment as it would be; problems speak of the real files."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / application.name
        shutil.copyfile(application, copy)
        images_file(copy).write_text(text, encoding="utf-8")
        try:
            return load(copy).for_environment(environment)
        except SpecError as error:
            raise SpecError([_in(application.parent, problem) for problem in error.problems]) from None


def _in(folder: Path, problem: Problem) -> Problem:
    place = str(folder / Path(problem.file).name)
    return Problem(place, problem.line, problem.path, problem.reason, problem.remedy, problem.environment)
