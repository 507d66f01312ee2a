"""Faults of the steps themselves, whatever the server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import pytest
from rotation.faults.fault import LABEL, PREVIOUS, REJECTED, RUNNING, Fault
from rotation.secrets_manager import STEPS
from rotation.world import REFRESH_ARN, World

from secret_rotation import administrators, consumers
from secret_rotation.steps import Rotation
from shared import aws, clock, refreshes
from shared.login import Login, login
from shared.secret_versions import PENDING, Versions
from shared.secret_versions import PREVIOUS as PREVIOUS_LABEL
from shared.told import Told

OTHERS: Final = "of-another-server"


def _a_rotation_leaves_no_label(world: World) -> None:
    world.begin()
    token = world.rotate()
    assert world.secrets.labelled(world.arn, PENDING) is None
    assert token == world.secrets.labelled(world.arn, "AWSCURRENT")


def _what_was_given_up_leaves_no_label(world: World) -> None:
    world.begin()
    world.server.rejects = lambda _: True
    with suppress(Told):
        world.rotate()
    assert world.secrets.labelled(world.arn, PENDING) is None


def _a_rejected_password_is_replaced(world: World) -> None:
    """Secrets Manager tries again with the same version for as long as it bears AWSPENDING."""
    world.begin()
    token = world.secrets.begin(world.arn)
    world.step(STEPS[0], token)
    rejected = world.secrets.value(world.arn, token)["password"]
    world.server.rejects = lambda password: password == rejected
    for _ in range(3):
        with suppress(Told):
            world.resume()
    assert world.current().password not in ("as-created", rejected)
    assert world.server.takes(world.current())


def _others_logins_are_not_tried(world: World) -> None:
    """The previous version is another server's, as after a restore to a new one; the current one is not taken."""
    world.begin().begin_administrator()
    good = world.secrets.value(world.administrator_arn)
    world.secrets.put(world.administrator_arn, {**good, "host": "elsewhere.internal", "password": OTHERS})
    world.secrets.put(world.administrator_arn, {**good, "password": "not-taken"})
    with suppress(Told):
        world.rotate()
    assert world.server.tried
    assert OTHERS not in [tried.password for tried in world.server.tried]


def _a_rotation_starts_a_refresh(world: World) -> None:
    world.begin()
    states = aws.client("stepfunctions")
    states.create_state_machine(
        name=REFRESH_ARN.split(":")[-1],
        definition='{"StartAt": "Wait", "States": {"Wait": {"Type": "Succeed"}}}',
        roleArn="arn:aws:iam::123456789012:role/x",
    )
    token = world.rotate()
    executions = states.list_executions(stateMachineArn=REFRESH_ARN)["executions"]
    assert f"rotated-{token}" in [execution["name"] for execution in executions]


def _no_login_dies_under_a_task(world: World) -> None:
    """Neither by a retirement nor by the next rotation, which takes the same user again."""
    world.begin()
    held = world.current()
    world.moved += 10
    world.tasks = [clock.epoch()]
    world.moved += 10
    world.rotate()
    world.moved += 10
    world.retire()
    with suppress(Told):
        world.rotate()
    assert world.server.takes(held)


def _keep_label(patches: pytest.MonkeyPatch) -> None:
    detach = Versions.detach

    def all_but_pending(self: Versions, label: str, version: str) -> None:
        if label != PENDING:
            detach(self, label, version)

    patches.setattr(Versions, "detach", all_but_pending)


def _never_give_up(patches: pytest.MonkeyPatch) -> None:
    def tell(_rotation: Rotation, _versions: Versions, because: str) -> Told:
        return Told(because)

    patches.setattr(Rotation, "_given_up", tell)


def _compare_afterwards(patches: pytest.MonkeyPatch) -> None:
    def careless(arn: str) -> Iterator[Login]:
        versions = Versions.read(arn)
        current = versions.value(versions.current) or {}
        for version in (versions.current, versions.holder(PREVIOUS_LABEL)):
            value = versions.value(version)
            if value is not None:
                yield login(value)  # whoever takes it connects
                assert value["username"] == current["username"]

    patches.setattr(administrators, "logins", careless)


def _start_nothing(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(refreshes, "start", lambda _workflow, _version: None)


def _ask_for_no_tasks(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(consumers, "lagging", lambda _settings, _secret, _since: None)


OF_STEPS: Final[list[Fault[World]]] = [
    Fault(LABEL, "finishSecret does not take it away", _a_rotation_leaves_no_label, _keep_label),
    Fault(LABEL, "giving up does not take it away", _what_was_given_up_leaves_no_label, _keep_label),
    Fault(REJECTED, "no version is given up", _a_rejected_password_is_replaced, _never_give_up),
    Fault(PREVIOUS, "compared once somebody is logged in", _others_logins_are_not_tried, _compare_afterwards),
    Fault(RUNNING, "finishSecret starts no refresh", _a_rotation_starts_a_refresh, _start_nothing),
    Fault(RUNNING, "nobody asks for tasks before a login dies", _no_login_dies_under_a_task, _ask_for_no_tasks),
]
