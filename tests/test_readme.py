"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spec import load

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```yaml\n(# apps/shop\.yaml\n.+?)```", README, re.DOTALL)


def test_the_example_is_a_good_application(tmp_path: Path) -> None:
    """One file, as it stands there."""
    (tmp_path / "shop.yaml").write_text(EXAMPLE)
    deployments = load(tmp_path / "shop.yaml").deployments()
    assert ["dev", "prod"] == [deployment.environment for deployment in deployments]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make ([a-z-]+)", README))))
def test_every_target_that_is_named_exists(target: str) -> None:
    """`make help` knows it."""
    assert re.search(rf"^{target}:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    "file", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda file: file.name
)
def test_every_link_leads_somewhere(file: Path) -> None:
    """Links to files of the repository."""
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text(encoding="utf-8"))
    assert [] == [target for target in targets if not (file.parent / target).exists()]
