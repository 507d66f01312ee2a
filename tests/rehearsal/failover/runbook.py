"""A runbook, followed on the stage: its own commands, by the AWS CLI and `understudy` themselves, at the rehearsal's time."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from runbooks import BLOCK, FOLDER

from rehearsal.failover.deployed import Deployed
from rehearsal.failover.scene import Scene
from rehearsal.servers.faked_time import FakedTime
from rehearsal.toolkit import PLACEHOLDER_ACCOUNT, isolated_environment

EXAMPLE = "shop"
"""The application that the runbooks speak of."""
TIMEOUT_SECONDS = 240


class Runbook:
    """`name`: its file's. Whoever follows it has the project at hand, and credentials for the account."""

    def __init__(self, name: str, deployed: Deployed, scene: Scene) -> None:
        self._text = (FOLDER / name).read_text(encoding="utf-8")
        self._deployed = deployed
        self._time = FakedTime(scene.stage.folder / "person.faketime", scene.clock)
        self._exports = self._blocks(self._text.partition("\n## ")[0])[0]
        self.said: list[str] = []
        """What each block printed, in one line."""

    def follow(self, section: str, block: int = 0, *, only: str = "", types: str = "", **filled: str) -> int:
        """Do what a block of a section says, after that of the runbook's beginning, and return its exit code.

        `only`: the lines with it, where a block offers a choice. `types`: the answer to what is asked. What stands in angle
        brackets is replaced by what `filled` has under the first word in them.
        """
        body = self._text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
        chosen = [line for line in self._blocks(body)[block].splitlines() if only in line]
        script = "\n".join([self._exports, *chosen])
        script = re.sub(r"<([A-Za-z]+)[^>]*>", lambda found: filled[found.group(1)], script)
        environment = isolated_environment(
            self._deployed.emulator, account=PLACEHOLDER_ACCOUNT, home=self._deployed.project.folder
        )
        programs = Path(sys.executable).parent
        done = subprocess.run(
            ["bash", "-c", script],
            input=types,
            text=True,
            cwd=self._deployed.project.folder,
            env={**environment, "PATH": f"{programs}:{environment['PATH']}", **self._time.variables()},
            capture_output=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
        self.said.append(" ".join((done.stdout + done.stderr).split()))
        return done.returncode

    def _blocks(self, text: str) -> list[str]:
        app = self._deployed.wanted.name
        return [re.sub(rf"\b{EXAMPLE}\b", app, block) for block in BLOCK.findall(text)]
