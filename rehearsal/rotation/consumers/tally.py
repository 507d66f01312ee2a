"""What consumers did, counted. Lines of text never hold more of an exception than its type and its codes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, TypeVar

EXAMPLES: Final = 10

Connected = TypeVar("Connected")


class Refused(Exception):  # noqa: N818 - reads as what it is
    """The server did not take a login."""


class Tally:
    """Of all consumers together. Thread-safe."""

    def __init__(self, is_refusal: Callable[[BaseException], bool]) -> None:
        self._is_refusal = is_refusal
        self._lock = threading.Lock()
        self.logins = self.refused = self.operations = self.failed = 0
        self.examples: list[str] = []

    def login(self, connect: Callable[[], Connected], *, logins: int = 1) -> Connected:
        """What `connect` returns; it is counted as so many logins. Raises Refused."""
        with self._lock:
            self.logins += logins
        try:
            return connect()
        except Exception as error:
            if self._is_refusal(error):
                raise Refused from error
            raise

    def further_login(self) -> None:
        """A driver has logged in by itself."""
        with self._lock:
            self.logins += 1

    def done(self) -> None:
        """An operation has been done and seen to be done."""
        with self._lock:
            self.operations += 1

    def went_wrong(self, who: str, error: BaseException) -> None:
        """A login or an operation has failed."""
        refused = isinstance(error, Refused) or self._is_refusal(error)
        with self._lock:
            if refused:
                self.refused += 1
            else:
                self.failed += 1
            if len(self.examples) < EXAMPLES:
                self.examples.append(f"{who}: {'refused' if refused else 'failed'}: {named(error)}")

    def counts(self) -> dict[str, int | list[str]]:
        """All of it."""
        with self._lock:
            return {
                "logins": self.logins,
                "refused": self.refused,
                "operations": self.operations,
                "failed": self.failed,
                "examples": list(self.examples),
            }


def named(error: BaseException) -> str:
    """An exception's type, with a server's code where it has one, and those that it came from."""
    chain: list[str] = []
    following: BaseException | None = error
    while following is not None and len(chain) < 4:
        first = following.args[0] if following.args else None
        code = first.get("C") if isinstance(first, dict) else None
        chain.append(type(following).__name__ + (f" {code}" if code else ""))
        following = following.__cause__ or following.__context__
    return ", from ".join(chain)


def caused_by(error: BaseException, *types: type[BaseException]) -> bool:
    """Whether an exception is one of these, or came from one."""
    following: BaseException | None = error
    while following is not None:
        if isinstance(following, types):
            return True
        following = following.__cause__ or following.__context__
    return False
