"""How a failure is told without anything that it quotes."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from shared.log import logger
from shared.told import Told

Result = TypeVar("Result")

NAMES_ONLY: Final = ("AccessDenied", "NotFound", "Throttl", "DoesNotExist")
"""Parts of error codes of AWS whose messages name who asked for what, and never what was sent."""
FRAMES: Final = 6


@dataclass(frozen=True, slots=True)
class Attempt(Generic[Result]):
    """What came of a call: its result, or why it has none."""

    value: Result | None
    failure: str | None = None


def attempt(call: Callable[[], Result], names: Mapping[str, str]) -> Attempt[Result]:
    """Call, and turn what it raises into a sentence. `names`: of what is at work, for the log.

    The sentence leaves the handler of the exception, so that no traceback of it is ever attached to another one.
    """
    with logger.append_context_keys(**names):
        try:
            return Attempt(call())
        except Told as known:
            logger.warning(str(known))
            return Attempt(None, str(known))
        except Exception as unforeseen:  # noqa: BLE001 - its text may quote a password
            said = _without_quotes(unforeseen)
            logger.error("Unforeseen failure", extra={"failure": said, "where": _where(unforeseen)})
            return Attempt(None, f"Unforeseen failure: {said}. Its place is in the log of the function")


def _without_quotes(failure: Exception) -> str:
    """AWS's operation and code, and its message if that only names things; of anything else the type."""
    response = getattr(failure, "response", None)
    error = response.get("Error", {}) if isinstance(response, dict) else {}
    code = str(error.get("Code", ""))
    if not code:
        return type(failure).__name__
    said = f"{getattr(failure, 'operation_name', 'AWS')}: {code}"
    return f"{said}: {error.get('Message', '')}" if any(part in code for part in NAMES_ONLY) else said


def _where(failure: Exception) -> list[str]:
    """Files and lines, without the values that were there."""
    frames = traceback.extract_tb(failure.__traceback__)[-FRAMES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
