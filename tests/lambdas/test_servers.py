"""The servers that other tests rely on: real, by TLS alone, and gone when the tests are."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from servers.certificate_authority import CertificateAuthority
from servers.haproxy import haproxy
from servers.postgresql import PostgresqlServer
from servers.process import Server, running
from servers.rabbitmq import RabbitmqServer, rabbitmq
from servers.redis import RedisServer
from servers.tls import connected

from rehearsal.ports import free_port

ROOT = Path(__file__).parents[2]
PARENT = """
import sys, time
from pathlib import Path
sys.path[:0] = ["tests/support"]
from servers.process import Server, running
folder = Path(sys.argv[1])
command = ("/bin/sh", "-c", "echo $$; exec sleep 600")
server = Server(command, Path("/"), folder / "log", {})
with running(server, ready=lambda: bool((folder / "log").read_text().strip())):
    time.sleep(600)
"""


def _plain_answer(port: int, said: bytes) -> bytes:
    with socket.create_connection(("localhost", port), timeout=2) as plain:
        plain.sendall(said)
        try:
            return plain.recv(64)
        except ConnectionResetError:
            return b""


def test_postgresql_refuses_plain_connections(postgresql_server: PostgresqlServer) -> None:
    """Its access rules know `hostssl` alone; a superuser sees them."""
    rules = postgresql_server.execute("select distinct type from pg_hba_file_rules")
    assert [["hostssl"]] == rules
    assert [[True]] == postgresql_server.execute("select ssl from pg_stat_ssl where pid = pg_backend_pid()")


def test_postgresql_gives_each_test_its_own_database(postgresql_server: PostgresqlServer) -> None:
    """What one test makes the next one does not find."""
    for _ in range(2):
        with postgresql_server.new_database() as own:
            own.execute("create table orders (id int)", database=own.database)
            assert own.dsn.endswith(own.database)


def test_redis_wants_tls_and_a_password(redis_server: RedisServer) -> None:
    """Without the password nothing is answered, by plain TCP nothing at all."""
    assert redis_server.command("SET", "greeting", "hello") == "+OK"
    assert redis_server.command("GET", "greeting") == "hello"
    with connected(redis_server.port, trusts=redis_server.trusts) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(7) == b"-NOAUTH"
    assert not _plain_answer(redis_server.port, b"PING\r\n").startswith((b"+", b"-NOAUTH"))


def test_rabbitmq_wants_tls(rabbitmq_server: RabbitmqServer) -> None:
    """It begins a conversation by TLS, and none by plain TCP."""
    assert rabbitmq_server.answers()
    assert b"AMQP" not in _plain_answer(rabbitmq_server.port, b"AMQP\x00\x00\x09\x01")


def test_two_brokers_run_side_by_side(
    rabbitmq_server: RabbitmqServer, certificate_authority: CertificateAuthority, tmp_path: Path
) -> None:
    """A second one, with its management API, disturbs neither the first nor anything of the machine."""
    with rabbitmq(certificate_authority, tmp_path, management=True) as second:
        assert second.management_port
        context = ssl.create_default_context(cafile=str(second.trusts))
        passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
        url = f"https://localhost:{second.management_port}/api/overview"
        passwords.add_password(None, url, second.user, second.password, is_authenticated=True)
        opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), urllib.request.HTTPBasicAuthHandler(passwords)
        )
        assert opener.open(url, timeout=10).status == 200
        assert rabbitmq_server.answers()


def test_haproxy_answers_by_its_configuration(certificate_authority: CertificateAuthority, tmp_path: Path) -> None:
    """A front end with the authority's certificate answers by TLS."""
    port, issued = free_port(), certificate_authority.issue()
    configuration = f"""
defaults
  mode http
  timeout client 5s
  timeout connect 5s
  timeout server 5s
frontend front
  bind 127.0.0.1:{port} ssl crt {issued.both.name}
  http-request return status 418
"""
    with (
        haproxy(configuration, tmp_path, ports=(port,), files=(issued.both,)),
        connected(port, trusts=certificate_authority.certificate) as connection,
    ):
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 418"


@pytest.mark.parametrize(
    ("names", "lives"), [(("elsewhere.example.com",), timedelta(days=1)), ((), timedelta(days=-1))]
)
def test_authority_issues_what_clients_must_refuse(
    certificate_authority: CertificateAuthority, tmp_path: Path, names: tuple[str, ...], lives: timedelta
) -> None:
    """A certificate for another name, or one that has expired, is issued all the same: tests need them."""
    port, issued = free_port(), certificate_authority.issue(*names, lives=lives)
    configuration = f"""
defaults
  mode http
  timeout client 5s
  timeout connect 5s
  timeout server 5s
frontend front
  bind 127.0.0.1:{port} ssl crt {issued.both.name}
"""
    with (
        haproxy(configuration, tmp_path, ports=(port,), files=(issued.both,)),
        pytest.raises(ssl.SSLCertVerificationError),
        connected(port, trusts=certificate_authority.certificate),
    ):
        pass


def test_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    """The end of its log is in the error."""
    server = Server(("/bin/sh", "-c", "echo no such setting; exit 1"), Path("/"), tmp_path / "log", {})
    with pytest.raises(RuntimeError, match="no such setting"), running(server, ready=lambda: False):
        pass


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_server_ends_with_the_tests_however_they_end(tmp_path: Path, end: signal.Signals) -> None:
    """Somebody kills pytest: its servers do not stay behind."""
    log = tmp_path / "log"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], cwd=ROOT, stderr=subprocess.DEVNULL)
    _until(lambda: log.exists() and bool(log.read_text().strip()))
    server = int(log.read_text())
    assert _runs(server)
    parent.send_signal(end)
    parent.wait()
    _until(lambda: not _runs(server))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
