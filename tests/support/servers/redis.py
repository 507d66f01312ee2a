"""A Redis that takes connections by TLS alone, with users and passwords, as ElastiCache with an ACL does."""

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


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A running server, whose default user is off."""

    port: int
    password: str = field(repr=False)
    trusts: Path
    host: str = HOST
    user: str = USER

    def command(self, *words: str) -> str:
        """Send one command as `user` and return the answer as Redis writes it (`+PONG`, `-NOAUTH ...`, `$3`...)."""
        with connected(self.port, trusts=self.trusts) as connection:
            answers = connection.makefile("r", encoding="utf-8", newline="\r\n")
            for sent in (("AUTH", self.user, self.password), words):
                encoded = [f"*{len(sent)}", *(part for word in sent for part in (f"${len(word.encode())}", word)), ""]
                connection.sendall("\r\n".join(encoded).encode())
                answer = answers.readline().removesuffix("\r\n")
                if answer.startswith("-"):
                    break
            if answer.startswith("$") and answer != "$-1":
                return answers.readline().removesuffix("\r\n")
            return answer

    def answers(self) -> bool:
        """Whether it takes its user's password."""
        return self.command("PING") == "+PONG"


@contextmanager
def redis(authority: CertificateAuthority, logs: Path, *, settings: str = "") -> Iterator[RedisServer]:
    """A Redis on a free port; `settings` are lines of redis.conf."""
    with owned_folder("redis") as folder:
        server = RedisServer(free_port(), token_hex(16), authority.certificate)
        issued = authority.issue()
        files = {
            "server.pem": issued.certificate.read_text(encoding="utf-8"),
            "server.key": issued.key.read_text(encoding="utf-8"),
            "authority.pem": authority.certificate.read_text(encoding="utf-8"),
            "users.acl": f"user default off\nuser {server.user} on >{server.password} ~* &* +@all\n",
            "redis.conf": _configuration(server.port, settings),
        }
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
            give_to_server(folder / name)
        command = (program("redis-server"), "redis.conf")
        with running(Server(command, folder, logs / "redis.log", {}), ready=server.answers):
            yield server


def _configuration(port: int, settings: str) -> str:
    return f"""
bind 127.0.0.1
port 0
tls-port {port}
tls-cert-file server.pem
tls-key-file server.key
tls-ca-cert-file authority.pem
tls-auth-clients no
aclfile users.acl
save ""
appendonly no
{settings}
"""
