"""A RabbitMQ that takes connections by TLS alone, as Amazon MQ does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Final

from servers.certificate_authority import CertificateAuthority
from servers.process import HOST, Server, give_to_server, owned_folder, program, running
from servers.tls import connected

from rehearsal.ports import free_port

USER: Final = "understudy"
# Debian's script in /usr/sbin wants root or the user of its package; the one beneath it wants nobody in particular.
PROGRAMS: Final = "/usr/lib/rabbitmq/bin"
PROTOCOL_HEADER: Final = b"AMQP\x00\x00\x09\x01"
METHOD_FRAME: Final = b"\x01"


@dataclass(frozen=True, slots=True)
class RabbitmqServer:
    """A running broker with one user, who may do everything."""

    port: int
    """AMQP 0-9-1 by TLS."""
    management_port: int | None
    """The management API by TLS; None unless it was asked for."""
    password: str = field(repr=False)
    trusts: Path
    host: str = HOST
    user: str = USER

    @property
    def url(self) -> str:
        """What a service's secret holds."""
        return f"amqps://{self.user}:{self.password}@{self.host}:{self.port}"

    def answers(self) -> bool:
        """Whether it begins an AMQP conversation: `Connection.Start` on channel 0."""
        with connected(self.port, trusts=self.trusts) as connection:
            connection.sendall(PROTOCOL_HEADER)
            return connection.recv(1) == METHOD_FRAME


@contextmanager
def rabbitmq(authority: CertificateAuthority, logs: Path, *, management: bool = False) -> Iterator[RabbitmqServer]:
    """A broker on free ports, a node by itself: it shares no name, cookie or port mapper with another one."""
    with owned_folder("rabbitmq") as folder:
        server = RabbitmqServer(free_port(), free_port() if management else None, token_hex(16), authority.certificate)
        _write_files(server, folder, authority)
        mapper_port = free_port()
        environment = _environment(folder, node=f"understudy-{server.port}@localhost", mapper_port=mapper_port)
        # The first Erlang node would start a port mapper that outlives it; this one is ours and ends with us.
        mapper = Server(
            (program("epmd"), "-port", str(mapper_port), "-address", "127.0.0.1"), folder, logs / "epmd.log", {}
        )
        broker = Server((program("rabbitmq-server", PROGRAMS),), folder, logs / "rabbitmq.log", environment)
        with running(mapper, ready=lambda: True), running(broker, ready=server.answers):
            yield server


def _write_files(server: RabbitmqServer, folder: Path, authority: CertificateAuthority) -> None:
    issued = authority.issue()
    files = {
        "server.pem": issued.certificate.read_text(encoding="utf-8"),
        "server.key": issued.key.read_text(encoding="utf-8"),
        "authority.pem": authority.certificate.read_text(encoding="utf-8"),
        "plugins": "[rabbitmq_management].\n" if server.management_port else "[].\n",
        "rabbitmq.conf": _configuration(server, folder),
        ".erlang.cookie": token_hex(16),
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
        give_to_server(folder / name)


def _configuration(server: RabbitmqServer, folder: Path) -> str:
    options = {"cacertfile": "authority.pem", "certfile": "server.pem", "keyfile": "server.key"}
    lines = [
        "listeners.tcp = none",
        f"listeners.ssl.1 = 127.0.0.1:{server.port}",
        *(f"ssl_options.{option} = {folder / file}" for option, file in options.items()),
        "ssl_options.verify = verify_none",
        f"default_user = {server.user}",
        f"default_pass = {server.password}",
        "log.console = true",
        "log.console.level = warning",
        "log.file = false",
        # A machine whose disk is nearly full would block publishers.
        "disk_free_limit.absolute = 1MB",
    ]
    if server.management_port:
        lines += [
            f"management.ssl.port = {server.management_port}",
            "management.ssl.ip = 127.0.0.1",
            *(f"management.ssl.{option} = {folder / file}" for option, file in options.items()),
        ]
    return "\n".join([*lines, ""])


def _environment(folder: Path, *, node: str, mapper_port: int) -> dict[str, str]:
    return {
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(mapper_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": node,
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
