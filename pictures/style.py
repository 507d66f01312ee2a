"""Colours and type. Nothing depends on the page around the picture: it brings its own ground, light or dark."""

from __future__ import annotations

from typing import Final

FONT: Final = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif"

LIGHT: Final = {
    ".ground": "fill:#ffffff;stroke:#d5dae1",
    ".edge": "fill:#f5f7fa;stroke:#aab4c0",
    ".region": "fill:none;stroke:#aab4c0",
    ".vpc": "fill:none;stroke:#5b9279",
    ".public": "fill:#edf5f0",
    ".private": "fill:#edf3f9",
    ".isolated": "fill:#f2f0f8",
    ".box": "fill:#ffffff;stroke:#c3cbd5",
    ".cluster": "fill:none;stroke:#9fb4ca",
    ".part": "fill:#f5f7fa;stroke:#d5dae1",
    ".icon": "stroke:#5c6b7c",
    ".title": "fill:#1f2933",
    ".text": "fill:#45515e",
    ".label": "fill:#66717d",
    ".flow": "stroke:#66717d",
    ".head": "fill:#66717d",
    ".flow-0": "stroke:#0f7c8a",
    ".head-0": "fill:#0f7c8a",
    ".flow-1": "stroke:#4759c4",
    ".head-1": "fill:#4759c4",
    ".flow-2": "stroke:#b4591c",
    ".head-2": "fill:#b4591c",
}

DARK: Final = {
    ".ground": "fill:#10161d;stroke:#2c3641",
    ".edge": "fill:#161e27;stroke:#4a5663",
    ".region": "fill:none;stroke:#4a5663",
    ".vpc": "fill:none;stroke:#5fa588",
    ".public": "fill:#14241e",
    ".private": "fill:#14202c",
    ".isolated": "fill:#1d1b2b",
    ".box": "fill:#1a232d;stroke:#3a4653",
    ".cluster": "fill:none;stroke:#46607a",
    ".part": "fill:#212c38;stroke:#3a4653",
    ".icon": "stroke:#a3b0be",
    ".title": "fill:#eef2f6",
    ".text": "fill:#c0cad4",
    ".label": "fill:#9aa6b2",
    ".flow": "stroke:#9aa6b2",
    ".head": "fill:#9aa6b2",
    ".flow-0": "stroke:#4dbccb",
    ".head-0": "fill:#4dbccb",
    ".flow-1": "stroke:#93a1f5",
    ".head-1": "fill:#93a1f5",
    ".flow-2": "stroke:#e6965c",
    ".head-2": "fill:#e6965c",
}

FLOW_COLOURS: Final = 3

SHAPES: Final = (
    f"text{{font-family:{FONT};font-size:10.5px}}"
    ".title{font-weight:600;font-size:12.5px}"
    ".name{font-size:17px}"
    ".label{font-size:10px}"
    ".flow,.flow-0,.flow-1,.flow-2{fill:none;stroke-width:1.6}"
    ".icon{fill:none;stroke-width:1.4;stroke-linejoin:round;stroke-linecap:round}"
    ".region,.edge{stroke-dasharray:5 4}.cluster{stroke-dasharray:3 3}"
)


def style_sheet() -> str:
    """Light by default, dark where whoever looks prefers it."""
    return f"{SHAPES}{_rules(LIGHT)}@media (prefers-color-scheme:dark){{{_rules(DARK)}}}"


def _rules(colours: dict[str, str]) -> str:
    return "".join(f"{selector}{{{declarations}}}" for selector, declarations in colours.items())
