"""The judges of the code object to what they should, by the project's own rules."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from judges.code import ROOT, judge_code

PACKAGES = ("spec", "constructs/understudy", "stacks", "cli", "rehearsal", "judges", "benchmarks", "pictures")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The project's packages, each with nothing in it, and its rules."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        folder = tmp_path / package
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text('"""Nothing."""\n', encoding="utf-8")
    return tmp_path


def _write(file: Path, text: str) -> None:
    file.write_text(f'"""A fault."""\n\n{text}\n', encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "imported"),
    [
        ("spec/fault.py", "stacks"),
        ("spec/fault.py", "aws_cdk"),
        ("constructs/understudy/fault.py", "stacks"),
        ("cli/fault.py", "aws_cdk"),
        ("cli/fault.py", "stacks"),
        ("rehearsal/fault.py", "aws_cdk"),
        ("rehearsal/fault.py", "cli"),
        ("stacks/fault.py", "cli"),
        ("stacks/fault.py", "rehearsal"),
        ("stacks/fault.py", "judges"),
        ("judges/fault.py", "benchmarks"),
        ("spec/fault.py", "rehearsal"),
    ],
)
def test_import_that_the_design_forbids_is_found(
    house: Path, file: str, imported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Imports go from stacks to constructs to spec, and nothing reaches for the ends of the house."""
    monkeypatch.setenv("PYTHONPATH", f"{house}:{house / 'constructs'}")
    _write(house / file, f"import {imported}")
    assert f"{Path(file).parts[-2]}.fault -> {imported}" in judge_code("import-linter", root=house).objections


@pytest.mark.parametrize(
    ("file", "imported"),
    [("stacks/good.py", "understudy"), ("constructs/understudy/good.py", "spec"), ("cli/good.py", "rehearsal")],
)
def test_import_that_the_design_draws_passes(
    house: Path, file: str, imported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules forbid no import that the design draws."""
    monkeypatch.setenv("PYTHONPATH", f"{house}:{house / 'constructs'}")
    _write(house / file, f"import {imported}")
    assert judge_code("import-linter", root=house).objections == ""


def test_ruff_objects(house: Path) -> None:
    """A bare except is against the project's rules."""
    _write(house / "spec" / "fault.py", "try:\n    A = 1\nexcept:\n    A = 2")
    assert "E722" in judge_code("ruff check", root=house).objections


def test_ruff_format_objects(house: Path) -> None:
    """A line in another shape is named."""
    _write(house / "spec" / "fault.py", "A = { 'b':1 }")
    assert "fault.py" in judge_code("ruff format", root=house).objections


def test_mypy_objects(tmp_path: Path) -> None:
    """Strictness wants an annotation on every function."""
    (tmp_path / "pyproject.toml").write_text('[tool.mypy]\nstrict = true\nfiles = ["fault.py"]\n', encoding="utf-8")
    _write(tmp_path / "fault.py", "def answer():\n    return 42")
    assert "no-untyped-def" in judge_code("mypy --strict", root=tmp_path).objections


def test_project_is_strict_about_types() -> None:
    """The judge runs mypy by the project's table, which must say strict and name every package."""
    import tomllib

    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert table["strict"] is True
    assert set(PACKAGES) | {"tests", "app.py"} <= set(table["files"])
