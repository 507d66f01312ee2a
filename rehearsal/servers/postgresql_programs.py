"""Where the programs of each major version of PostgreSQL are."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Final

from rehearsal.failure import RehearsalError
from rehearsal.servers.program import find

DEBIAN: Final = Path("/usr/lib/postgresql")
"""Debian keeps each major version's programs in a folder of its own."""
FURTHER: Final = Path(__file__).parents[2] / "tools" / "postgresql" / "node_modules"
"""Versions that Debian does not have, as packages of npm: `make postgresql` installs them."""
_PROCESSORS: Final = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def program(name: str, major: int | None = None) -> str:
    """Path of a program of one major version, or of the system's newest. Raises RehearsalError."""
    if major is None:
        newest_first = sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
        return find(name, *map(str, newest_first))
    processor = _PROCESSORS.get(platform.machine().lower(), platform.machine())
    folders = (DEBIAN / str(major) / "bin", FURTHER / f"postgresql-{major}-{processor}" / "native" / "bin")
    for folder in folders:
        if (folder / name).is_file():
            return str(folder / name)
    remedy = "run `make postgresql`" if major > 15 else "run `tools/system-packages`"
    raise RehearsalError(f"PostgreSQL {major} is not installed: its {name} is in none of its folders", remedy=remedy)
