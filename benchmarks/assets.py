"""How large the archives are that Lambda loads."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.box import SIMPLE
from rich.table import Table

from benchmarks.handlers import LAMBDAS
from benchmarks.workload import ROOT

LAYER: Final = ROOT / "build" / "lambda-layer.zip"
SHARED: Final = "shared"
KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Asset:
    """An archive, in bytes."""

    name: str
    zipped: int
    unpacked: int


def function_asset(package: str, folder: Path = LAMBDAS) -> Asset:
    """The archive of a function's code: its package and what all of them share."""
    files = {
        str(file.relative_to(folder)): file.read_bytes()
        for part in (package, SHARED)
        for file in sorted((folder / part).rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }
    return Asset(package, len(_zipped(files)), sum(map(len, files.values())))


def layer_asset(archive: Path = LAYER) -> Asset:
    """The layer that `make` has built. Lambda takes 250 MB unpacked, functions' code included (Lambda quotas)."""
    with zipfile.ZipFile(archive) as packed:
        return Asset("layer", archive.stat().st_size, sum(each.file_size for each in packed.infolist()))


def assets() -> list[Asset]:
    """Every function's code, then the layer if it is built."""
    packages = [file.parent.name for file in sorted(LAMBDAS.glob("*/__init__.py")) if file.parent.name != SHARED]
    return [*map(function_asset, packages), *([layer_asset()] if LAYER.exists() else [])]


def assets_table(measured: Iterable[Asset]) -> Table:
    """A row for each archive."""
    table = Table(box=SIMPLE, header_style="bold")
    table.add_column("archive", no_wrap=True)
    for column in ("KiB zipped", "KiB unpacked"):
        table.add_column(column, justify="right", no_wrap=True)
    for each in measured:
        table.add_row(each.name, f"{each.zipped / KIB:.0f}", f"{each.unpacked / KIB:.0f}")
    return table


def _zipped(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return content.getvalue()
