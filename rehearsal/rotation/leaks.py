"""Whether a secret value stands in anything that a run wrote: plain, or as base64 has it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

WORDS: Final = re.compile(rb"[A-Za-z0-9+/=_-]{12,}")
SHORTEST: Final = 12


class Leaks:
    """Looks for values; each is looked for in every spelling, and none is ever told."""

    def __init__(self, values: Iterable[str]) -> None:
        self._spellings: dict[int, set[bytes]] = {}
        for value in values:
            for spelling in _spellings(value.encode()):
                self._spellings.setdefault(len(spelling), set()).add(spelling)

    def in_text(self, text: bytes) -> int:
        """How often a value stands there."""
        return sum(self._in_word(word) for word in WORDS.findall(text))

    def in_files(self, files: Iterable[Path]) -> list[str]:
        """The files that hold values, and how many, in a few words each."""
        found = []
        for file in files:
            number = self.in_text(file.read_bytes())
            if number:
                found.append(f"{file.name} holds secret values: {number}")
        return found

    def _in_word(self, word: bytes) -> int:
        return sum(
            word[start : start + length] in spellings
            for length, spellings in self._spellings.items()
            for start in range(len(word) - length + 1)
        )


def _spellings(value: bytes) -> Iterable[bytes]:
    """As it is, in hexadecimal, and what base64 makes of it wherever it stands in a longer text."""
    if len(value) < SHORTEST:
        return
    yield value
    yield value.hex().encode()
    for offset in range(3):
        # Of the first and last characters some bits belong to the neighbours.
        encoded = base64.b64encode(b"\0" * offset + value).rstrip(b"=")
        first = -(-offset * 8 // 6)
        last = (offset + len(value)) * 8 // 6
        yield encoded[first:last]
