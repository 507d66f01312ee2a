"""Shapes in SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pictures.icons import ICONS
from pictures.style import style_sheet

ICON: Final = 18
LINE: Final = 14
HEAD: Final = 6

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A place on the canvas."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Halfway between its left and right sides."""
        return self.x + self.width / 2

    def columns(self, count: int, *, gap: float) -> list[Rectangle]:
        """`count` equal parts side by side."""
        width = (self.width - gap * (count - 1)) / count
        return [Rectangle(self.x + (width + gap) * n, self.y, width, self.height) for n in range(count)]

    def inside(self, *, left: float = 0, top: float = 0, right: float = 0, bottom: float = 0) -> Rectangle:
        """What is left after a margin on each side."""
        return Rectangle(self.x + left, self.y + top, self.width - left - right, self.height - top - bottom)


class Canvas:
    """An SVG document that is drawn upon from back to front."""

    def __init__(self, *, width: int, height: int, title: str, description: str) -> None:
        self._root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "width": str(width),
                "height": str(height),
                "viewBox": f"0 0 {width} {height}",
                "role": "img",
                "aria-labelledby": "title description",
            },
        )
        ET.SubElement(self._root, "title", {"id": "title"}).text = title
        ET.SubElement(self._root, "desc", {"id": "description"}).text = description
        ET.SubElement(self._root, "style").text = style_sheet()

    def rectangle(self, place: Rectangle, style: str, *, radius: float = 6) -> None:
        """A rectangle with round corners."""
        sides = {"x": place.x, "y": place.y, "width": place.width, "height": place.height, "rx": radius}
        ET.SubElement(self._root, "rect", {"class": style} | {key: _number(value) for key, value in sides.items()})

    def text(self, x: float, y: float, text: str, style: str = "text", *, anchor: str = "start") -> None:
        """One line; `y` is where its letters stand."""
        attributes = {"class": style, "x": _number(x), "y": _number(y)}
        if anchor != "start":
            attributes["text-anchor"] = anchor
        ET.SubElement(self._root, "text", attributes).text = text

    def icon(self, x: float, y: float, name: str) -> None:
        """A small drawing whose upper left corner is here."""
        place = f"translate({_number(x)} {_number(y)})"
        ET.SubElement(self._root, "path", {"class": "icon", "transform": place, "d": ICONS[name]})

    def box(self, place: Rectangle, icon: str, title: str, lines: Iterable[str] = (), *, style: str = "box") -> None:
        """A box with a drawing, a title and lines below the title."""
        self.rectangle(place, style)
        self.icon(place.x + 8, place.y + 8, icon)
        left = place.x + 8 + ICON + 7
        self.text(left, place.y + 21, title, "title")
        for number, line in enumerate(lines, start=1):
            self.text(left, place.y + 21 + LINE * number, line)

    def arrow(self, points: Sequence[Point], *, colour: int | None = None) -> None:
        """A line through `points` with its head at the last one."""
        suffix = "" if colour is None else f"-{colour}"
        (from_x, from_y), (x, y) = points[-2:]
        across, down = _sign(x - from_x), _sign(y - from_y)
        # The line ends where the head begins, so that its blunt end does not show beside the point.
        ends = [*points[:-1], (x - across * HEAD, y - down * HEAD)]
        path = "M" + "L".join(f"{_number(px)} {_number(py)}" for px, py in ends)
        ET.SubElement(self._root, "path", {"class": f"flow{suffix}", "d": path})
        base = (x - across * HEAD * 1.3, y - down * HEAD * 1.3)
        half = HEAD * 0.62
        corners = [
            (x, y),
            (base[0] + down * half, base[1] + across * half),
            (base[0] - down * half, base[1] - across * half),
        ]
        head = "M" + "L".join(f"{_number(px)} {_number(py)}" for px, py in corners) + "Z"
        ET.SubElement(self._root, "path", {"class": f"head{suffix}", "d": head})

    def svg(self) -> str:
        """The document."""
        ET.indent(self._root, " ")
        return ET.tostring(self._root, encoding="unicode") + "\n"


def _number(value: float) -> str:
    """At most one digit after the point, so that every machine writes the same."""
    return f"{value:.1f}".removesuffix(".0")


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
