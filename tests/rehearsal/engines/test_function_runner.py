"""Functions run as deployed: their code, variables, role and time-out, and a mishap where a test wants one."""

import json
import time

from rehearsal.emulator.engines.function_runner import LEAST_REAL_SECONDS
from tests.rehearsal.engines.played import ACCOUNT, REGION, SPEED, Played

TELLS = """
import json, os, time, boto3
def handle(event, context):
    who = boto3.client("sts").get_caller_identity()["Arn"]
    return {"event": event, "variable": os.environ["A"], "who": who, "region": os.environ["AWS_REGION"],
            "arn": context.invoked_function_arn, "left": context.get_remaining_time_in_millis(), "pid": os.getpid()}
"""
WRITES = """
import boto3
ssm = boto3.client("ssm")
def handle(event, context):
    for name in ("one", "two"):
        ssm.put_parameter(Name=f"/{event['name']}/{name}", Value="x", Type="String")
    return "done"
"""


def test_it_runs_as_deployed(played: Played, name: str) -> None:
    """A handler sees its event, its variables, its role's credentials and the time it has left."""
    arn = played.function(name, TELLS, timeout=600, variables={"A": "b"})
    told, error = played.invoke(name, {"x": 1})
    assert error is None
    assert ({"x": 1}, "b", REGION, arn) == (told["event"], told["variable"], told["region"], told["arn"])
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{name}" == told["who"]
    assert 0 < told["left"] <= 600_000


def test_it_stays_warm_until_it_changes(played: Played, name: str) -> None:
    """The same process handles the next event; a changed variable makes a new one."""
    played.function(name, TELLS, timeout=600, variables={"A": "b"})
    first, second = (played.invoke(name)[0]["pid"] for _ in range(2))
    played.client("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": {"A": "c"}})
    third = played.invoke(name)[0]
    assert first == second
    assert ("c", True) == (third["variable"], third["pid"] != first)


def test_an_exception_is_the_answer(played: Played, name: str) -> None:
    """What a handler raises is told as Lambda tells it, and the next event is handled."""
    played.function(name, "def handle(event, context):\n    raise ValueError('no')")
    assert ({"errorType": "ValueError", "errorMessage": "no"}, "Unhandled") == played.invoke(name)
    assert played.invoke(name)[1] == "Unhandled"


def test_code_that_does_not_load(played: Played, name: str) -> None:
    """A module that cannot be imported is an error, not silence."""
    played.function(name, "import nothing_of_this_name")
    answer, error = played.invoke(name)
    assert ("ModuleNotFoundError", "Unhandled") == (answer["errorType"], error)


def test_the_time_out_counts_virtual_seconds(played: Played, name: str) -> None:
    """A handler that takes longer than its time-out is killed at the rehearsal's speed."""
    timeout = int(SPEED * (LEAST_REAL_SECONDS + 1))
    played.function(name, "import time\ndef handle(event, context):\n    time.sleep(60)", timeout=timeout)
    begun = time.monotonic()
    answer, error = played.invoke(name)
    assert ("Sandbox.Timedout", "Unhandled") == (answer["errorType"], error)
    assert LEAST_REAL_SECONDS < time.monotonic() - begun < timeout / SPEED + 15


def test_killed_at_a_point(played: Played, name: str) -> None:
    """A process can be killed after its first call to AWS: that call has had its effect, the second never happens."""
    played.function(name, WRITES, timeout=600)
    played.ask({"mishap": {"function": name, "call": 1, "after": True}})
    answer, error = played.invoke(name, {"name": name})
    written = played.client("ssm").get_parameters_by_path(Path=f"/{name}")["Parameters"]
    assert ("Runtime.ExitError", "Unhandled") == (answer["errorType"], error)
    assert [f"/{name}/one"] == [one["Name"] for one in written]


def test_asynchronous_events_are_tried_again(played: Played, name: str) -> None:
    """An event whose handling was cut off is delivered once more, a minute later."""
    code = WRITES.replace('Type="String"', 'Type="String", Overwrite=True')
    played.function(name, code, timeout=600)
    played.ask({"mishap": {"function": name, "call": 2, "after": False}})
    client = played.client("lambda")
    given = client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"name": name}))
    assert given["StatusCode"] == 202
    played.wait(lambda: len(played.client("ssm").get_parameters_by_path(Path=f"/{name}")["Parameters"]) == 2)
