"""A runbook as somebody works through it: its own blocks, in a shell, against the embedded AWS."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from rehearsal.embedded_aws import SECRET_KEY, access_key
from rehearsal.failover.deployed import Deployed
from rehearsal.failover.project import APP, ENVIRONMENT
from rehearsal.toolkit import PLACEHOLDER_ACCOUNT

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs" / "runbooks"
AWS = ROOT / "tests" / "support" / "aws_command.py"
SECONDS = 300.0
"""Real: for a command that watches a failover to its end."""


class Runbook:
    """Of one file; `regions`: what its first block exports, as it is now."""

    def __init__(self, name: str, deployed: Deployed, folder: Path, regions: Mapping[str, str]) -> None:
        self._text = (FOLDER / name).read_text(encoding="utf-8")
        self._deployed = deployed
        self._exports = {
            "APP": APP,
            "ENV": ENVIRONMENT,
            "PREFIX": deployed.wanted.prefix,
            **regions,
        }
        self._folder = folder
        program = folder / "aws"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {AWS} "$@"\n')
        program.chmod(0o755)

    def blocks(self, section: str) -> list[str]:
        """Of a section, or of what stands before all of them."""
        begin = self._text.index(f"\n## {section}\n") if section else 0
        text = self._text[begin + 1 :].partition("\n## ")[0]
        return re.findall(r"^ *```sh\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)

    def run(self, block: str, typed: str = "", fill: Mapping[str, str] | None = None) -> str:
        """What a block prints, with what is typed when it asks; its last command must end well."""
        for name, value in (fill or {}).items():
            assert name in block
            block = block.replace(name, value)
        assert not re.search(r"<[A-Za-z][^>]*>", block), block
        # The first block's values are examples: each is set once more, to what it is here.
        exports = "\n".join(f"export {name}={value}" for name, value in self._exports.items())
        again = "\n".join(f"{line}\n{exports}" if line.startswith("export ") else line for line in block.splitlines())
        done = subprocess.run(
            ["bash", "-c", f"set -eu\n{exports}\n{again}"],
            input=typed,
            text=True,
            cwd=self._deployed.project.folder,
            env=self._environment(),
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
        assert 0 == done.returncode, f"{block}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **kept,
            "PATH": f"{self._folder}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": self._deployed.emulator.endpoint,
            "AWS_ACCESS_KEY_ID": access_key(PLACEHOLDER_ACCOUNT),
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": self._deployed.stand_in,
            "COLUMNS": "200",
        }
