"""Which regions are dark, and which no longer reach which: what a rehearsal has cut.

A call's target is the region that it was signed for (`Credential=.../<date>/<region>/<service>/aws4_request`); who calls is
told by the application ID in its User-Agent, which functions get from their runner. Whoever names none is outside of all
regions: a person with the CDK CLI, the CDN. The emulator's own calls are never cut: they stand for the inside of a service.
"""

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.emulator.apis import ENGINE
from rehearsal.emulator.engines.setting import SETTING

OUTSIDE = "outside"
GLOBAL_SERVICES = frozenset({"cloudfront", "cloudfront-keyvaluestore", "iam", "organizations", "route53"})
"""Served from everywhere, or from a region of their own that nobody rehearses to lose; what is signed without a region too."""
SILENCE_SECONDS = 2.0
"""Virtual: nobody says no in a region that is gone. As long as the project's own clients wait for a connection."""
CREDENTIAL = re.compile(r"Credential=[^/]+/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")
APPLICATION = re.compile(r"\bapp/([\w-]+)")


@dataclass(frozen=True)
class Reach:
    """`cut` has pairs of who calls and who no longer hears it."""

    dark: frozenset[str] = frozenset()
    cut: frozenset[tuple[str, str]] = frozenset()

    def reaches(self, caller: str, region: str) -> bool:
        """Tell whether a caller's requests arrive."""
        return caller == ENGINE or (not {caller, region} & self.dark and (caller, region) not in self.cut)


_NOW = [Reach()]


def change(wanted: Mapping[str, Any]) -> None:
    """Have it so from now on."""
    _NOW[0] = Reach(frozenset(wanted["dark"]), frozenset((one, other) for one, other in wanted["cut"]))


def now() -> Reach:
    """Return how it is."""
    return _NOW[0]


def dark(region: str) -> bool:
    """Tell whether nothing runs in a region."""
    return region in _NOW[0].dark


def wait_for_light(region: str) -> None:
    """Return when something runs in a region again."""
    while dark(region):
        SETTING.clock.sleep(1)


def swallowed(environ: Mapping[str, Any]) -> bool:
    """Tell whether a request is lost on its way; its connection is then closed, after the silence."""
    signed = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if signed is None or signed[2] in GLOBAL_SERVICES:
        return False
    application = APPLICATION.search(environ.get("HTTP_USER_AGENT", ""))
    if _NOW[0].reaches(application[1] if application else OUTSIDE, signed[1]):
        return False
    SETTING.clock.sleep(SILENCE_SECONDS)
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    return True
