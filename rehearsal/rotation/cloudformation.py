"""CloudFormation's part in a secret's beginning: the custom resource `Custom::Login` is created, and its answer awaited."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from rehearsal.failure import RehearsalError
from rehearsal.rotation.secrets_manager import Context


def attach(arn: str, attributes: Mapping[str, Any], handler: Callable[[Any, Any], Any]) -> None:
    """Have the rotation function complete a new secret and make its login valid.

    Raises:
        RehearsalError: it answers that it failed, or not at all.
    """
    answers: list[dict[str, Any]] = []

    class Answer(BaseHTTPRequestHandler):
        """Takes what is put."""

        def do_PUT(self) -> None:
            """Keep it."""
            answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the library's name
            """Nowhere."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        request = {
            "RequestType": "Create",
            "StackId": "arn:aws:cloudformation:us-west-2:123456789012:stack/data/1",
            "RequestId": str(uuid.uuid4()),
            "LogicalResourceId": "Login",
            "ResourceType": "Custom::Login",
            "ResponseURL": f"http://127.0.0.1:{server.server_port}/answer",
            "ResourceProperties": {"SecretId": arn, "Attributes": json.dumps(dict(attributes))},
        }
        try:
            handler(request, Context())
        finally:
            server.shutdown()
            thread.join()
    if not answers or answers[0]["Status"] != "SUCCESS":
        said = answers[0]["Reason"] if answers else "no answer came"
        raise RehearsalError("the secret could not be attached to its server", remedy="see below", details=str(said))
