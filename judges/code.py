"""Judges of the code: each is one command whose exit code is the verdict."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
BIN: Final = Path(sys.executable).parent

COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "mypy --strict": (sys.executable, "-m", "mypy", "--no-error-summary"),
    "ruff check": (sys.executable, "-m", "ruff", "check", "--quiet", "."),
    "ruff format": (sys.executable, "-m", "ruff", "format", "--check", "--quiet", "."),
    "import-linter": (str(BIN / "lint-imports"), "--no-cache"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a judge of the code said; nothing if it has no objection."""

    judge: str
    objections: str


def judge_code(judge: str, *, root: Path = ROOT) -> Outcome:
    """Let one judge look at the code in `root`, by the rules in its pyproject.toml."""
    done = subprocess.run(COMMANDS[judge], cwd=root, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip()
    return Outcome(judge, "" if done.returncode == 0 else said or f"exit code {done.returncode}")
