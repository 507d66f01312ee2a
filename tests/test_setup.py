"""Setting up: from nothing, by hash, and only what is missing."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-judges.lock")
NETWORK = re.compile(r"(pip|npm_config)_\w+|\w+_proxy|\w*_ca_\w+|ssl_cert_\w+", re.IGNORECASE)
BARE = {
    "HOME": os.environ["HOME"],
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    **{name: value for name, value in os.environ.items() if NETWORK.fullmatch(name)},
}
"""An empty environment, but for what this machine's package clients need to reach their registries."""


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make there as a newcomer would, with the system's own Python."""
    return subprocess.run(["make", *arguments], cwd=folder, env=BARE, capture_output=True, text=True)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_python_package_is_locked_by_hash(lock: str) -> None:
    """One version each, with hashes, and no address to download from."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    packages = re.findall(
        r"^[a-z0-9._-]+(?:\[[a-z0-9,-]+\])?==[^\n]*\\\n(?:    --hash=sha256:[0-9a-f]{64}[^\n]*\n)+", text, re.MULTILINE
    )
    assert len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) == len(packages)
    assert "http" not in re.sub(r"(?m)^\s*#.*$|^(aio|rfc)?http[a-z0-9_-]*==.*$", "", text)


def test_the_cdk_cli_is_pinned_without_a_download_address() -> None:
    """The newest that npm offers cannot read this library's assemblies."""
    assert '"aws-cdk": "2.1148.1"' in (ROOT / "package.json").read_text()
    assert "resolved" not in (ROOT / "package-lock.json").read_text()


def test_every_target_is_explained() -> None:
    """`make help` has one line for each target that a person calls."""
    text = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))
    shown = re.findall(r"^  ([a-z-]+) +\S", make(ROOT, "help").stdout, re.MULTILINE)
    assert targets == set(shown)
    assert len(shown) == len(set(shown))


def test_an_old_python_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """Before anything is made."""
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    command = [str(ROOT / "tools" / "new-venv"), str(tmp_path / "venv")]
    found = subprocess.run(command, env=BARE | {"PYTHON": str(old)}, capture_output=True, text=True)
    assert 1 == found.returncode
    assert "older than Python 3.11. Install Python 3.11 or newer" in found.stderr
    assert not (tmp_path / "venv").exists()


def test_O2_set_up_again_does_nothing() -> None:
    """What is there is not made again."""
    found = make(ROOT, "setup")
    assert (0, "") == (found.returncode, found.stdout.replace("make: Nothing to be done for 'setup'.\n", ""))


def test_O2_ci_runs_the_command_of_the_readme() -> None:
    """And nothing else."""
    commands = [
        line for line in (ROOT / ".ci" / "run").read_text().splitlines() if not line.startswith(("#", "set", "cd"))
    ]
    assert ["exec make test"] == commands
    assert "$ make test\n" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.full
def test_O2_a_fresh_clone_deploys_with_one_command(tmp_path: Path) -> None:
    """An empty folder, an empty environment, the system's Python: `make up` ends with the table, `make down` stops it."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    try:
        found = make(clone, "up", "APP=storefront", "PORT=5597")
        assert 0 == found.returncode, found.stdout + found.stderr
        for words in ("storefront-dev-data", "CREATE_COMPLETE", "rds describe-db-instances"):
            assert words in found.stdout
    finally:
        assert 0 == make(clone, "down").returncode
