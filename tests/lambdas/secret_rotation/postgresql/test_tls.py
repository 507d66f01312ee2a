"""Nobody logs in where it is not certain whose server it is."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from rotation.database import Database

from rehearsal.ports import free_port
from rehearsal.servers.certificates import Authority, Certificate
from rehearsal.servers.postgresql import PostgreSQL
from shared import trust
from shared.login import Login
from shared.postgresql_connection import Endpoint, connected
from shared.told import Told

ALIAS = "database.example.com"


@pytest.fixture(scope="module")
def server(certificate_authority: Authority) -> Iterator[PostgreSQL]:
    """One whose certificates change."""
    with TemporaryDirectory(prefix="understudy-postgresql-") as folder:
        made = PostgreSQL(
            Path(folder) / "server", certificate=certificate_authority.certificate("server", ["localhost"])
        )
        yield made
        made.stop()


@pytest.fixture
def believed(certificate_authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its authority is the bundle's."""
    _believe(monkeypatch, certificate_authority.file)


def _believe(monkeypatch: pytest.MonkeyPatch, bundle: Path) -> None:
    monkeypatch.setenv("CA_BUNDLE", str(bundle))
    trust.bundle_alone.cache_clear()


def _shows(server: PostgreSQL, certificate: Certificate) -> None:
    server.stop()
    server.certify(certificate)
    server.start()


def _log_in(server: PostgreSQL, endpoint: Endpoint | None = None) -> Any:
    login = Login(server.login.user, server.login.password)
    with connected(endpoint or Endpoint("localhost", server.login.port), login, server.login.database) as session:
        return session.value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")


@pytest.mark.usefixtures("believed")
def test_a_good_certificate(server: PostgreSQL, certificate_authority: Authority) -> None:
    """And the server says itself that the session is encrypted."""
    _shows(server, certificate_authority.certificate("server", ["localhost"]))
    assert True is _log_in(server)


@pytest.mark.usefixtures("believed")
@pytest.mark.parametrize(
    ("names", "lives", "said"),
    [
        (("elsewhere.example.com",), timedelta(days=1), "Hostname mismatch"),
        (("localhost",), timedelta(minutes=-5), "certificate has expired"),
    ],
)
def test_a_certificate_that_does_not_fit(
    server: PostgreSQL, certificate_authority: Authority, names: tuple[str, ...], lives: timedelta, said: str
) -> None:
    """Another name, or a time that is over."""
    _shows(server, certificate_authority.certificate("server", names, lives=lives))
    with pytest.raises(Told, match=f"its certificate is not to be trusted: .*{said}"):
        _log_in(server)


def test_an_unknown_authority(
    server: PostgreSQL, certificate_authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever signed it is not in the bundle."""
    _shows(server, certificate_authority.certificate("server", ["localhost"]))
    _believe(monkeypatch, Authority(tmp_path).file)
    with pytest.raises(Told, match="its certificate is not to be trusted"):
        _log_in(server)


def test_a_missing_bundle(server: PostgreSQL, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is no reason to trust anybody."""
    _believe(monkeypatch, tmp_path / "none.pem")
    with pytest.raises(Told, match=r"the authorities in .* are missing"):
        _log_in(server)


def test_a_server_without_tls() -> None:
    """Nothing but the question for TLS is sent to it: AWS's functions fall back to plain text there."""
    with TemporaryDirectory(prefix="understudy-postgresql-") as folder:
        plain = PostgreSQL(Path(folder) / "server")
        try:
            with pytest.raises(Told, match="offers no TLS, and nobody logs in without"):
                _log_in(plain)
        finally:
            plain.stop()


def test_something_else_that_listens() -> None:
    """No PostgreSQL at all."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.listen()

        def answer() -> None:
            accepted, _ = listener.accept()
            accepted.recv(8)
            accepted.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            accepted.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with (
            pytest.raises(Told, match="does not speak PostgreSQL's protocol"),
            connected(Endpoint("localhost", port), Login("a", "b"), "c"),
        ):
            pass
        thread.join()


def test_the_context_cannot_be_made_to_believe_more() -> None:
    """The certificate and its name are both required."""
    context = trust.bundle_alone()
    assert (True, ssl.CERT_REQUIRED) == (context.check_hostname, context.verify_mode)


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """`database.example.com` is a CNAME of the server's; names that were asked for."""
    asked: list[str] = []
    really = socket.getaddrinfo

    def resolve(host: str, *arguments: Any, **named: Any) -> Any:
        asked.append(host)
        return really("localhost" if host == ALIAS else host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_a_secret_that_names_a_cname(database: Database, resolver: list[str]) -> None:
    """Consumers' way is the one that is tested; the certificate has to be the endpoint's, which a CNAME's never is."""
    database.alias = ALIAS
    assert ALIAS == database.engine().attributes()["host"]
    assert "localhost" == database.engine("administrator").attributes()["host"]
    assert database.valid(database.rotated(database.established()))
    assert ALIAS in resolver


def test_a_cname_that_leads_elsewhere(database: Database, resolver: list[str]) -> None:
    """Whatever DNS says: a server without the endpoint's own certificate never sees a password."""
    current = database.established()
    database.alias = ALIAS
    elsewhere = database.settings.port
    database.settings = database.engine(host="other.localhost")._settings
    with pytest.raises(Told, match=f"{ALIAS}:{elsewhere}: its certificate is not to be trusted: Hostname mismatch"):
        database.engine().test(current)
    assert ALIAS in resolver


@pytest.mark.usefixtures("believed")
def test_a_cname_is_not_verified_by_its_own_name(
    server: PostgreSQL, certificate_authority: Authority, resolver: list[str]
) -> None:
    """Without the endpoint's name it is refused, and with it taken."""
    _shows(server, certificate_authority.certificate("server", ["localhost"]))
    with pytest.raises(Told, match="Hostname mismatch"):
        _log_in(server, Endpoint(ALIAS, server.login.port))
    assert True is _log_in(server, Endpoint(ALIAS, server.login.port, "localhost"))
    assert [ALIAS, ALIAS] == [name for name in resolver if name == ALIAS]
