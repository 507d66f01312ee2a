"""The project with applications that a rehearsal may change: a folder of its own, in which everything but `apps/` is a link."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from rehearsal.workspace import Workspace

NOT_LINKED: Final = frozenset({"apps", ".rehearsal", ".git", "cdk.out"})


class ProjectCopy:
    """What a person would have who changed an application's file."""

    def __init__(self, original: Path, folder: Path) -> None:
        self.folder = folder
        self.workspace = Workspace(folder)
        for path in original.iterdir():
            if path.name not in NOT_LINKED:
                (folder / path.name).symlink_to(path)
        shutil.copytree(original / "apps", folder / "apps")
        self.workspace.folder.mkdir()

    def change(self, file: str, edit: Callable[[Any], None]) -> None:
        """Edit the content of a file in `apps/`."""
        yaml = YAML()
        yaml.width = 120
        path = self.folder / "apps" / file
        content = yaml.load(path)
        edit(content)
        with path.open("w") as out:
            yaml.dump(content, out)
