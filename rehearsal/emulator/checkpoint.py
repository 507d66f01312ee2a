"""A state of the emulator to which it can be brought back within a moment: from a checkpoint on, a copy of the process serves.

The original keeps the listening socket and all that was deployed, and waits. `rewind` ends the copy, and the original makes
another (fork(2)): a rehearsal of hundreds of failovers deploys once.
"""

import os
import signal
import socketserver
import threading
import time
from collections.abc import Callable

from werkzeug.serving import BaseWSGIServer

from rehearsal.emulator.engines import function_runner

ANSWERED_SECONDS = 0.2
"Real: until the answer to the request for a checkpoint is sent."
LOOK_SECONDS = 0.05
"Real: until the loop sees that it is to end."


class Checkpoint:
    """Of one server."""

    def __init__(self) -> None:
        self._server: BaseWSGIServer | None = None
        self._taken = False
        self._copy = False

    def serve(self, server: BaseWSGIServer, *, begin: Callable[[], object]) -> None:
        """Serve until the process is told to stop; `begin` starts what goes on beside requests."""
        self._server = server
        begin()
        self._until_shut_down(server)
        while self._taken:
            time.sleep(ANSWERED_SECONDS)
            function_runner.kill_all()
            child = os.fork()
            if child:
                self._wait_for(child)
                continue
            self._copy, self._taken = True, False
            begin()
            self._until_shut_down(server)
            time.sleep(ANSWERED_SECONDS)
            function_runner.kill_all()
            # Nothing of the original's is to be tidied up here.
            os._exit(0)

    def _wait_for(self, copy: int) -> None:
        """Until the copy ends. Told to stop meanwhile, the original has it stop too: nobody else knows of it."""
        try:
            os.waitpid(copy, 0)
        except SystemExit:
            os.kill(copy, signal.SIGTERM)
            os.waitpid(copy, 0)
            raise

    def take(self) -> None:
        """From now on a copy serves."""
        if not self._copy:
            self._taken = True
            self._shut_down()

    def rewind(self) -> None:
        """Be as at the checkpoint again. Does nothing where none was taken."""
        if self._copy:
            self._shut_down()

    def _until_shut_down(self, server: BaseWSGIServer) -> None:
        # werkzeug's own loop closes the socket when it ends.
        socketserver.BaseServer.serve_forever(server, LOOK_SECONDS)

    def _shut_down(self) -> None:
        if self._server is not None:
            # It returns when the server's loop has ended, of which this request is no part.
            threading.Thread(target=self._server.shutdown, daemon=True).start()
