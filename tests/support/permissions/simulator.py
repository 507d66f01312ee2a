"""IAM, simulated offline by npm's @cloud-copilot/iam-simulate: one process for any number of requests."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

SCRIPT: Final = Path(__file__).with_name("simulate.mjs")

STAND_INS: Final = {"codedeploy:PutLifecycleEventHookExecutionStatus": "codedeploy:GetDeploymentInstance"}
"""Actions that name a resource although AWS's reference says that they know none, and one of the same resource for each,
which nobody here uses, to be simulated in its place. Of hooks: the deployment group, as CDK's own grant has it
(`grant_put_lifecycle_event_hook_execution_status`) and as AWS's guide to gradual deployments by SAM does."""

Result = Literal["Allowed", "ExplicitlyDenied", "ImplicitlyDenied", "error"]
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ActionReference:
    """What AWS's Service Authorization Reference says about an action."""

    resources: Mapping[str, str]
    """ARN patterns by resource type. Empty: the action knows no resource but `*`."""
    required: frozenset[str]
    """The resource types that each request names."""


@dataclass(frozen=True, slots=True)
class StatementMatch:
    """How a request and a statement go together."""

    policy: str
    sid: str
    actions: tuple[str, ...]
    """Those of the statement's action patterns that the request's action matches; likewise the resources."""
    resources: tuple[str, ...]
    action: bool
    resource: bool
    condition: bool
    conditions: tuple[str, ...] = ()
    """Condition keys that did not hold."""


@dataclass(frozen=True, slots=True)
class Decision:
    """IAM's answer to one request."""

    result: Result
    error: str | None = None
    allowed_by: tuple[StatementMatch, ...] = ()
    denied_by: tuple[StatementMatch, ...] = ()
    others: tuple[StatementMatch, ...] = ()
    """Statements that did not match."""
    blocked_by: tuple[str, ...] = field(default=())
    """`pb`: the permissions boundary; `resource`: the resource's own policy."""


def action_references(actions: Iterable[str]) -> dict[str, ActionReference | None]:
    """The reference of each action; None for an action that IAM does not know."""
    asked = {action: STAND_INS.get(action, action) for action in actions}
    described = _node({"actions": sorted(set(asked.values()))})
    return {action: _reference(described[standing_in]) for action, standing_in in asked.items()}


def _reference(found: Mapping[str, Any] | None) -> ActionReference | None:
    if found is None:
        return None
    types = found["resources"]
    return ActionReference(
        {name: each["arn"] for name, each in types.items()},
        frozenset(name for name, each in types.items() if each["required"]),
    )


def simulate(roles: Mapping[str, Document], requests: Sequence[Document]) -> list[Decision]:
    """Decide `requests` (role, action, resource, account, context, resourcePolicy) by the policies of `roles`.

    Raises:
        RuntimeError: the simulator failed, or is not installed.
    """
    asked = json.dumps({"roles": dict(roles), "requests": list(requests)})
    for action, standing_in in STAND_INS.items():
        asked = asked.replace(f'"{action}"', f'"{standing_in}"')
    # The simulator takes a type of resources literally, also `*`, which is every type of EC2's here.
    decided = _node(json.loads(asked.replace(':*/*"', ':*"')))
    return [
        Decision(
            each["result"],
            each.get("error"),
            allowed_by=_matches(each, "allowedBy"),
            denied_by=_matches(each, "deniedBy"),
            others=_matches(each, "others"),
            blocked_by=tuple(each.get("blockedBy") or []),
        )
        for each in decided
    ]


def _matches(decision: Mapping[str, Any], kind: str) -> tuple[StatementMatch, ...]:
    return tuple(map(_match, decision.get(kind) or []))


def _match(told: Mapping[str, Any]) -> StatementMatch:
    stood_in_for = {standing_in: action for action, standing_in in STAND_INS.items()}
    return StatementMatch(
        told["policy"],
        told["sid"],
        tuple(stood_in_for.get(action, action) for action in told["actions"]),
        tuple(told["resources"]),
        told["action"],
        told["resource"],
        told["condition"],
        tuple(told["conditions"]),
    )


def _node(asked: Mapping[str, Any]) -> Any:
    run = subprocess.run(["node", str(SCRIPT)], input=json.dumps(asked), capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"the IAM simulator failed; `make setup` installs it:\n{run.stderr[-2000:]}")
    return json.loads(run.stdout)
