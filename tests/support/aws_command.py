"""`aws`, as runbooks use it: the AWS CLI's rules of names over botocore's models, by which it is made itself.

A parameter is `--` and the API's name in lower case with hyphens; a boolean has a `--no-` form; a value is JSON, or text, or
several words for a list (AWS CLI User Guide, specifying parameter values). `python aws_command.py SERVICE OPERATION ...` asks
the endpoint of AWS_ENDPOINT_URL.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import jmespath  # type: ignore[import-untyped]
from botocore import xform_name
from botocore.session import Session, get_session

GLOBAL: Final = {"--query": True, "--output": True, "--region": True, "--cli-input-json": True, "--no-cli-pager": False}
"""Options of every command, and whether a value follows."""
OTHERS: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("s3", "rb"): frozenset({"--force"}),
    ("s3", "sync"): frozenset(),
    ("logs", "tail"): frozenset({"--since", "--format", "--follow", "--filter-pattern"}),
}
"""Commands of the CLI's own, and their options."""
RENAMED: Final[Mapping[str, str]] = {"deploy": "codedeploy", "s3api": "s3"}
"""What the CLI calls otherwise than botocore."""
PAGED: Final = frozenset({"--max-items", "--page-size", "--starting-token", "--no-paginate"})


@dataclass(frozen=True)
class Command:
    """One that was understood."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    options: Mapping[str, str]
    """Those of every command."""
    words: Sequence[str] = ()
    """What follows a command of the CLI's own."""


def parsed(text: str) -> Command:
    """Raises ValueError for what the AWS CLI would refuse: a service, an operation, a parameter, an expression."""
    words = shlex.split(text)
    if words[:1] != ["aws"] or len(words) < 3:
        raise ValueError(f"not a command of the AWS CLI: {text}")
    service, operation = words[1], words[2]
    given = _given(words[3:])
    options = {name: " ".join(values) for name, values in given.items() if name in GLOBAL}
    if "--query" in options:
        jmespath.compile(options["--query"])
    rest = {name: values for name, values in given.items() if name not in GLOBAL and name not in PAGED}
    if (service, operation) in OTHERS:
        if unknown := set(rest) - OTHERS[service, operation] - {""}:
            raise ValueError(f"aws {service} {operation} takes no {sorted(unknown)}")
        return Command(service, operation, {}, options, rest.get("", []))
    operation, rest = _waited_for(service, operation, rest)
    model = _model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        raise ValueError(f"aws {service} has no {operation}")
    shape = model.operation_model(names[operation]).input_shape
    members = {} if shape is None else {f"--{xform_name(name, '-')}": name for name in shape.members}
    parameters: dict[str, Any] = {}
    positional = rest.pop("", [])
    for option, values in rest.items():
        positive = option.replace("--no-", "--", 1)
        name = members.get(option) or members.get(positive)
        if name is None:
            raise ValueError(f"aws {service} {operation} takes no {option}")
        parameters[name] = _value(shape.members[name], values, negated=option not in members)
    if positional and (service, operation) != ("lambda", "invoke"):
        raise ValueError(f"aws {service} {operation} takes no {positional}")
    wanted = [] if shape is None or "--cli-input-json" in options else shape.required_members
    missing = [name for name in wanted if name not in parameters]
    if missing:
        raise ValueError(f"aws {service} {operation} wants {missing}")
    return Command(service, names[operation], parameters, options)


def _waited_for(service: str, operation: str, given: dict[str, list[str]]) -> tuple[str, dict[str, list[str]]]:
    """Of `aws <service> wait`, the operation that the waiter asks, and its options; anything else as it is. Raises ValueError."""
    if operation != "wait":
        return operation, given
    waiter, *others = given.get("", [""])
    model: Any = get_session().get_waiter_model(service)
    names = {xform_name(name, "-"): name for name in model.waiter_names}
    if waiter not in names or others:
        raise ValueError(f"aws {service} has nothing to wait for called {[waiter, *others]}")
    return xform_name(model.get_waiter(names[waiter]).operation, "-"), {
        name: values for name, values in given.items() if name
    }


def _given(words: Sequence[str]) -> dict[str, list[str]]:
    """Options with the words that follow them; what follows none is under the empty name."""
    found: dict[str, list[str]] = {}
    current = ""
    for word in words:
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            current = name
            found[current] = [value] if equals else []
        else:
            found.setdefault(current, []).append(word)
            if GLOBAL.get(current, False):
                current = ""
    return found


def _value(shape: Any, values: Sequence[str], *, negated: bool) -> Any:
    text = " ".join(values)
    match shape.type_name:
        case "boolean":
            return not negated if not values else text == "true"
        case "integer" | "long":
            return int(text)
        case "list" if not text.startswith("["):
            return [_value(shape.member, [value], negated=False) for value in values]
        case "structure" | "map" if not text.startswith("{"):
            # The CLI's shorthand, which nothing here has to understand.
            return text
        case "structure" | "map" | "list":
            return json.loads(text)
        case _:
            return text


@cache
def _model(service: str) -> Any:
    session: Session = get_session()
    known = RENAMED.get(service, service)
    if known not in session.get_available_services():
        raise ValueError(f"aws has no {service}")
    return session.get_service_model(known)


def main(words: Sequence[str]) -> str:
    """What the command prints. Raises ValueError and botocore's errors."""
    command = parsed(shlex.join(["aws", *words]))
    region = command.options.get("--region") or os.environ["AWS_REGION"]
    service = RENAMED.get(command.service, command.service)
    client: Any = get_session().create_client(service, region_name=region)
    if (command.service, command.operation) == ("logs", "tail"):
        (group,) = command.words
        found = client.filter_log_events(logGroupName=group)["events"]
        return "\n".join(str(event["message"]) for event in found)
    answer = getattr(client, xform_name(command.operation))(**command.parameters)
    answer.pop("ResponseMetadata", None)
    value = jmespath.search(command.options["--query"], answer) if "--query" in command.options else answer
    if command.options.get("--output") == "text":
        return "None" if value is None else str(value)
    return json.dumps(value, indent=4, default=str)


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
