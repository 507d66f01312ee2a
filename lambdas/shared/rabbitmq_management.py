"""RabbitMQ's management API by verified TLS, with the standard library."""

from __future__ import annotations

import base64
import json
from http import HTTPStatus
from http.client import HTTPException, HTTPSConnection
from typing import Any, Final, Self
from urllib.parse import quote

from shared import clock, network_failures, trust
from shared.login import Login
from shared.told import Told

ANSWER_SECONDS: Final = 10.0
"""For a connection, and for each answer: a change is agreed upon by the cluster's nodes before it is answered."""
BODY_BYTES: Final = 16_777_216
REASON_CHARACTERS: Final = 200


class Unauthorized(Told):
    """The broker does not take the login."""


class BadRequest(Told):
    """The broker does not take what the request says."""


class Management:
    """The API as one user sees it. Paths are given in parts, which may hold any character."""

    def __init__(self, host: str, port: int, login: Login) -> None:
        self.login = login
        self._where = f"RabbitMQ's management API at {host}:{port}"
        limit = max(1.0, clock.real_seconds(ANSWER_SECONDS))
        self._http = HTTPSConnection(host, port, timeout=limit, context=trust.public_and_bundle())

    def __enter__(self) -> Self:
        """Nothing is opened before the first request."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the connection; the next request opens one."""
        self._http.close()

    def get(self, *path: str) -> Any:  # noqa: ANN401 - whatever the API describes
        """What is there; None where nothing is. Raises Told: no answer, or no good one."""
        return self._request("GET", path, None)

    def put(self, *path: str, body: object) -> None:
        """Create or change something. Raises BadRequest, Told."""
        if self._request("PUT", path, body) is None:
            raise Told(f"{self._where} does not know {_shown(path)}")

    def post(self, *path: str, body: object) -> None:
        """Add what `body` describes. Raises BadRequest, Told."""
        if self._request("POST", path, body) is None:
            raise Told(f"{self._where} does not know {_shown(path)}")

    def delete(self, *path: str) -> None:
        """Remove something, if it is there. Raises Told."""
        self._request("DELETE", path, None)

    def _request(self, method: str, path: tuple[str, ...], body: object) -> Any:  # noqa: ANN401
        """The answer's content, {} if it has none; None for 404."""
        status, content = self._answer(method, path, None if body is None else json.dumps(body))
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return _parsed(content) if content else {}
        if status == HTTPStatus.NOT_FOUND:
            return None
        if status == HTTPStatus.UNAUTHORIZED:
            raise Unauthorized(f"{self._where} refuses the password of {self.login.username}")
        told = f"{self._where} answers {status} to {method} {_shown(path)}{self._reason(content, body)}"
        raise BadRequest(told) if status == HTTPStatus.BAD_REQUEST else Told(told)

    def _answer(self, method: str, path: tuple[str, ...], body: str | None) -> tuple[int, bytes]:
        kept = self._http.sock is not None
        try:
            return self._exchange(method, path, body)
        except (ConnectionError, HTTPException) as failure:
            # A connection that the server closed meanwhile; each request may be made twice, since it says what shall be.
            self.close()
            if not kept:
                raise Told(f"{self._where}: {_why(failure)}") from None
        except OSError as failure:
            self.close()
            raise Told(f"{self._where}: {_why(failure)}") from None
        try:
            return self._exchange(method, path, body)
        except (OSError, HTTPException) as failure:
            self.close()
            raise Told(f"{self._where}: {_why(failure)}") from None

    def _exchange(self, method: str, path: tuple[str, ...], body: str | None) -> tuple[int, bytes]:
        credentials = base64.b64encode(f"{self.login.username}:{self.login.password}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
        url = "/api/" + "/".join(quote(part, safe="") for part in path)
        self._http.request(method, url, body, headers)
        answer = self._http.getresponse()
        content = answer.read(BODY_BYTES)
        if not answer.isclosed():
            self.close()
        return answer.status, content

    def _reason(self, content: bytes, sent: object) -> str:
        """What the broker says about it, without any password that it might repeat."""
        described = _parsed(content)
        reason = str(described.get("reason", "")) if isinstance(described, dict) else ""
        secret = sent.get("password") if isinstance(sent, dict) else None
        for password in (secret, self.login.password):
            if password:
                reason = reason.replace(str(password), "***")
        return f": {reason[:REASON_CHARACTERS]}" if reason else ""


def _parsed(content: bytes) -> Any:  # noqa: ANN401
    """JSON; {} for what is none, such as a load balancer's page."""
    try:
        return json.loads(content)
    except ValueError:
        return {}


def _shown(path: tuple[str, ...]) -> str:
    return "/".join(path)


def _why(failure: Exception) -> str:
    return network_failures.why(failure) or type(failure).__name__
