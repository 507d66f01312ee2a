"""The application that is failed over: a production environment with a stand-in, small enough to stand on one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from rehearsal.project_copy import ProjectCopy
from rehearsal.release.versions import OLD
from spec import Deployment, load

APP: Final = "storefront"
ENVIRONMENT: Final = "prod"
SERVICE: Final = "web"
WITNESS: Final = "us-east-2"
RECOVERY: Final[dict[str, Any]] = {
    "strategy": "warm_standby",
    "failover": "automatic",
    "witness_region": WITNESS,
}
SMOKE_TESTS: Final = [{"name": "front-page", "path": "/", "body_contains": "welcome"}]


class Project(ProjectCopy):
    """`recovery`: what differs from the rehearsed settings."""

    def __init__(self, original: Path, folder: Path, **recovery: Any) -> None:  # noqa: ANN401  # YAML
        super().__init__(original, folder)

        def edit(content: Any) -> None:  # noqa: ANN401  # YAML
            environment = content["environments"][ENVIRONMENT]
            environment["recovery"] = {**RECOVERY, **recovery}
            # No task mounts them; a failover has to let them go all the same.
            environment["storage"] = {**(environment.get("storage") or {}), "files": {}}
            # Always as many: scaling by load is not what is rehearsed.
            service = {"scaling": None, "replicas": 2, "release": {"smoke_tests": SMOKE_TESTS}}
            environment["services"] = {SERVICE: service}

        def images(content: Any) -> None:  # noqa: ANN401  # YAML
            content[ENVIRONMENT] = {SERVICE: OLD.digest}

        self.change(f"{APP}.yaml", edit)
        self.change(f"{APP}.images.yaml", images)

    def deployment(self) -> Deployment:
        """What the file says. Raises SpecError for what cannot meet its objectives."""
        return load(self.folder / "apps" / f"{APP}.yaml").for_environment(ENVIRONMENT)
