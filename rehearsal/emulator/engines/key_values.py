"""What CloudFront's key-value stores hold, per ARN, and the data plane that hears of every change."""

import threading
import uuid
from dataclasses import dataclass, field

from rehearsal.emulator.engines import journal
from rehearsal.emulator.engines.setting import LOG, SETTING


def _etag() -> str:
    return uuid.uuid4().hex[:14].upper()


@dataclass
class Store:
    """One store's keys; the ETag is another after each change."""

    values: dict[str, str] = field(default_factory=dict)
    etag: str = field(default_factory=_etag)


_STORES: dict[str, Store] = {}
_LOCK = threading.Lock()


class Changed(Exception):  # noqa: N818  # reads as what happened
    """The ETag is not the newest any more."""


def store(arn: str) -> Store:
    """Return a store by its ARN, empty at first."""
    with _LOCK:
        return _STORES.setdefault(arn, Store())


def update(arn: str, *, etag: str, puts: dict[str, str], deletes: list[str]) -> Store:
    """Change keys, all or none. Raises Changed, and KeyError for what is not there to be deleted."""
    found = store(arn)
    with _LOCK:
        if etag != found.etag:
            raise Changed(arn)
        left = {name: value for name, value in found.values.items() if name not in deletes}
        if len(left) != len(found.values) - len(set(deletes)):
            raise KeyError(", ".join(sorted(set(deletes) - found.values.keys())))
        found.values = {**left, **puts}
        found.etag = _etag()
    journal.note("routing", "global", ", ".join(f"{name}={value}" for name, value in found.values.items()))
    push()
    return found


def push() -> None:
    """Give the data plane all that the stores hold, when there is one."""
    if SETTING.played:
        with _LOCK:
            content = {arn: dict(one.values) for arn, one in _STORES.items()}
        try:
            SETTING.data_plane.key_values(content)
        except OSError:
            LOG.exception("the data plane did not take the key-value stores")
