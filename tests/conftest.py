"""What every test shares: fast synthesis, and templates that are synthesized once and read as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("sampled", max_examples=20, deadline=None)
settings.register_profile("full", max_examples=300, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "sampled"))

os.environ["CDK_VALIDATION"] = "false"
# jsii starts the first `node` on the path: the one in the virtual environment, however pytest was started.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

ROOT = Path(__file__).parent.parent
ACCOUNT = "123456789012"

Template = dict[str, Any]
Synthesized = Callable[[str, str], dict[str, Template]]


LONGEST = "tests/rehearsal/release/test_rehearsal.py"
"""Minutes of waiting for the most part: first, so that the other worker does the rest beside it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest file first."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@cache
def _synthesize(app: str, env: str) -> dict[str, Template]:
    from aws_cdk import App

    from spec import load
    from stacks import topology

    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    scope = App(context=context, outdir=mkdtemp(prefix="understudy-"), analytics_reporting=False)
    topology.build(scope, load(ROOT / "apps" / f"{app}.yaml").for_environment(env), account=ACCOUNT)
    stacks = scope.synth().stacks
    return {stack.stack_name.removeprefix(f"{app}-{env}-"): stack.template for stack in stacks}


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
