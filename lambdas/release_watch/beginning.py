"""What a watch found when it began. Kept, because CloudFormation's rollback puts the old plan back while one is followed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from release_watch.release import Engine, Versions
from shared.aws import client
from shared.ledger import Ledger
from shared.plan import Plan, load

ENTRY: Final = "watch#begin"


@dataclass(frozen=True, slots=True)
class Beginning:
    """A release, as it was asked for."""

    plan: Plan
    versions: Versions
    new_image: str
    """Digest, or the whole image where a tag names it."""
    old_image: str | None
    again: bool
    """What is released was live already: CloudFormation deploys the old version once more after a failed release."""


def begun(engine: Engine, prefix: str, ledger: Ledger) -> Beginning:
    """What the first look at the release found. Raises NotOurs, UnreadablePlan."""
    entry = ledger.read(engine.release_id, ENTRY)
    if entry is None:
        plan = load(prefix, engine.service())
        versions = engine.versions(plan)
        new = _containers(versions.new_task_definition)
        old = _containers(versions.old_task_definition) if versions.old_task_definition else []
        entry, _ = ledger.put_once(
            engine.release_id,
            ENTRY,
            {
                "plan": msgspec.json.encode(plan).decode(),
                "new_task_definition": versions.new_task_definition,
                "old_task_definition": versions.old_task_definition,
                "new_target_group": versions.new_target_group,
                "new_image": _image(new, plan.container),
                "old_image": _image(old, plan.container) if old else None,
                "again": versions.new_task_definition == versions.old_task_definition or new == old,
            },
        )
    return Beginning(
        plan=msgspec.json.decode(str(entry["plan"]), type=Plan),
        versions=Versions(
            new_task_definition=str(entry["new_task_definition"]),
            old_task_definition=_text(entry["old_task_definition"]),
            new_target_group=_text(entry["new_target_group"]),
        ),
        new_image=str(entry["new_image"]),
        old_image=_text(entry["old_image"]),
        again=bool(entry["again"]),
    )


def image(task_definition: str, container: str) -> str:
    """What the service's container in `task_definition` runs: a digest, or the whole image where a tag names it."""
    return _image(_containers(task_definition), container)


def _containers(task_definition: str) -> list[Any]:
    answer = client("ecs").describe_task_definition(taskDefinition=task_definition)
    # Through JSON, so that two of them compare by what they say.
    found: list[Any] = json.loads(json.dumps(answer["taskDefinition"].get("containerDefinitions", []), sort_keys=True))
    return found


def _image(containers: list[Any], name: str) -> str:
    named = next((str(one.get("image", "")) for one in containers if one.get("name") == name), "an unknown image")
    return named.partition("@")[2] or named


def _text(value: object) -> str | None:
    return None if value is None else str(value)
