"""What the task that looks into a file system prints (constructs/understudy/restore_files.sh)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.aws import client
from shared.census import Part


def read(group: str, stream: str) -> Part | None:
    """The task's output in the log; None until all of it is there."""
    return parse(_lines(group, stream))


def parse(lines: Iterable[str]) -> Part | None:
    """`count <n>`, `sample <SHA-256> <path>`, `recent <epoch seconds> <path>` and at last `end`; None without it."""
    count, ended = 0, False
    sample: dict[str, str] = {}
    recent: dict[str, float] = {}
    for line in lines:
        word, _, rest = line.partition(" ")
        value, _, path = rest.partition(" ")
        match word:
            case "count":
                count = int(value)
            case "sample":
                sample[path] = value
            case "recent":
                recent[path] = float(value)
            case "end":
                ended = True
    return Part(count, newest=max(recent.values(), default=None), sample=sample, recent=recent) if ended else None


def _lines(group: str, stream: str) -> Iterator[str]:
    token: dict[str, str] = {}
    while True:
        page = client("logs").get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **token)
        yield from (event["message"] for event in page["events"])
        # The end is where the token stays the same (API Reference, GetLogEvents).
        following = page["nextForwardToken"]
        if token.get("nextToken") == following:
            return
        token = {"nextToken": following}
