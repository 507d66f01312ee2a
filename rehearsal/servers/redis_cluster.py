"""A Redis in cluster mode of one's own: shards with replicas, on loopback, by TLS alone, with users, as ElastiCache has it."""

from __future__ import annotations

import secrets
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from rehearsal.failure import RehearsalError
from rehearsal.ports import free_port
from rehearsal.servers.certificates import Certificate
from rehearsal.servers.program import Program, find

HOST: Final = "localhost"
"""What nodes announce. The certificate has to name it, and 127.0.0.1 too: redis-py resolves this name before it connects."""
SLOTS: Final = 16_384
START_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.05
CONTROL: Final = "control-plane"
"""The user by which this module rules, as AWS does by one of its own."""


@dataclass
class Node:
    """One server of the cluster."""

    folder: Path
    port: int
    shard: int
    """From 0."""
    replica: bool
    """Whether it began as one."""
    bus_port: int
    program: Program


@dataclass(frozen=True, slots=True)
class User:
    """A user of access control, the same on every node."""

    name: str
    access: str
    """ElastiCache's access string, such as `on ~* +@all`."""
    passwords: Sequence[str] = field(repr=False)


class RedisCluster:
    """A running cluster, of which `nodes` are the masters first. The user `default` is off.

    `port` is one node's, at which clients learn of all others, as they do at ElastiCache's configuration endpoint.
    """

    def __init__(
        self,
        folder: Path,
        *,
        certificate: Certificate,
        authority: Path,
        users: Sequence[User],
        shards: int = 3,
        replicas: int = 1,
    ) -> None:
        self._certificate, self._authority = certificate, authority
        self._password = secrets.token_hex(16)
        self._users = list(users)
        self.host = HOST
        self.nodes: list[Node] = []
        self._clients: dict[int, Redis] = {}
        try:
            for number in range(shards * (1 + replicas)):
                self.nodes.append(self._start(folder / f"node-{number}", number, shards))
            for node in self.nodes:
                self._wait(node, lambda node=node: self.command(node, "PING"))  # type: ignore[misc]
            self._join()
        except BaseException:
            self.stop()
            raise
        self.port = self.nodes[0].port

    def command(self, node: Node, *words: str) -> Any:  # noqa: ANN401 - whatever Redis answers
        """What `node` answers, as Redis wrote it, to a command of somebody who may do everything. Raises RedisError."""
        return self._clients[node.port].execute_command(*words)  # type: ignore[no-untyped-call]

    def set_passwords(self, username: str, passwords: Sequence[str], *, nodes: Sequence[Node] | None = None) -> None:
        """Make `passwords` the only ones of a user, on every node (or on `nodes` alone), one node after the other.

        Connections that stand go on, as at ElastiCache.
        """
        for node in self.nodes if nodes is None else nodes:
            if node.program.exit_code is None:
                self.command(node, "ACL", "SETUSER", username, "resetpass", *(f">{password}" for password in passwords))
        if nodes is None:
            self._users = [
                User(user.name, user.access, list(passwords)) if user.name == username else user for user in self._users
            ]

    def stop_node(self, node: Node) -> None:
        """End one node at once, as a machine that is lost."""
        node.program.signal(signal.SIGKILL)
        node.program.stop()

    def start_node(self, node: Node) -> None:
        """Start it again, with the users as they are now; wait until every other one tells clients of it."""
        node.program = self._launch(node.folder, node.port, node.bus_port)
        self.wait_until_whole()

    def wait_until_whole(self) -> None:
        """Until each node that runs tells clients of every other one. A replica that was away briefly is left out once more while it
        gets its data anew, after everybody had seen it.
        """
        for node in self.nodes:
            if node.program.exit_code is None:
                self._wait(node, lambda node=node: self._is_whole(node))  # type: ignore[misc]

    def stop(self) -> None:
        """Stop all at once."""
        for node in self.nodes:
            node.program.signal(signal.SIGKILL)
        for node in self.nodes:
            node.program.stop()
        for client in self._clients.values():
            client.close()

    def _client(self, port: int) -> Redis:
        client = Redis(
            host=HOST,
            port=port,
            username=CONTROL,
            password=self._password,
            ssl=True,
            ssl_ca_certs=str(self._authority),
            socket_timeout=5.0,
            decode_responses=True,
            protocol=3,
            retry=Retry(NoBackoff(), 1),  # once, for the connection to a node that was started again
        )
        client.response_callbacks.clear()  # they would take answers apart
        return client

    def _start(self, folder: Path, number: int, shards: int) -> Node:
        folder.mkdir(parents=True)
        port, bus_port = free_port(), free_port()
        self._clients[port] = self._client(port)
        program = self._launch(folder, port, bus_port)
        return Node(folder, port, number % shards, number >= shards, bus_port, program)

    def _launch(self, folder: Path, port: int, bus_port: int) -> Program:
        accounts = [
            "user default off resetpass resetchannels -@all",
            f"user {CONTROL} on ~* &* +@all >{self._password}",
            *(
                " ".join(["user", user.name, user.access, *(f">{each}" for each in user.passwords)])
                for user in self._users
            ),
        ]
        # In files: everybody can read a command line.
        for name, lines in (("users.acl", accounts), ("redis.conf", self._configuration(folder, port, bus_port))):
            (folder / name).touch(mode=0o600)
            (folder / name).write_text("".join(f"{line}\n" for line in lines))
        return Program([find("redis-server"), str(folder / "redis.conf")], log=folder / "redis.log")

    def _configuration(self, folder: Path, port: int, bus_port: int) -> list[str]:
        settings = {
            "bind": "127.0.0.1",
            "dir": folder,
            "save": '""',
            "appendonly": "no",
            "port": 0,
            "tls-port": port,
            "tls-cert-file": self._certificate.chain,
            "tls-key-file": self._certificate.key,
            "tls-ca-cert-file": self._authority,
            "tls-auth-clients": "no",
            "tls-replication": "yes",
            "tls-cluster": "yes",
            "aclfile": folder / "users.acl",
            "masteruser": CONTROL,
            "masterauth": self._password,
            "repl-diskless-sync-delay": 0,
            # Clients are told of a replica once it has received something; by default a first ping comes after ten seconds.
            "repl-ping-replica-period": 1,
            "cluster-enabled": "yes",
            "cluster-port": bus_port,
            "cluster-node-timeout": 5000,
            "cluster-require-full-coverage": "no",  # as ElastiCache has it
            "cluster-announce-hostname": HOST,
            "cluster-preferred-endpoint-type": "hostname",
            # Redis writes its title over its environment, by which the guard finds what a killed rehearsal left behind.
            "set-proc-title": "no",
        }
        return [f"{name} {value}" for name, value in settings.items()]

    def _join(self) -> None:
        masters = [node for node in self.nodes if not node.replica]
        for number, node in enumerate(masters):
            first, last = (SLOTS * part // len(masters) for part in (number, number + 1))
            self.command(node, "CLUSTER", "ADDSLOTSRANGE", str(first), str(last - 1))
            self.command(node, "CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
        for node in self.nodes[1:]:
            self.command(self.nodes[0], "CLUSTER", "MEET", "127.0.0.1", str(node.port), str(node.bus_port))
        for node in self.nodes:
            self._wait(node, lambda node=node: self._knows_all(node))  # type: ignore[misc]
        for node in self.nodes:
            if node.replica:
                self.command(node, "CLUSTER", "REPLICATE", self.command(masters[node.shard], "CLUSTER", "MYID"))
        self.wait_until_whole()

    def _knows_all(self, node: Node) -> bool:
        listed = self.command(node, "CLUSTER", "NODES").splitlines()
        return len(listed) == len(self.nodes) and not any("handshake" in line for line in listed)

    def _is_whole(self, node: Node) -> bool:
        """Whether it sees every node at work, which clients are told of only then."""
        healthy = "cluster_state:ok" in self.command(node, "CLUSTER", "INFO")
        seen = [each["health"] for shard in self.command(node, "CLUSTER", "SHARDS") for each in shard["nodes"]]
        replicated = self.command(node, "INFO", "replication")
        linked = "role:master" in replicated or "master_link_status:up" in replicated
        return healthy and linked and seen == ["online"] * len(self.nodes)

    def _wait(self, node: Node, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if condition():
                    return
            except RedisError:
                pass
            if node.program.exit_code is not None or time.monotonic() > deadline:
                raise RehearsalError("Redis did not start", remedy="see below", details=node.program.said())
            time.sleep(LOOK_SECONDS)
