"""A played emulator and a data plane whose tasks a test directs."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rehearsal.clock import Clock
from rehearsal.embedded_aws import EmbeddedAws
from tests.rehearsal.under_test import ACCOUNT, REGION, Emulator, archive

SPEED = 60.0
"A virtual minute takes a second."
OLD, NEW = "sha256:" + "0" * 64, "sha256:" + "1" * 64


class TestPlane:
    """Tasks that are healthy at once, unless their image is among the `broken`; and a record of all that was asked."""

    __test__ = False  # the name starts as those that pytest collects

    def __init__(self) -> None:
        self.task_sets: dict[str, dict[str, Any]] = {}
        self.one_off: dict[str, dict[str, Any]] = {}
        self.databases: dict[str, str] = {}
        self.tables: list[dict[str, Any]] = []
        self.broken: set[str] = set()
        handler = type("Handler", (_Handler,), {"plane": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def of_service(self, service: str) -> list[dict[str, Any]]:
        """Return the task sets of a service that were not stopped, as they were ordered."""
        return [one for one in self.task_sets.values() if one["service"] == service and "stopped" not in one]

    def weights(self, rule: str) -> list[dict[str, int]]:
        """Return the weights that a rule had, one after the other."""
        seen: list[dict[str, int]] = []
        for table in list(self.tables):
            for listener in table["listeners"]:
                for one in listener["rules"]:
                    if one["arn"] == rule:
                        now = {target["arn"].split("/")[1]: target["weight"] for target in one["targets"]}
                        if not seen or seen[-1] != now:
                            seen.append(now)
        return seen

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Do as the contract says."""
        kind, _, name = path.strip("/").partition("/")
        if (method, kind) == ("PUT", "routes"):
            self.tables.append(body)
        elif (method, kind) == ("POST", "task-sets"):
            self.task_sets[body["id"]] = body
        elif (method, kind) == ("DELETE", "task-sets"):
            self.task_sets[name]["stopped"] = body
        elif (method, kind) == ("POST", "one-off-tasks"):
            self.one_off[body["id"]] = body
        elif (method, kind) == ("GET", "one-off-tasks"):
            code = 3 if "fail" in self.one_off[name]["command"] else 0
            return 200, {"status": "STOPPED", "exit_code": code}
        elif kind == "databases":
            return self._database(method, name, body)
        elif (method, kind) == ("GET", "task-sets") and name in self.task_sets:
            return 200, {"tasks": self._tasks(self.task_sets[name])}
        else:
            return 404, {}
        return 200, {}

    def _database(self, method: str, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if method == "PUT":
            self.databases[name] = "replica" if body["source"] else "primary"
        elif method == "POST":
            self.databases[name] = "primary"
        elif method == "DELETE":
            self.databases.pop(name, None)
        return 200, {"role": self.databases.get(name)}

    def _tasks(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        if "stopped" in order:
            return []
        broken = order["image_digest"] in self.broken
        return [
            {
                "id": f"{order['id']}-{n}",
                "address": "127.0.0.1",
                "port": 9000 + n,
                "status": "STOPPED" if broken else "RUNNING",
                "health": {} if broken else dict.fromkeys(order["target_groups"], "healthy"),
                "exit_code": 1 if broken else None,
            }
            for n in range(order["count"] * (2 if broken else 1))
        ]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    plane: TestPlane

    def do_GET(self) -> None:  # the library's names
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """One line per request would bury what matters."""

    def _answer(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        status, content = self.plane.answer(self.command, self.path, body)
        sent = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)


@dataclass
class Played(Emulator):
    """A played emulator."""

    clock: Clock = field(default_factory=Clock.from_environment)
    plane: TestPlane = field(default_factory=TestPlane)

    def ask(self, wanted: dict[str, Any]) -> None:
        """Have the emulator do what AWS has no API for."""
        EmbeddedAws(self.port, self.token)._ask(wanted)

    def wait(self, what: Callable[[], Any], seconds: float = 30) -> Any:
        """Return what is wanted as soon as it is there; `seconds` are real."""
        deadline = time.monotonic() + seconds
        while not (found := what()):
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)
        return found

    def deploy(self, stack: str, resources: dict[str, Any], *, wait: bool = True) -> str:
        """Create or update a stack, and return the status in which it ends."""
        client = self.client("cloudformation")
        exists = any(one["name"] == stack for one in self.status())
        body = json.dumps({"Resources": resources})
        (client.update_stack if exists else client.create_stack)(StackName=stack, TemplateBody=body)
        return self.settled(stack) if wait else ""

    def stack_status(self, stack: str) -> str:
        """Return a stack's status."""
        status: str = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        return status

    def settled(self, stack: str) -> str:
        """Return the status in which a stack ends."""
        final: str = self.wait(
            lambda: (now := self.stack_status(stack)) and not now.endswith("IN_PROGRESS") and now, 60
        )
        return final

    def reasons(self, stack: str) -> list[str]:
        """Return why resources of a stack failed."""
        events = self.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
        return [
            f"{one['LogicalResourceId']}: {one.get('ResourceStatusReason')}"
            for one in events
            if "FAILED" in one["ResourceStatus"]
        ]

    def function(self, name: str, code: str, *, timeout: int = 30, variables: dict[str, str] | None = None) -> str:
        """Make a function of some lines of Python and return its ARN."""
        iam = self.client("iam")
        iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
        made = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="handler.handle",
            Role=f"arn:aws:iam::{ACCOUNT}:role/{name}",
            Code={"ZipFile": archive(code)},
            Timeout=timeout,
            Environment={"Variables": variables or {}},
        )
        arn: str = made["FunctionArn"]
        return arn

    def invoke(self, name: str, event: Any = None) -> tuple[Any, str | None]:
        """Invoke a function and return its answer, and what kind of error it is."""
        given = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        return json.loads(given["Payload"].read() or b"null"), given.get("FunctionError")

    def alarm(self, name: str) -> None:
        """Make an alarm that is red when the metric `name` of the namespace `Test` is above 0 in a minute."""
        self.client("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace="Test",
            MetricName=name,
            Period=60,
            EvaluationPeriods=1,
            Statistic="Sum",
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
        )

    def redden(self, alarm: str) -> None:
        """Put a metric that turns an alarm red."""
        datum = {"MetricName": alarm, "Timestamp": self.clock.now(), "Value": 1.0}
        self.client("cloudwatch").put_metric_data(Namespace="Test", MetricData=[datum])


__all__ = ["ACCOUNT", "NEW", "OLD", "REGION", "SPEED", "Played", "TestPlane", "archive"]
