"""The embedded AWS as a process: `python -m rehearsal.emulator.server PORT`."""

import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any

from moto.cloudformation.models import cloudformation_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.route53.models import route53_backends
from werkzeug.serving import make_server

from rehearsal.clock import VARIABLE, Clock
from rehearsal.embedded_aws import JOURNAL_PATH, STATUS_PATH, TOKEN_VARIABLE
from rehearsal.emulator import custom_resources
from rehearsal.emulator.checkpoint import Checkpoint
from rehearsal.emulator.engines import (
    alarms,
    databases,
    function_runner,
    holds,
    journal,
    key_values,
    mishaps,
    reach,
    schedules,
    services,
)
from rehearsal.emulator.engines.setting import SETTING, in_background
from rehearsal.emulator.moto_patches import install
from rehearsal.emulator.provisioning import rows
from rehearsal.emulator.stacks import RehearsedStack
from rehearsal.emulator.supplied import key_value_stores

Start = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]
CHECKPOINT = Checkpoint()


def with_status(application: Application, token: str) -> Application:
    """Return the application with a page that tells who is answering and what its stacks hold."""

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(custom_resources.ANSWERS_PATH):
            custom_resources.receive(path, environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            start("200 OK", [("Content-Length", "0")])
            return []
        if path.startswith(key_value_stores.PATH):
            return key_value_stores.answer(environ, start)
        if path.startswith(JOURNAL_PATH):
            return _told(start, {"token": token, "entries": journal.since(int(path.removeprefix(JOURNAL_PATH)))})
        if path != STATUS_PATH:
            if reach.swallowed(environ):
                start("503 Service Unavailable", [])
                return []
            return application(environ, start)
        if environ["REQUEST_METHOD"] == "PUT":
            obey(json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))))
        return _told(start, {"token": token, "pid": os.getpid(), "stacks": stacks()})

    return answer


def _told(start: Start, content: dict[str, Any]) -> list[bytes]:
    body = json.dumps(content).encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def obey(wanted: dict[str, Any]) -> None:
    """Do what the rehearsal asks of its emulator; nothing that AWS has an API for."""
    _play(wanted)
    if "checkpoint" in wanted:
        CHECKPOINT.take()
    if "rewind" in wanted:
        CHECKPOINT.rewind()


def _play(wanted: dict[str, Any]) -> None:
    if "hosted_zone" in wanted:
        provide_hosted_zone(**wanted["hosted_zone"])
    if "data_plane" in wanted:
        os.environ[VARIABLE] = wanted["data_plane"]["clock"]
        SETTING.attach(wanted["data_plane"]["url"], Clock.from_environment())
        databases.attach()
        key_values.push()
        services.attach()
    if "mishap" in wanted:
        mishaps.plan(wanted["mishap"])
    if "reach" in wanted:
        reach.change(wanted["reach"])
        for region in wanted["reach"]["dark"]:
            function_runner.kill_all(region)
    if "hold" in wanted:
        holds.hold(**wanted["hold"])
    if "release" in wanted:
        holds.release()


def provide_hosted_zone(*, account: str, zone: str, name: str) -> None:
    """Make the hosted zone that a real account has before anything is deployed into it, with the ID it has there."""
    backend = route53_backends[account]["aws"]
    if zone not in backend.zones:
        made = backend.create_hosted_zone(name=f"{name}.", private_zone=False)
        del backend.zones[made.resource_id]
        made.resource_id = zone
        backend.zones[zone] = made


def stacks() -> list[dict[str, Any]]:
    """Return every stack with its status, its outputs and what became of its resources."""
    return [
        {
            "name": stack.name,
            "account": account,
            "region": region,
            "status": stack.status,
            "outputs": {output["OutputKey"]: output["OutputValue"] for output in stack.outputs or []},
            "failures": stack.failures,
            "resources": rows(stack.provisioning.resources),
        }
        for account, regions in list(cloudformation_backends.items())
        for region, backend in list(regions.items())
        for stack in list(backend.stacks.values())
        if isinstance(stack, RehearsedStack)
    ]


def main() -> None:
    """Serve until told to stop."""
    port = int(sys.argv[1])

    # One line per request would bury what matters; errors still come with their traceback.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    install(endpoint=f"http://localhost:{port}")
    application = with_status(DomainDispatcherApplication(create_backend_app), os.environ[TOKEN_VARIABLE])
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=MotoRequestHandler)
    CHECKPOINT.serve(server, begin=_begin)


def _begin() -> None:
    """Start what goes on beside requests."""
    in_background("alarms", alarms.keep_evaluating)
    in_background("schedules", schedules.keep_calling)


if __name__ == "__main__":
    main()
