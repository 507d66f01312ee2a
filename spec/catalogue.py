"""The folder of applications: which there are, and the choice of one environment of one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from spec.application import Application, load
from spec.deployment import Deployment
from spec.images import SUFFIX
from spec.problem import Problem, SpecError

DEFAULT_APPLICATION: Final = "generator-platform"


def files(folder: Path) -> tuple[Path, ...]:
    """The applications' files in `folder`, by name."""
    return tuple(sorted(path for path in folder.glob("*.yaml") if not path.name.endswith(SUFFIX)))


def choose(folder: Path, *, app: str | None, environment: str | None) -> Deployment:
    """One environment of one application in `folder`; `app` defaults to the generator platform.

    Raises:
        SpecError: either is missing or unknown, with what there is; or the application has problems.
    """
    application = _application(folder, app or DEFAULT_APPLICATION)
    defined = ", ".join(application.environments)
    if environment is None:
        reason = f"no environment is chosen for {Path(application.file).stem}"
        raise SpecError([_choice(reason, f"Add -c env=NAME; there are: {defined}")])
    return application.for_environment(environment)


def _application(folder: Path, name: str) -> Application:
    by_name = {path.stem: path for path in files(folder)}
    if name not in by_name:
        reason = f"there is no application {name!r}"
        raise SpecError([_choice(reason, f"Add -c app=NAME; there are: {', '.join(by_name) or 'none'}")])
    return load(by_name[name])


def _choice(reason: str, remedy: str) -> Problem:
    return Problem("apps", 0, "", reason, remedy)
