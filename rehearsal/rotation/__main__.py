"""The process of one rehearsal: an order on its input; lines of progress, and an outcome, on its output.

A process of its own, since a rotation function keeps its settings for life, and so that everything it prints is caught.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import warnings
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import msgspec

from rehearsal.failure import RehearsalError
from rehearsal.rotation.plan import Plan


def main() -> None:
    """Play what the input says."""
    signal.signal(signal.SIGTERM, _interrupt)
    order = json.loads(sys.stdin.readline())
    folder = Path(order["folder"])
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # From here on, everything that the function and its libraries print is a log that is searched for secrets.
    with (folder / "function.log").open("wb") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    # pika tells every connection and its end.
    logging.getLogger("pika").setLevel(logging.WARNING)
    warnings.simplefilter("default")

    def say(line: dict[str, Any]) -> None:
        channel.write(json.dumps(line) + "\n")
        channel.flush()

    try:
        # After the output has been turned: loggers keep the one that they find.
        from rehearsal.rotation.play import Play  # noqa: PLC0415

        outcome = Play(msgspec.convert(order["plan"], Plan), folder, say).run()
    except RehearsalError as error:
        say({"error": error.reason, "remedy": error.remedy, "details": error.details})
    else:
        say({"outcome": msgspec.to_builtins(outcome)})
    finally:
        channel.close()


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Tidy up, as after Ctrl-C."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
