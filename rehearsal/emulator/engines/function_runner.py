"""Runs deployed Lambda functions: the code of the deployed asset, the template's variables and time-out, the role's credentials.

Layers are left out: they hold the same packages for Lambda's own processor as the project's virtual environment for
this one. Functions in other languages than Python are not run (`runs` tells which are).
"""

import atexit
import hashlib
import io
import json
import os
import shutil
import tempfile
import threading
import uuid
import zipfile
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends

import rehearsal
from rehearsal.emulator.engines import mishaps, reach
from rehearsal.emulator.engines.function_process import Answer, FunctionProcess, failure
from rehearsal.emulator.engines.setting import SETTING, in_background

PROJECT_CODE = Path(rehearsal.__file__).parents[1] / "lambdas"
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "HOME", "TZ")
"What a handler's process has of this one's environment."
TRUST = ("SSL_CERT_FILE", "CA_BUNDLE")
"The variables that name the authorities to believe: OpenSSL's own, and the project's."
RETRY_SECONDS = (60.0, 120.0)
"""Waits before an asynchronous event is tried again after an error, twice unless configured otherwise:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html."""

LEAST_REAL_SECONDS = 10.0
"""A child that imports its libraries, or waits for its turn on a busy machine, must not be killed because time runs fast: the next
one would begin anew, and the machine be busier still.
"""

_IDLE: dict[str, list[FunctionProcess]] = defaultdict(list)
_BUSY: dict[FunctionProcess, str] = {}
"Those that handle an event, and their regions."
_LOCK = threading.Lock()


def runs(function: LambdaFunction) -> bool:
    """Tell whether a function can be run here."""
    return (function.run_time or "").startswith("python") and function.package_type == "Zip"


def function_of(arn_or_name: str, *, account: str, region: str) -> LambdaFunction | None:
    """Return a function by ARN, with or without a qualifier, or name; None when there is none."""
    if arn_or_name.startswith("arn:"):
        _, _, _, region, account, _, name = arn_or_name.split(":")[:7]
    else:
        name = arn_or_name
    functions = {one.function_name: one for one in lambda_backends[account][region].list_functions()}
    return functions.get(name)


def invoke(function: LambdaFunction, event: Any) -> Answer:  # noqa: ANN401  # JSON
    """Have a function handle an event, and return its answer. In a dark region nothing does."""
    if reach.dark(function.region):
        return failure("Lambda.ServiceException", f"nothing answers in {function.region}")
    environment = _environment(function)
    handler = function.handler or ""
    limit = float(function.timeout)
    killed = mishaps.killing(function.function_name, handler)
    key = _key(function, environment)
    try:
        process = _idle(key) or _started(function, environment)
    except OSError as error:
        return failure("Runtime.InitError", str(error))
    patience = max(SETTING.clock.real_seconds(limit), LEAST_REAL_SECONDS)
    with _LOCK:
        _BUSY[process] = function.region
    if reach.dark(function.region):
        process.kill()
    answer = process.load()
    if answer is None:
        context = {
            "aws_request_id": str(uuid.uuid4()),
            "invoked_function_arn": function.function_arn,
            "timeout_seconds": limit,
            "deadline": SETTING.clock.epoch() + limit,
            "kill_at": killed,
        }
        answer = process.handle(event, context, timeout_seconds=patience)
    with _LOCK:
        del _BUSY[process]
        if process.alive:
            _IDLE[key].append(process)
    return answer


def kill_all(region: str | None = None) -> None:
    """End every execution environment, of a region or of all: what it is at is cut off."""
    with _LOCK:
        idle = [process for many in _IDLE.values() for process in many] if region is None else []
        busy = [process for process, of in list(_BUSY.items()) if region in (None, of)]
        if region is None:
            _IDLE.clear()
    for process in (*idle, *busy):
        process.kill()


def invoke_later(function: LambdaFunction, event: Any) -> None:  # noqa: ANN401  # JSON
    """Have a function handle an event by and by, again after an error, as asynchronous invocations are."""
    in_background(f"event for {function.function_name}", _until_handled, function, event)
    if mishaps.doubled(function.function_name, function.handler or ""):
        in_background(f"second event for {function.function_name}", _until_handled, function, event)


def _until_handled(function: LambdaFunction, event: Any) -> None:  # noqa: ANN401  # JSON
    configured = function.event_invoke_config[0].config if function.event_invoke_config else {}
    retries = int(configured.get("MaximumRetryAttempts", len(RETRY_SECONDS)))
    for seconds in (*RETRY_SECONDS[:retries], None):
        if not invoke(function, event).failed or seconds is None:
            return
        SETTING.clock.sleep(seconds)


def _idle(key: str) -> FunctionProcess | None:
    with _LOCK:
        while _IDLE[key]:
            process = _IDLE[key].pop()
            if process.alive:
                return process
    return None


def _started(function: LambdaFunction, environment: dict[str, str]) -> FunctionProcess:
    credentials = SETTING.apis(function.account_id, function.region).call(
        "sts", "assume_role", {"RoleArn": function.role, "RoleSessionName": function.function_name[:64]}
    )["Credentials"]
    environment = {
        **environment,
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }
    return FunctionProcess(folder=_code(function), handler=function.handler or "", environment=environment)


def _environment(function: LambdaFunction) -> dict[str, str]:
    network = SETTING.data_plane.network(function.region)
    trusted = {name: network["ca_file"] for name in TRUST if network.get("ca_file")}
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ENDPOINT_URL": SETTING.endpoint,
        # Says where its calls come from; botocore puts it into every User-Agent.
        "AWS_SDK_UA_APP_ID": function.region,
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
        "AWS_LAMBDA_LOG_STREAM_NAME": "rehearsal",
        "PYTHONUNBUFFERED": "1",
        **(SETTING.clock.variable if SETTING.clock.speed != 1 else {}),
        **{name: str(value) for name, value in (function.environment_vars or {}).items()},
        **({"UNDERSTUDY_NETWORK": json.dumps(network)} if network.get("ports") or network.get("hosts") else {}),
        **trusted,
    }


def _key(function: LambdaFunction, environment: dict[str, str]) -> str:
    content = (
        function.function_arn,
        function.handler,
        function.role,
        function.code_digest,
        sorted(environment.items()),
    )
    return hashlib.sha256(repr(content).encode()).hexdigest()


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="understudy-functions-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _code(function: LambdaFunction) -> Path:
    """Return the folder of the deployed code; the project's own where the asset's content is not at hand."""
    content = getattr(function, "code_bytes", b"")
    if not content:
        return PROJECT_CODE
    folder = _folder() / hashlib.sha256(content).hexdigest()[:32]
    with _LOCK:
        if not folder.exists():
            unpacked = folder.with_suffix(".part")
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                archive.extractall(unpacked)
            unpacked.rename(folder)
    return folder
