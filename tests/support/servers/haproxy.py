"""HAProxy with a configuration of the test's own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servers.process import HOST, Server, give_to_server, owned_folder, program, running


@contextmanager
def haproxy(configuration: str, logs: Path, *, ports: tuple[int, ...], files: tuple[Path, ...] = ()) -> Iterator[Path]:
    """HAProxy, once it listens on all `ports`; gives its folder, which holds a readable copy of each of `files`.

    A relative file name in the configuration is looked for in that folder. HAProxy runs in the foreground as one
    process, so that nothing outlives the test.
    """
    with owned_folder("haproxy") as folder:
        contents = {"haproxy.cfg": configuration.encode(), **{file.name: file.read_bytes() for file in files}}
        for name, content in contents.items():
            (folder / name).write_bytes(content)
            give_to_server(folder / name)
        command = (program("haproxy"), "-db", "-q", "-f", "haproxy.cfg")
        with running(Server(command, folder, logs / "haproxy.log", {}), ready=lambda: all(map(_listens, ports))):
            yield folder


def _listens(port: int) -> bool:
    with socket.create_connection((HOST, port), timeout=1.0):
        return True
