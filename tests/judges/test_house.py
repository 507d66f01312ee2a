"""Rules of the house that import-linter cannot see."""

from __future__ import annotations

import ast

from judges.code import ROOT


def test_app_imports_stacks_and_spec_alone() -> None:
    """app.py is a module, not a package, so its imports are read here."""
    imported = set()
    for node in ast.walk(ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.partition(".")[0])
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"understudy"}
    assert {"spec", "stacks"} == imported & ours


def test_constructs_is_no_package() -> None:
    """constructs/__init__.py would hide the library of that name and kill app.py, while pytest could stay green."""
    assert not (ROOT / "constructs" / "__init__.py").exists()


def test_tests_are_no_packages() -> None:
    """One in a subfolder breaks collection."""
    assert [] == [str(file) for file in (ROOT / "tests").rglob("__init__.py")]
