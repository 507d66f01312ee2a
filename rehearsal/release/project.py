"""The project with one application that is released: a folder of its own, in which everything but `apps/` is a link."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from rehearsal.release.versions import OLD, Version, VersionName
from rehearsal.workspace import Workspace
from spec import Deployment, load
from spec.release import Engine, Strategy

APP: Final = "storefront"
ENVIRONMENT: Final = "prod"
SERVICE: Final = "web"
NOT_LINKED: Final = frozenset({"apps", ".rehearsal", ".git", "cdk.out"})

EXPECTED_START_SECONDS: Final = 15
"""Virtual: from the order for a container to its process, and what the spec is told to expect. Fargate's own figure is
the application's to measure (health.startup.expected_seconds); a smaller one would test less."""

HOOK_LIMITS: Final = {"before_traffic_seconds": 12}
"""Virtual: five seconds, as production has it, are less than a second here, in which a function has to start."""

MIGRATION_SECONDS: Final = 35
"""Virtual: a container's start, and a few real seconds at the speed of a rehearsal."""


LATE: Final = "unhealthy-later"
LATE_BAKE_MINUTES: Final = 3
LATE_OBJECTIVE_MINUTES: Final = 7
"""A version that falls ill some time after it got all requests: within five minutes there is room for a bake of two, in
which the numbers about it, a minute long and a minute late, do not arrive for certain."""


class Project:
    """What a person would have: the application's file with the release that is rehearsed, and its file of images."""

    def __init__(
        self, original: Path, folder: Path, *, engine: Engine, strategy: Strategy, version: VersionName
    ) -> None:
        self.folder = folder
        self.workspace = Workspace(folder)
        for path in original.iterdir():
            if path.name not in NOT_LINKED:
                (folder / path.name).symlink_to(path)
        shutil.copytree(original / "apps", folder / "apps")
        self._yaml = YAML()
        self._yaml.width = 120
        self._change(folder / "apps" / f"{APP}.yaml", service_of(engine, strategy))
        if version == LATE and strategy in ("rolling", "blue_green"):
            self._bake_longer(folder / "apps" / f"{APP}.yaml")
        self.image(OLD)
        self.workspace.folder.mkdir()

    def image(self, version: Version) -> None:
        """Have the environment run a version; what a `cdk deploy` then does is the release."""
        file = self.folder / "apps" / f"{APP}.images.yaml"
        content = self._yaml.load(file)
        # The file may hold more about an image than its digest.
        content[ENVIRONMENT] = {SERVICE: version.digest}
        with file.open("w") as out:
            self._yaml.dump(content, out)

    def deployment(self) -> Deployment:
        """What the file says. Raises SpecError for what cannot meet its objectives."""
        return load(self.folder / "apps" / f"{APP}.yaml").for_environment(ENVIRONMENT)

    def _bake_longer(self, file: Path) -> None:
        content = self._yaml.load(file)
        environment = content["environments"][ENVIRONMENT]
        environment["services"][SERVICE]["release"]["bake_minutes"] = LATE_BAKE_MINUTES
        environment["objectives"] = dict.fromkeys(("deploy_minutes", "rollback_minutes"), LATE_OBJECTIVE_MINUTES)
        with file.open("w") as out:
            self._yaml.dump(content, out)

    def _change(self, file: Path, service: Mapping[str, Any]) -> None:
        content = self._yaml.load(file)
        content["environments"][ENVIRONMENT]["services"] = {SERVICE: dict(service)}
        with file.open("w") as out:
            self._yaml.dump(content, out)


def service_of(engine: Engine, strategy: Strategy) -> dict[str, Any]:
    """The overlay of the service: the release, what it is tested with, how it migrates, and times that fit together."""
    smoke_tests = [
        {"name": "front-page", "path": "/", "body_contains": "welcome"},
        {"name": "order", "path": "/orders", "status": 200, "body_contains": "order"},
    ]
    service: dict[str, Any] = {
        # Always as many: scaling by load is not what is rehearsed.
        "scaling": None,
        "health": {"startup": {"expected_seconds": EXPECTED_START_SECONDS}},
        "release": {"engine": engine, "strategy": strategy, "smoke_tests": smoke_tests, "hooks": HOOK_LIMITS},
    }
    if strategy == "rolling":
        # Nothing stands between the old and the new tasks that could migrate; the new version does it when it starts.
        del service["release"]["smoke_tests"], service["release"]["hooks"]
    else:
        service["migration"] = {
            "command": ["migrate", "up"],
            "timeout_seconds": MIGRATION_SECONDS,
            "way_back": {"kind": "compatible"},
        }
    return service
