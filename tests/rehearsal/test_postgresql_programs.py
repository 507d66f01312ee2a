"""Which PostgreSQL a rehearsal starts, and what is said when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.failure import RehearsalError
from rehearsal.servers import postgresql_programs
from rehearsal.servers.postgresql_programs import program


def _install(folder: Path) -> str:
    folder.mkdir(parents=True)
    (folder / "initdb").write_text("#!/bin/sh\n")
    (folder / "initdb").chmod(0o755)
    return str(folder / "initdb")


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with no PostgreSQL."""
    monkeypatch.setattr(postgresql_programs, "DEBIAN", tmp_path / "debian")
    monkeypatch.setattr(postgresql_programs, "FURTHER", tmp_path / "npm")
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    return tmp_path


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize(("major", "remedy"), [(15, "run `tools/system-packages`"), (17, "run `make postgresql`")])
def test_a_version_that_is_missing(major: int, remedy: str) -> None:
    """The sentence says which command installs it."""
    with pytest.raises(RehearsalError, match=f"PostgreSQL {major} is not installed") as raised:
        program("initdb", major)
    assert remedy == raised.value.remedy


def test_a_version_is_found_for_this_processor(nowhere: Path) -> None:
    """Debian's before npm's, and npm's for the processor alone."""
    _install(nowhere / "npm" / "postgresql-17-x64" / "native" / "bin")
    with pytest.raises(RehearsalError):
        program("initdb", 17)
    ours = _install(nowhere / "npm" / "postgresql-17-arm64" / "native" / "bin")
    assert ours == program("initdb", 17)
    debians = _install(nowhere / "debian" / "17" / "bin")
    assert debians == program("initdb", 17)


def test_the_newest_of_the_system(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By number: 15 is newer than 9."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("rehearsal.servers.program.FOLDERS", ())
    _install(nowhere / "debian" / "9" / "bin")
    assert _install(nowhere / "debian" / "15" / "bin") == program("initdb")
