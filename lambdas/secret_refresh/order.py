"""Who moves after whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def waits_for(service: str, after: Mapping[str, Collection[str]], lagging: Collection[str]) -> list[str]:
    """Those of `lagging` that have to move before `service`, directly or through others, whether those lag or not.

    Services that wait for each other in a circle move side by side: there is no other way out of it.
    """
    before = _reached(service, after)
    return [
        other for other in lagging if other != service and other in before and service not in _reached(other, after)
    ]


def _reached(service: str, after: Mapping[str, Collection[str]]) -> set[str]:
    found: set[str] = set()
    ahead = [*after.get(service, ())]
    while ahead:
        here = ahead.pop()
        if here not in found:
            found.add(here)
            ahead += after.get(here, ())
    return found
