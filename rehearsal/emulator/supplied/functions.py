"""Lambda: functions in Python are really run; those in other languages answer as moto has them answer."""

import base64
import json
from typing import Any

from moto.awslambda.models import LambdaFunction

from rehearsal.emulator import ecs_deployment
from rehearsal.emulator.engines import function_runner
from rehearsal.emulator.engines.setting import SETTING, in_background

_invoke_of_moto: Any = LambdaFunction.invoke


def invoke(self: LambdaFunction, body: Any, request_headers: Any, response_headers: Any) -> bytes | str:  # noqa: ANN401
    """Run the function, at once or, for an event, by and by."""
    if not function_runner.runs(self) and request_headers.get("x-amz-invocation-type") == "Event":
        return _provide(self, json.loads(body))
    if not function_runner.runs(self):
        answer: bytes | str = _invoke_of_moto(self, body, request_headers, response_headers)
        return answer
    event = json.loads(body) if body else {}
    kind = request_headers.get("x-amz-invocation-type", "RequestResponse")
    if kind == "DryRun":
        return b""
    if kind == "Event":
        function_runner.invoke_later(self, event)
        return b""
    given = function_runner.invoke(self, event)
    if given.failed:
        response_headers["x-amz-function-error"] = "Unhandled"
    response_headers["x-amz-log-result"] = base64.b64encode(b"").decode()
    return json.dumps(given.payload).encode()


def _provide(function: LambdaFunction, event: dict[str, Any]) -> bytes:
    """The one function in another language that is played: the provider of CodeDeploy's deployments."""
    if event.get("ResourceType") == "Custom::EcsDeployment":
        apis = SETTING.apis(function.account_id, function.region)
        work = in_background("provider", ecs_deployment.provide, event, function.function_arn, apis)
        if not SETTING.played:
            work.join()
    return b""


def install() -> None:
    """Run functions from now on."""
    runnable: Any = LambdaFunction
    runnable.invoke = invoke
