"""YAML as plain data plus the line each piece of it stands on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from spec.problem import UNKNOWN_LINE, Path, Problem, SpecError, dotted

Data = dict[str, Any]


@dataclass(slots=True)
class Document:
    """A parsed file: its data, and the line of each key and list item."""

    file: str
    data: Data
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing above it that stands in the file."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return UNKNOWN_LINE


class _Reader:
    """Turns composed YAML nodes into data; collects every duplicate key and odd value instead of stopping."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._yaml = YAML(typ="safe", pure=True)

    def compose(self, text: str) -> Node | None:
        return self._yaml.compose(text)  # type: ignore[no-any-return]

    def value(self, node: Node, path: Path) -> Any:  # noqa: ANN401 - YAML holds anything
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._item(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _item(self, node: Node, path: Path) -> Any:  # noqa: ANN401
        self.lines[path] = node.start_mark.line + 1
        return self.value(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> Data:
        data: Data = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
            line = key_node.start_mark.line + 1
            here = (*path, key)
            if key == "<<":
                self._problem(
                    line,
                    here,
                    "YAML merge keys are not understood here",
                    "Write the values out, or put what is shared at the top level and what differs under `environments`",
                )
                continue
            if key in data:
                self._problem(
                    line,
                    here,
                    f"stands twice; the first time on line {self.lines[here]}",
                    "Keep one of the two",
                )
                continue
            self.lines[here] = line
            data[key] = self.value(value_node, here)
        return data

    def _scalar(self, node: Node, path: Path) -> Any:  # noqa: ANN401
        if str(node.tag).endswith((":timestamp", ":binary")):
            return str(node.value)
        value = self._yaml.constructor.construct_object(node)
        if isinstance(value, float) and not math.isfinite(value):
            self._problem(node.start_mark.line + 1, path, f"{node.value} is not a finite number", "Write a number")
            return 0.0
        if value is None or isinstance(value, str | int | float | bool):
            return value
        return str(node.value)

    def _problem(self, line: int, path: Path, reason: str, remedy: str) -> None:
        self.problems.append(Problem(self.file, line, dotted(path), reason, remedy))


def read_document(path: FilePath, *, optional: bool = False) -> Document:
    """Read one YAML file of a mapping.

    With `optional`, a missing file is an empty document.

    Raises:
        SpecError: the file is missing, empty, unreadable, not YAML, not a mapping, or has duplicate keys; with every
            duplicate at once.
    """
    file = str(path)
    if optional and not path.exists():
        return Document(file, {})
    reader = _Reader(file)
    try:
        node = reader.compose(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _single(file, 1, "there is no such file", f"Applications stand in apps/: {_applications(path)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _single(file, 1, f"cannot be read: {error}", "It must be a readable file of UTF-8 text") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else UNKNOWN_LINE
        what = ", ".join(part for part in (error.context, error.problem) if part)
        raise _single(
            file,
            line,
            f"is not YAML: {what}",
            "Mend the syntax; often the indentation or a missing quote or bracket on the line before",
        ) from None
    except YAMLError as error:
        raise _single(file, 1, f"is not YAML: {' '.join(str(error).split())}", "Mend the syntax") from None
    if node is None:
        raise _single(file, 1, "is empty", "Start from apps/storefront.yaml: copy it and change the name")
    if not isinstance(node, MappingNode):
        raise _single(
            file,
            1,
            "is not a mapping of keys to values",
            "Start from apps/storefront.yaml: copy it and change the name",
        )
    data = reader.value(node, ())
    if reader.problems:
        raise SpecError(reader.problems)
    return Document(file, data, reader.lines)


def _single(file: str, line: int, reason: str, remedy: str) -> SpecError:
    return SpecError([Problem(file, line, "", reason, remedy)])


def _applications(path: FilePath) -> str:
    folder = path.parent if path.parent.is_dir() else FilePath("apps")
    names = sorted(found.name for found in folder.glob("*.yaml") if not found.name.endswith(".images.yaml"))
    return ", ".join(names) or "none here yet"
