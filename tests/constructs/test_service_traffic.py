"""The guard of a service's listener rules: what makes CloudFormation ask it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from released import deployment, released
from service_template import TRAFFIC
from template import only
from variant import Data, varied

from spec import Deployment
from understudy.service_traffic import fingerprint


def changed(change: Callable[[Data], object]) -> Deployment:
    """The storefront's production with something else in its file."""

    def also(data: Data) -> None:
        data["objectives"] = {"deploy_minutes": None, "rollback_minutes": None}
        change(data)

    return varied("storefront", "prod", also)


CHANGES: dict[str, Callable[[Data], Any]] = {
    "size": lambda data: data["services"]["web"].update(vcpu=1, memory_gib=2),
    "replicas": lambda data: data["services"]["web"].update(replicas=3),
    "variables": lambda data: data["services"]["web"].update(variables={"COLOUR": "red"}),
    "variables of all services": lambda data: data.update(variables={"COLOUR": "red"}),
    "health": lambda data: data["services"]["web"].update(health={"readiness": {"path": "/up"}}),
    "strategy": lambda data: data["services"]["web"].update(release={"strategy": "linear"}),
    "detail of the log": lambda data: data["monitoring"].update(log_level="debug"),
    "domain": lambda data: data["edge"].update(domain="other.example.com"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_D4_every_change_of_a_service_asks_the_guard(what: str) -> None:
    """CloudFormation updates a resource when a property of it changes, and the guard is the first to be updated."""
    before = fingerprint(changed(lambda _: None), "web")
    assert before != fingerprint(changed(CHANGES[what]), "web")


def test_D4_a_release_does_not_ask_the_guard() -> None:
    """The engine itself refuses a second release beside the first."""
    spec = changed(lambda _: None)
    released_again = spec.model_copy(update={"images": {"web": "sha256:" + "c" * 64}})
    assert fingerprint(spec, "web") == fingerprint(released_again, "web")


def test_D4_an_image_of_the_spec_is_a_release_too() -> None:
    """It stands in the same file as everything else about the service."""

    def image(letter: str) -> Deployment:
        def change(data: Data) -> None:
            data["services"]["web"].pop("build")
            data["services"]["web"]["image"] = f"public.ecr.aws/example/web@sha256:{letter * 64}"

        return changed(change)

    assert fingerprint(image("a"), "web") == fingerprint(image("b"), "web")


def test_D4_another_services_change_does_not_ask_this_ones_guard() -> None:
    """A release of one holds nothing back of the others."""

    def api(data: Data) -> None:
        data["services"]["api"].update(vcpu=1, memory_gib=2)

    before = varied("generator-platform", "prod", lambda _: None)
    after = varied("generator-platform", "prod", api)
    assert fingerprint(before, "web") == fingerprint(after, "web")
    assert fingerprint(before, "api") != fingerprint(after, "api")


def test_D4_the_guard_knows_what_cannot_change_and_what_to_do_instead() -> None:
    """It answers before CloudFormation tries."""
    traffic = only(released("codedeploy", "canary"), TRAFFIC)
    assert "codedeploy" == traffic["Fixed"]["release.engine"]
    assert set(traffic["Fixed"]) == set(traffic["Remedies"])
    assert ("web", "storefront-prod", "storefront-prod-web") == (
        traffic["Service"],
        traffic["Cluster"],
        traffic["CodeDeployGroup"],
    )


def test_D4_under_ecs_there_is_no_deployment_group_to_ask() -> None:
    """The guard asks ECS about its service deployments."""
    assert "" == only(released("ecs", "linear"), TRAFFIC)["CodeDeployGroup"]
    assert "ecs" == deployment("ecs", "linear").services["web"].release.engine
