"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
from pathlib import Path

from spec.environment import ALIASES

ROOT = Path(__file__).parent.parent
BELOW_SPEC = ("stacks", "constructs/understudy")


def test_constructs_is_a_source_root_and_never_a_package() -> None:
    """With an __init__.py it would hide the library of that name, and app.py would die while tests stay green."""
    assert not (ROOT / "constructs" / "__init__.py").exists()


def test_tests_are_no_packages() -> None:
    """An __init__.py in a folder of tests breaks collection."""
    assert [] == list((ROOT / "tests").rglob("__init__.py"))


def test_nothing_below_spec_decides_by_an_environments_name() -> None:
    """No comparison with a name of an environment in stacks or constructs."""
    found = []
    for folder in BELOW_SPEC:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Compare | ast.Match):
                    names = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
                    found += [f"{file.name}:{node.lineno}" for name in names if name in ALIASES]
    assert [] == found


def test_no_construct_reads_the_process_environment() -> None:
    """What a construct needs reaches it as a property."""
    found = [
        str(file.relative_to(ROOT))
        for folder in BELOW_SPEC
        for file in (ROOT / folder).rglob("*.py")
        if "environ" in {getattr(node, "attr", None) for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))}
    ]
    assert [] == found
