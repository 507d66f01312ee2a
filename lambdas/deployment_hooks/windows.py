"""Over which minutes two versions are compared."""

from __future__ import annotations

from dataclasses import dataclass

from deployment_hooks.metrics import Window


@dataclass(frozen=True, slots=True)
class Windows:
    """The minutes of the new version and those of the old one; the same, where both served at once."""

    new: Window
    old: Window


def arrived(
    *, shifted_at: float, now: float, side_by_side_seconds: float, period_seconds: int, delay_seconds: float
) -> Windows | None:
    """The whole periods whose numbers have arrived by `now`; None while there is none.

    `shifted_at`: when the new version had all requests. `side_by_side_seconds`: how long both had served until then.
    The first period may begin before the shift did, when only the old version was asked; the last one ends before the old
    version lost its requests. Where all requests moved at once, no period is common: then the new version's since the shift
    stand against as many of the old one's before it. A period has arrived `delay_seconds` after its end.
    """
    newest = _floor(now - delay_seconds, period_seconds)
    if side_by_side_seconds:
        common = Window(
            _floor(shifted_at - side_by_side_seconds, period_seconds), min(newest, _floor(shifted_at, period_seconds))
        )
        return Windows(common, common) if common.seconds > 0 else None
    new = Window(_floor(shifted_at, period_seconds), newest)
    if new.seconds <= 0:
        return None
    return Windows(new, Window(new.start - new.seconds, new.start))


def _floor(moment: float, period_seconds: int) -> int:
    return int(moment // period_seconds) * period_seconds
