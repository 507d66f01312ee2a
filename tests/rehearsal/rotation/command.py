"""The command that a person types."""

from __future__ import annotations

import subprocess

from tests.rehearsal.cut_off import ROOT, UNDERSTUDY

PATIENCE_SECONDS = 600


def rehearsed(engine: str, *further: str) -> subprocess.CompletedProcess[str]:
    """What `understudy rehearse-rotation --engine ENGINE` printed, and its exit code."""
    return subprocess.run(
        [UNDERSTUDY, "rehearse-rotation", "--engine", engine, *further],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
