"""`python -m pictures`: write docs/architecture.svg from production of the generator platform."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pictures.picture import draw
from pictures.reading import read
from pictures.templates import synthesize
from spec import load

ROOT: Final = Path(__file__).parent.parent
SPEC: Final = ROOT / "apps" / "generator-platform.yaml"
PICTURE: Final = ROOT / "docs" / "architecture.svg"


def draw_production() -> str:
    """The picture as SVG, from freshly synthesized templates."""
    deployment = load(SPEC).for_environment("prod")
    return draw(read(synthesize(deployment), name=f"{deployment.name}, production"))


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw_production(), encoding="utf-8")
