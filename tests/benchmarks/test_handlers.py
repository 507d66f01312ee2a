"""Starts of functions are measured against a bare client, and their archives as Lambda gets them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from rich.console import Console

from benchmarks.assets import Asset, assets_table, function_asset, layer_asset
from benchmarks.handlers import LAMBDAS, Start, handlers, measure_starts, starts_table
from benchmarks.workload import ROOT

COMPILED = """
import sys
from benchmarks.handler_start import forget_compiled
if sys.argv[1:]:
    forget_compiled(("shared",))
import shared.clock
print(shared.clock.__spec__.cached is not None)
"""


def _cached(*arguments: str) -> str:
    run = subprocess.run([sys.executable, "-c", COMPILED, *arguments], cwd=ROOT, capture_output=True, text=True)
    return run.stdout.strip()


def test_every_handler_is_measured() -> None:
    """Each package of lambdas/ but the shared one has a handler, and all of them are found."""
    packages = {file.parent.name for file in LAMBDAS.glob("*/__init__.py")} - {"shared"}
    assert packages == {name.partition(".")[0] for name in handlers()}


def test_a_handler_is_a_module_with_that_function(tmp_path: Path) -> None:
    """Not one that only has it as a method, and not one that only imports it."""
    package = tmp_path / "sample"
    package.mkdir()
    (package / "entry.py").write_text("def handler(event, context): ...", encoding="utf-8")
    (package / "other.py").write_text("from sample.entry import handler", encoding="utf-8")
    assert ["sample.entry"] == handlers(tmp_path)


def test_start_is_measured_with_its_first_client() -> None:
    """A handler that makes a client takes at least as long as anything that does."""
    bare, (start,) = measure_starts(["service_traffic.handler"], runs=1)
    assert 20 < bare < 20_000
    assert 20 < start.milliseconds < 20_000
    assert start.uncompiled_milliseconds > 20


def test_byte_code_of_the_layer_is_left_out_on_demand() -> None:
    """As in Lambda, where nobody could have written it."""
    assert "True" == _cached()
    assert "False" == _cached("uncompiled")


def test_table_shows_the_ratio_to_the_bare_client() -> None:
    """Three hundred milliseconds are one and a half times two hundred."""
    console = Console(record=True, width=120)
    console.print(starts_table(200, [Start("sample.entry", 250, 300, 400)]))
    row = next(line for line in console.export_text().splitlines() if "sample.entry" in line)
    assert ["sample.entry", "250", "1.25", "300", "1.50", "400", "2.00"] == row.split()


def test_archive_of_a_function_holds_its_package_and_the_shared_one(tmp_path: Path) -> None:
    """No byte-code, and nothing of other functions."""
    for file in ("sample/entry.py", "shared/clock.py", "other/entry.py", "sample/__pycache__/entry.pyc"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("x" * 1000, encoding="utf-8")
    asset = function_asset("sample", tmp_path)
    assert ("sample", 2000) == (asset.name, asset.unpacked)
    assert 0 < asset.zipped < 1000


def test_layer_is_measured_as_it_was_built(tmp_path: Path) -> None:
    """The archive's own size, and what is in it."""
    archive = tmp_path / "layer.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("python/sample.py", "x" * 5000)
    asset = layer_asset(archive)
    assert 5000 == asset.unpacked
    assert archive.stat().st_size == asset.zipped


def test_table_of_archives_is_in_kib() -> None:
    """Rounded: what matters is whether it is tens or thousands."""
    console = Console(record=True, width=120)
    console.print(assets_table([Asset("layer", 2048, 10_240)]))
    row = next(line for line in console.export_text().splitlines() if "layer" in line)
    assert ["layer", "2", "10"] == row.split()
