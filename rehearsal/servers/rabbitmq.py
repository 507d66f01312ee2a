"""A RabbitMQ broker of one's own: one node on loopback, AMQP and the management API by TLS alone, as Amazon MQ has it."""

from __future__ import annotations

import base64
import http.client
import json
import os
import secrets
import signal
import socket
import ssl
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from rehearsal.failure import RehearsalError
from rehearsal.ports import free_port
from rehearsal.servers.certificates import Certificate
from rehearsal.servers.program import Program, find

HOST: Final = "localhost"
"""The certificate has to name it."""
ADMINISTRATOR: Final = "administrator"
DEBIANS: Final = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""The script of that name in /usr/sbin becomes the user of its package; this one beneath it is content with anybody."""
START_SECONDS: Final = 90.0
HALT_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 0.05


class RabbitMQ:
    """A running broker, whose first user `administrator` may do everything; there is no user `guest`.

    It shares no node name, cookie or port mapper with another one, and what it keeps lies in `folder`.
    """

    def __init__(self, folder: Path, *, certificate: Certificate, authority: Path, settings: str = "") -> None:
        """`settings` are further lines of rabbitmq.conf."""
        folder.mkdir(parents=True)
        self.host = HOST
        self.port, self.management_port = free_port(), free_port()
        self.administrator, self.password = ADMINISTRATOR, secrets.token_hex(16)
        self._folder, self._authority = folder, authority
        self._mapper_port = free_port()
        files = {
            "rabbitmq.conf": self._configuration(certificate) + settings,
            "plugins": "[rabbitmq_management].\n",
            ".erlang.cookie": secrets.token_hex(16),
        }
        for name, content in files.items():
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(content)
        # The first Erlang node would start a port mapper that outlives it; this one is ours and ends with us.
        self._mapper = Program(
            [find("epmd"), "-port", str(self._mapper_port), "-address", "127.0.0.1"], log=folder / "epmd.log"
        )
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self) -> None:
        """Start the broker, again after `halt` with all that it kept; wait until it answers. Raises RehearsalError."""
        self.program = Program(
            [_program()],
            log=self._folder / "rabbitmq.log",
            variables=self._environment(),
            folder=self._folder,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.program.exit_code is not None or time.monotonic() > deadline:
                raise RehearsalError("RabbitMQ did not start", remedy="see below", details=self.program.said())
            time.sleep(LOOK_SECONDS)

    def halt(self) -> None:
        """End the broker at once, as a machine that is lost; what it keeps stays."""
        program: Program | None = getattr(self, "program", None)
        if program is not None:
            # The program is a shell script, whose child is the broker.
            with suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            program.stop()
            # The broker is nobody's child now; it is gone when it listens no more.
            deadline = time.monotonic() + HALT_SECONDS
            while self._listens() and time.monotonic() < deadline:
                time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """End it and its port mapper at once."""
        self.halt()
        self._mapper.stop()

    def manage(self, method: str, path: str, body: object = None, *, login: tuple[str, str] | None = None) -> Any:  # noqa: ANN401
        """What the management API answers to `method` at `/api/<path>`, by the administrator unless `login` says who.

        None for an answer without content. Raises RehearsalError when the broker says no, OSError when it says nothing.
        `password` follows a change of the administrator's only if the caller sets it.
        """
        user, password = login or (self.administrator, self.password)
        context = ssl.create_default_context(cafile=str(self._authority))
        connection = http.client.HTTPSConnection(HOST, self.management_port, timeout=10.0, context=context)
        authorization = base64.b64encode(f"{user}:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {authorization}", "Content-Type": "application/json"}
        try:
            connection.request(method, f"/api/{path}", None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status >= http.client.BAD_REQUEST:
            raise RehearsalError(
                f"RabbitMQ answers {answer.status} to {method} {path}", remedy="see below", details=content.decode()
            )
        return json.loads(content) if content else None

    def create_user(self, name: str, password: str, *, tags: str = "", virtual_host: str = "/") -> None:
        """A user, or another password for it, with every right on one virtual host."""
        self.manage("PUT", f"users/{quote(name, safe='')}", {"password": password, "tags": tags})
        rights = {"configure": ".*", "write": ".*", "read": ".*"}
        self.manage("PUT", f"permissions/{quote(virtual_host, safe='')}/{quote(name, safe='')}", rights)

    def _listens(self) -> bool:
        for port in (self.port, self.management_port):
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    return True
        return False

    def _answers(self) -> bool:
        try:
            self.manage("GET", "whoami")
        except (OSError, RehearsalError, http.client.HTTPException):
            return False
        return True

    def _configuration(self, certificate: Certificate) -> str:
        options = {"cacertfile": self._authority, "certfile": certificate.chain, "keyfile": certificate.key}
        lines = [
            "listeners.tcp = none",
            f"listeners.ssl.1 = 127.0.0.1:{self.port}",
            *(f"ssl_options.{name} = {file}" for name, file in options.items()),
            "ssl_options.verify = verify_none",
            f"management.ssl.port = {self.management_port}",
            "management.ssl.ip = 127.0.0.1",
            *(f"management.ssl.{name} = {file}" for name, file in options.items()),
            f"default_user = {self.administrator}",
            f"default_pass = {self.password}",
            "log.console = true",
            "log.console.level = warning",
            "log.file = false",
            # A machine whose disk is nearly full would block publishers.
            "disk_free_limit.absolute = 1MB",
        ]
        return "\n".join([*lines, ""])

    def _environment(self) -> dict[str, str]:
        folder = self._folder
        return {
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(self._mapper_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"understudy-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            # One broker, few connections: two schedulers that do not spin, and nothing that others could connect to.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
        }


def _program() -> str:
    return str(DEBIANS) if DEBIANS.exists() else find("rabbitmq-server")
