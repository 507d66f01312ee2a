"""Why a command did not do what it was asked for."""

from __future__ import annotations


class RefusedError(Exception):
    """A sentence for a person. `sure`: whether it is certain that nothing was changed."""

    def __init__(self, text: str, *, sure: bool = True) -> None:
        super().__init__(text)
        self.sure = sure
