"""The project with one application that is released."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rehearsal.project_copy import ProjectCopy
from rehearsal.release.versions import OLD, Version, VersionName
from spec import Deployment, load
from spec.release import Engine, Strategy

APP: Final = "storefront"
ENVIRONMENT: Final = "prod"
SERVICE: Final = "web"

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


class Project(ProjectCopy):
    """What a person would have: the application's file with the release that is rehearsed, and its file of images."""

    def __init__(
        self, original: Path, folder: Path, *, engine: Engine, strategy: Strategy, version: VersionName
    ) -> None:
        super().__init__(original, folder)
        self._change(service_of(engine, strategy))
        if version == LATE and strategy in ("rolling", "blue_green"):
            self._bake_longer()
        self.image(OLD)

    def image(self, version: Version) -> None:
        """Have the environment run a version; what a `cdk deploy` then does is the release."""

        def edit(content: Any) -> None:  # noqa: ANN401  # YAML
            # The file may hold more about an image than its digest.
            content[ENVIRONMENT] = {SERVICE: version.digest}

        self.change(f"{APP}.images.yaml", edit)

    def deployment(self) -> Deployment:
        """What the file says. Raises SpecError for what cannot meet its objectives."""
        return load(self.folder / "apps" / f"{APP}.yaml").for_environment(ENVIRONMENT)

    def _bake_longer(self) -> None:
        def edit(content: Any) -> None:  # noqa: ANN401  # YAML
            environment = content["environments"][ENVIRONMENT]
            environment["services"][SERVICE]["release"]["bake_minutes"] = LATE_BAKE_MINUTES
            environment["objectives"] = dict.fromkeys(("deploy_minutes", "rollback_minutes"), LATE_OBJECTIVE_MINUTES)

        self.change(f"{APP}.yaml", edit)

    def _change(self, service: Mapping[str, Any]) -> None:
        def edit(content: Any) -> None:  # noqa: ANN401  # YAML
            environment = content["environments"][ENVIRONMENT]
            environment["services"] = {SERVICE: dict(service)}
            # What stands in for it plays no part in a release, and takes as long to deploy as all the rest.
            environment["recovery"] = {"strategy": "none"}

        self.change(f"{APP}.yaml", edit)


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
