"""What app.py imports: import-linter cannot see it, since it is a module and not a package."""

from __future__ import annotations

import ast

from judges.code import ROOT


def test_app_imports_stacks_and_spec_alone() -> None:
    """It has no logic, and so no need for anything else of ours."""
    imported = set()
    for node in ast.walk(ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.partition(".")[0])
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"understudy"}
    assert {"spec", "stacks"} == imported & ours
