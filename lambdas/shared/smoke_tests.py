"""Single requests, and what has to come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.http_requests import Address, Answer, Connection, Request, Unanswered
from shared.plan import SmokeTest

READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, safe methods)."""
_BALANCER: Final = "awselb/"
"""What the load balancer calls itself in the answers that it gives by itself."""
_NOT_ROUTED: Final = (404, 503)
"""What it answers while a listener's rule does not lead to the new version's target group yet, or that group is empty."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was wrong with one test's answer."""

    problems: tuple[str, ...]
    not_routed: bool = False
    """The load balancer itself answered: the test listener does not lead to the new version yet."""


def writes(test: SmokeTest) -> bool:
    """Whether the test may change something."""
    return test.method not in READING_METHODS


def request(test: SmokeTest) -> Request:
    """What is sent."""
    body = test.request_body.encode() if test.request_body is not None else None
    return Request(test.method, test.path, test.request_headers, body)


def ask(address: Address, test: SmokeTest, *, timeout_seconds: float) -> Verdict:
    """Send the test on a connection of its own, whose opening does not count, and judge the answer."""
    connection = Connection(address)
    try:
        answer = connection.send(request(test), timeout_seconds=timeout_seconds)
    except Unanswered as failure:
        return Verdict((f"{test.name}: {test.method} {test.path}: {failure}",))
    finally:
        connection.close()
    told = tuple(f"{test.name}: {test.method} {test.path}: {problem}" for problem in problems(test, answer))
    from_balancer = answer.headers.get("server", "").startswith(_BALANCER) and answer.status in _NOT_ROUTED
    return Verdict(told, not_routed=bool(told) and from_balancer)


def problems(test: SmokeTest, answer: Answer) -> list[str]:
    """Everything about the answer that is not as it should be. Bodies are never quoted: they may hold anything."""
    found = []
    if answer.status != test.status:
        found.append(f"answered {answer.status}, not {test.status}")
    if test.body_contains is not None and test.body_contains.encode() not in answer.body:
        found.append(f"the body does not contain {test.body_contains!r}")
    for name, value in test.headers.items():
        actual = answer.headers.get(name.lower())
        if actual != value:
            found.append(f"the header {name} is {'missing' if actual is None else f'not {value!r}'}")
    took = 1000 * answer.seconds
    if took > test.response_ms:
        found.append(f"took {took:.0f} ms of at most {test.response_ms:g}")
    return found
