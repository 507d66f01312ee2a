"""Whether a region serves, asked as users ask: through the CDN, at a path that is pinned to that region.

An internal load balancer cannot be asked from another region. `/.well-known/understudy/<region>` goes to that region's
readiness check whatever is active, and `/.well-known/understudy/active` is answered by the edge location itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal

from shared.http_requests import Address, Answer, Connection, Request, Unanswered

PATHS: Final = "/.well-known/understudy"
PORT: Final = 443
USER_AGENT: Final = "understudy-probe"
"""WAF's common rule set refuses requests without one (AWS WAF Developer Guide, NoUserAgent_HEADER)."""
REQUESTS: Final = 3
"""One after the other would add up their time limits, so they are sent side by side, each over its own connection."""
TIMEOUT_SECONDS: Final = 8.0
"""CloudFront tries to connect to an origin three times for ten seconds before it answers 504 (Developer Guide, connection
timeout): who asks about a region that is gone does not wait for that."""
ANSWER_OF_THE_EDGE: Final = (400, 403, 404, 405, 429)
"""What the firewall, or CloudFront itself, refuses says nothing about a region. An application may have these among the
statuses that its readiness check expects: then they count."""
FUNCTION: Final = "Function"
"""How `X-Cache` begins where the routing function answered, threw or was throttled (Developer Guide, edge function logs and
errors): 503 for the latter two, which is no word of a region's."""

Verdict = Literal["ready", "failing", "unknown"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and what it tells."""

    verdict: Verdict
    status: int | None
    """None when no answer came."""
    why: str | None
    """A sentence about anything but `ready`."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What the requests of one probe tell about `region`."""

    region: str
    asked: Sequence[Asked]

    @property
    def verdict(self) -> Verdict:
        """`ready` if one request found it so; `unknown` if none says anything about the region, such as when the CDN was not
        reached at all or the firewall refused: that must move nothing.
        """
        found = {each.verdict for each in self.asked}
        return "ready" if "ready" in found else "failing" if "failing" in found else "unknown"

    @property
    def why(self) -> str:
        """What was wrong, each thing once; empty when nothing was."""
        return "; ".join(dict.fromkeys(each.why for each in self.asked if each.why))


def probe(
    domain: str,
    regions: Sequence[str],
    *,
    expected_status: str = "200",
    requests: int = REQUESTS,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Mapping[str, Probed]:
    """Ask each of `regions`, all at once, and say what each answered; takes at most about `timeout_seconds`.

    `expected_status`: those that count as ready, as the spec's readiness check writes them, such as "200,204" or "200-299".
    """
    with ThreadPoolExecutor(max_workers=max(1, requests * len(regions))) as threads:
        waiting = {
            region: [threads.submit(_ask, domain, region, expected_status, timeout_seconds) for _ in range(requests)]
            for region in regions
        }
    return {region: Probed(region, tuple(each.result() for each in asked)) for region, asked in waiting.items()}


def routed(domain: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> str | None:
    """The region that the nearest edge location sends requests to at present; None when it does not say."""
    try:
        answer = _sent(domain, "active", timeout_seconds)
    except Unanswered:
        return None
    return answer.body.decode("ascii", "replace") if answer.status == 200 else None


def _ask(domain: str, region: str, expected: str, timeout_seconds: float) -> Asked:
    try:
        answer = _sent(domain, region, timeout_seconds)
    except Unanswered as failure:
        if failure.connected:
            return Asked("failing", None, f"{region}: {failure}")
        return Asked("unknown", None, f"the CDN was not reached at {domain}: {failure}")
    if _expects(expected, answer.status):
        return Asked("ready", answer.status, None)
    if answer.status in ANSWER_OF_THE_EDGE or answer.headers.get("x-cache", "").startswith(FUNCTION):
        return Asked("unknown", answer.status, f"{region}: {answer.status}, which the edge may have answered by itself")
    return Asked("failing", answer.status, f"{region}: {answer.status}")


def _sent(domain: str, place: str, timeout_seconds: float) -> Answer:
    connection = Connection(Address(domain, PORT, domain))
    try:
        request = Request("GET", f"{PATHS}/{place}", {"User-Agent": USER_AGENT})
        return connection.send(request, timeout_seconds=timeout_seconds)
    finally:
        connection.close()


def _expects(expected: str, status: int) -> bool:
    for part in expected.split(","):
        first, _, last = part.partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False
