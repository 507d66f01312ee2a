"""Calls that are lost between regions, and regions in which nothing runs: what a rehearsal has cut.

A call's target is the region that it was signed for (`Credential=.../<date>/<region>/<service>/aws4_request`); who calls is
told by the application ID in its User-Agent, which functions get from their runner. Whoever names none is outside of all
regions. The emulator's own calls are never lost: they stand for the inside of a service.
"""

import re
import socket
from collections.abc import Mapping
from typing import Any

from rehearsal.emulator.apis import ENGINE
from rehearsal.emulator.engines.setting import SETTING
from rehearsal.reach import OUTSIDE, SILENCE_SECONDS, Reach

GLOBAL_SERVICES = frozenset({"cloudfront", "cloudfront-keyvaluestore", "iam", "organizations", "route53"})
"""Served from everywhere, or from a region of their own that nobody rehearses to lose; what is signed without a region too."""
CREDENTIAL = re.compile(r"Credential=[^/]+/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")
APPLICATION = re.compile(r"\bapp/([\w-]+)")

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
    """Tell whether a request is lost on its way; its connection is then closed, after a silence."""
    signed = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if signed is None or signed[2] in GLOBAL_SERVICES:
        return False
    application = APPLICATION.search(environ.get("HTTP_USER_AGENT", ""))
    caller = application[1] if application else OUTSIDE
    if caller == ENGINE or _NOW[0].reaches(caller, signed[1]):
        return False
    SETTING.clock.sleep(SILENCE_SECONDS)
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    return True
