"""The control plane of releases, alone in a stack: what is made when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from template import ROOT, Template, properties, resources, synthesize

from spec import Deployment, load
from spec.release import Migration, WayBack
from understudy.keys import Keys
from understudy.release_control import ReleaseControl
from understudy.removal import removal_policy
from understudy.service_environment import Backends

STOREFRONT = load(ROOT / "apps" / "storefront.yaml").for_environment("prod")

FUNCTION = "AWS::Lambda::Function"
NOTHING: Backends = Backends(
    database=None,
    cache=None,
    queue=None,
    data_bucket=None,
    files=None,
    application_secrets={},
    repositories={},
)


def test_D3_hooks_are_made_when_a_service_asks_for_them() -> None:
    """An environment whose services ask for none has none; one that asks twice has one of each."""
    assert 1 == len(resources(_template(id), FUNCTION))
    asked: list[Any] = []

    def twice(control: ReleaseControl) -> None:
        asked.extend((control.hooks("codedeploy"), control.hooks("codedeploy")))

    assert 1 + 5 == len(resources(_template(twice), FUNCTION))
    first, second = asked
    assert first is second
    assert ["before_install", "after_install", "test_traffic", "before_traffic", "after_traffic"] == list(first)


def test_D2_the_keeper_of_rules_is_made_once() -> None:
    """Every service's custom resource has the same token."""
    tokens: list[str] = []

    def twice(control: ReleaseControl) -> None:
        tokens.extend((control.traffic_token, control.traffic_token))

    assert 1 + 1 == len(resources(_template(twice), FUNCTION))
    assert 1 == len(set(tokens))


def test_D3_polling_is_for_codedeploy() -> None:
    """ECS polls its hooks itself: the watcher's workflow is the only one then."""
    machines = "AWS::StepFunctions::StateMachine"
    assert 2 == len(resources(_template(lambda control: control.hooks("codedeploy")), machines))
    assert 1 == len(resources(_template(lambda control: control.hooks("ecs"), _with(engine="ecs")), machines))


@pytest.mark.parametrize(
    ("way_back", "expected"),
    [
        (WayBack(kind="compatible"), {"before"}),
        (WayBack(kind="none", because="the old version never ran"), {"before"}),
        (WayBack(kind="command", command=("down",)), {"before", "watch"}),
    ],
    ids=lambda value: value.kind if isinstance(value, WayBack) else None,
)
def test_D2_the_watcher_runs_a_task_only_for_a_way_back(way_back: WayBack, expected: set[str]) -> None:
    """A migration that is taken back by a program; any other is run forward alone."""
    deployment = _with(migration=Migration(command=("up",), way_back=way_back))
    template = _template(lambda control: control.hooks("codedeploy"), deployment)
    running = {
        "watch" if "watches" in policy["Description"] else policy["Description"].split(" hook ")[1].partition("_")[0]
        for policy in properties(template, "AWS::IAM::ManagedPolicy")
        if "ecs:RunTask" in str(policy["PolicyDocument"])
    }
    assert expected == running


def _with(*, engine: str = "codedeploy", migration: Migration | None = None) -> Deployment:
    """The storefront with something changed about its one service."""
    web = STOREFRONT.services["web"]
    release = web.release.model_copy(update={"engine": engine})
    web = web.model_copy(update={"release": release, "migration": migration, "secrets": (), "dependencies": ()})
    return STOREFRONT.model_copy(update={"services": {"web": web}})


def _template(use: Callable[[ReleaseControl], object], deployment: Deployment | None = None) -> Template:
    chosen = deployment or _with()

    def build(stack: Stack) -> None:
        removal = removal_policy(chosen.protection)
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=["us-west-2a"],
            private_subnet_ids=["subnet-1"],
            private_subnet_route_table_ids=["rtb-1"],
        )
        control = ReleaseControl(
            stack,
            "Release",
            deployment=chosen,
            vpc=vpc,
            hook_security_group=ec2.SecurityGroup.from_security_group_id(stack, "Hooks", "sg-1", mutable=False),
            keys=Keys(stack, "Keys", prefix=chosen.prefix, rotation_days=90, removal_policy=removal),
            topic_arn="arn:aws:sns:us-west-2:123456789012:alarms",
            backends=NOTHING,
        )
        use(control)

    return synthesize(build)
