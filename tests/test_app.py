"""app.py as the CDK CLI runs it: choices, determinism, and no need for credentials or a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CONTEXT = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]


def run_app(outdir: Path, *, account: str | None = "123456789012", seed: str = "0", **choice: str) -> str:
    """Synthesize in a process of its own, without AWS settings and behind a proxy that does not exist; its errors."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "CDK_CONTEXT_JSON": json.dumps({**CONTEXT, **choice}),
        "CDK_OUTDIR": str(outdir),
        "CDK_VALIDATION": "false",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "PYTHONHASHSEED": seed,
        **({"CDK_DEFAULT_ACCOUNT": account} if account else {}),
    }
    found = subprocess.run([sys.executable, "app.py"], cwd=ROOT, capture_output=True, text=True, env=environment)
    assert ("Traceback" in found.stderr) is False, found.stderr
    assert (found.returncode == 0) is (found.stderr == ""), found.stderr
    return found.stderr


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (
            {},
            "no environment is chosen for generator-platform. Add -c env=NAME; there are: dev, staging, prod, preview",
        ),
        ({"app": "shop", "env": "dev"}, "Add -c app=NAME; there are: generator-platform, storefront"),
        ({"env": "prd"}, "there is no environment 'prd'. Defined here: dev, staging, prod, preview"),
    ],
)
def test_a_missing_or_unknown_choice_prints_which_there_are(tmp_path: Path, choice: dict[str, str], words: str) -> None:
    """No traceback, nothing synthesized."""
    assert words in run_app(tmp_path, **choice)
    assert not list(tmp_path.glob("*.template.json"))


def test_without_an_account_it_says_what_to_do(tmp_path: Path) -> None:
    """Neither the spec nor the CLI knows one."""
    assert "no AWS account is known" in run_app(tmp_path, account=None, env="dev")


def test_O1_two_runs_give_identical_bytes(tmp_path: Path) -> None:
    """Whatever order sets are walked in."""
    for seed in ("1", "2"):
        assert "" == run_app(tmp_path / seed, seed=seed, env="prod")
    one, other = (
        {
            file.relative_to(tmp_path / seed): file.read_bytes()
            for file in (tmp_path / seed).rglob("*")
            if file.is_file()
        }
        for seed in ("1", "2")
    )
    assert sorted(one) == sorted(other)
    assert [] == [str(name) for name in one if one[name] != other[name]]
