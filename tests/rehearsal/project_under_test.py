"""A copy of the project that a test may change, with an emulator of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.emulator.apis import Apis
from spec import Deployment, load
from tests.rehearsal.under_test import ACCOUNT, REGION

BIN = Path(sys.executable).parent
APP, ENV = "generator-platform", "dev"


@dataclass
class Project:
    """A copy of the project whose applications may be changed, with an emulator of its own."""

    folder: Path
    port: int

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line."""
        return subprocess.run(
            [BIN / "understudy", *arguments],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
        )

    def up(self) -> str:
        """Deploy, which must succeed, and return what was printed."""
        done = self.run("up", "--app", APP, "--env", ENV, "--port", str(self.port))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def environment(self) -> dict[str, str]:
        """Return the environment of a user with credentials that must not matter."""
        real = {"AWS_PROFILE": "production", "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL", "AWS_REGION": "eu-west-1"}
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, **real, "CDK_VALIDATION": "false"}

    def call(self, service: str, operation: str, region: str = REGION, **parameters: Any) -> Any:
        """Call an API of the emulator."""
        apis = Apis(endpoint=f"http://localhost:{self.port}", account=ACCOUNT, region=region)
        return apis.call(service, operation, parameters)

    @property
    def spec(self) -> Deployment:
        """What the YAML says now."""
        return load(self.folder / "apps" / f"{APP}.yaml").for_environment(ENV)

    def change(self, old: str, new: str) -> None:
        """Change the YAML."""
        file = self.folder / "apps" / f"{APP}.yaml"
        text = file.read_text()
        assert text.count(old) == 1, old
        file.write_text(text.replace(old, new))
