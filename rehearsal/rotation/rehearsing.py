"""A rehearsal as whoever asks for it sees it: begun, followed, ended with everything that it started."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from rehearsal.clock import Clock
from rehearsal.failure import RehearsalError
from rehearsal.release.tasks import PROJECT
from rehearsal.rotation.outcome import Outcome
from rehearsal.rotation.plan import Plan

SPEED: Final = 20.0
"""How many times as fast as real time the function's clock runs: what it waits for between two looks is short that way."""
TIDY_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is."""

    stage: str
    rotations: int = 0
    logins: int = 0
    refused: int = 0
    operations: int = 0
    failed: int = 0


def rehearse(plan: Plan, *, progress: Callable[[Progress], None], keep: Path | None = None) -> Outcome:
    """Play rotations. Raises RehearsalError for what keeps them from being played at all.

    `keep`: where to leave the logs.
    """
    # Below /tmp and short: a socket's path has a limit.
    with tempfile.TemporaryDirectory(prefix="understudy-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (folder / "start.log").open("wb") as errors:
            child = subprocess.Popen(
                [sys.executable, "-m", "rehearsal.rotation"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=PROJECT,
                env={**os.environ, **Clock.started_now(SPEED).variable},
                start_new_session=True,
            )
        try:
            return _follow(child, {"plan": msgspec.to_builtins(plan), "folder": name}, progress)
        finally:
            _end(child)
            if keep:
                _keep(keep, folder)


def _follow(child: subprocess.Popen[str], order: dict[str, Any], progress: Callable[[Progress], None]) -> Outcome:
    channel, lines = child.stdin, child.stdout
    if channel is None or lines is None:
        raise AssertionError
    with suppress(BrokenPipeError):
        channel.write(json.dumps(order) + "\n")
        channel.flush()
    state: dict[str, Any] = {"stage": "beginning"}
    for line in lines:
        told = json.loads(line)
        if "outcome" in told:
            return msgspec.convert(told["outcome"], Outcome)
        if "error" in told:
            raise RehearsalError(told["error"], remedy=told["remedy"], details=told["details"])
        state |= told
        progress(Progress(**state))
    raise RehearsalError(
        "the rehearsal's process has died", remedy="see function.log and start.log in the folder of --keep"
    )


def _end(child: subprocess.Popen[str]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(TIDY_SECONDS)
        except subprocess.TimeoutExpired:
            # The guard ends whom it leaves behind.
            child.kill()
            child.wait()


def _keep(target: Path, folder: Path) -> None:
    """Logs alone: beside them lie passwords and private keys."""
    for file in folder.rglob("*.log"):
        place = target / file.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
