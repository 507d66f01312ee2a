"""Why a server could not be talked to, in words; nothing that was sent is in them."""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPException

from shared import trust


def why(failure: BaseException) -> str | None:
    """What `failure` of a socket or of TLS means, to stand behind a colon; None where the caller has to know more."""
    match failure:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not to be trusted: {failure.verify_message}"
        case ssl.SSLError():
            return f"no TLS handshake: {failure.reason or type(failure).__name__}"
        case FileNotFoundError():
            return f"the authorities in {trust.bundle()} are missing"
        case TimeoutError():
            return "no answer in time"
        case ConnectionRefusedError():
            return "the connection was refused"
        case socket.gaierror():
            return "its name does not resolve"
        case ConnectionError() | HTTPException():
            return "the connection was closed without an answer"
        case _:
            return None
