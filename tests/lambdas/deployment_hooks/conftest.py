"""Releases of both engines, with the new version's test listener on the loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from release_plan import Engine
from release_world import ReleaseWorld, release_world
from web_application import WebApplication, web_application

from rehearsal.servers.certificates import Authority


@pytest.fixture
def application(certificate_authority: Authority) -> Iterator[WebApplication]:
    """What the test listener leads to."""
    with web_application(certificate_authority.certificate("shop", ["shop.example.com"])) as running:
        yield running


@pytest.fixture(params=["codedeploy", "ecs"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each test of a hook runs under both."""
    return "ecs" if request.param == "ecs" else "codedeploy"


@pytest.fixture
def world(engine: Engine, certificate_authority: Authority, application: WebApplication) -> Iterator[ReleaseWorld]:
    """A release that has just begun."""
    with release_world(engine, ca_bundle=certificate_authority.file, port=application.port) as made:
        yield made
