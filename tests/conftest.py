"""What every test shares: fast synthesis, and templates that are synthesized once and read as JSON."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import botocore.session
import pytest
from hypothesis import settings

settings.register_profile("sampled", max_examples=20, deadline=None)
settings.register_profile("full", max_examples=300, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "sampled"))

os.environ["CDK_VALIDATION"] = "false"
# Nobody here starts a machine, and moto would read its list of images for each test's account anew: a third of a second.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
# Each session would read the models of its services anew, EC2's alone in a fifth of a second; they are the same for all.
botocore.session.create_loader = cache(botocore.session.create_loader)
# jsii starts the first `node` on the path: the one in the virtual environment, however pytest was started.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

ROOT = Path(__file__).parent.parent

TEMPLATES = "UNDERSTUDY_TEST_TEMPLATES"
"""The variable by which the processes of a run find them (tests/support/synthesis.py, which loads CDK)."""

Template = dict[str, Any]
Synthesized = Callable[[str, str], dict[str, Template]]


LONGEST = (
    "tests/rehearsal/release/test_rehearsal.py",
    "tests/lambdas/test_S7_permissions.py",
    "tests/rehearsal/test_end_to_end.py",
    "tests/stacks/test_any_application.py",
    "tests/judges/",
    "tests/lambdas/secret_rotation/",
    "tests/rehearsal/rotation/test_twenty_rotations.py",
)
"""Minutes each, so that the other process does the rest beside them. The first waits for the most part, but on a machine that
is busy with more than one other process its hooks miss their limits and its users wait too long: three engines at once come
when it has ended."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest files first: what is begun last keeps one process while the other has nothing left to do."""

    def place(item: pytest.Item) -> int:
        return next((place for place, file in enumerate(LONGEST) if item.nodeid.startswith(file)), len(LONGEST))

    items.sort(key=place)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write the documentation's table of crash matrices, where that is wanted."""
    from crash_matrix import summarize

    summarize(terminalreporter.stats)


def pytest_configure(config: pytest.Config) -> None:
    """One folder of templates for all processes of a run."""
    if not hasattr(config, "workerinput"):
        os.environ[TEMPLATES] = mkdtemp(prefix="understudy-templates-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Nothing of it stays."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[TEMPLATES], ignore_errors=True)


@cache
def _synthesize(app: str, env: str) -> dict[str, Template]:
    from synthesis import templates

    from spec import load

    return templates(load(ROOT / "apps" / f"{app}.yaml").for_environment(env))


@pytest.fixture(scope="session")
def synthesized() -> Synthesized:
    """Templates of one environment of an application in apps/, by stack: `synthesized("storefront", "dev")["data"]`."""
    return _synthesize


@pytest.fixture
def accounts_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    """`<account>.localhost` is this machine, as RFC 6761 says and not every resolver knows: botocore asks for such a host when
    an API's endpoint is named after the account.
    """
    import socket

    resolve = socket.getaddrinfo

    def resolved(host: Any, *arguments: Any, **named: Any) -> Any:
        here = isinstance(host, str) and host.endswith(".localhost")
        return resolve("127.0.0.1" if here else host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
