"""What is measured: commands, each as a person or the CDK CLI would start it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
APPLICATIONS: Final = ROOT / "apps"
ACCOUNT: Final = "123456789012"
GROWTH: Final = (1, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class Workload:
    """A command to measure, and the one that it is compared with."""

    title: str
    command: tuple[str, ...]
    baseline: str
    """Title of the workload that counts as 1."""
    validation: bool = False
    context: Mapping[str, str] = field(default_factory=dict)

    def environment(self, out: Path) -> dict[str, str]:
        """Environment variables as the CDK CLI sets them; the assembly goes to `out`."""
        context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
        inherited = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        return inherited | {
            # Node comes from the virtual environment.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "CDK_CONTEXT_JSON": json.dumps(context | self.context),
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_OUTDIR": str(out),
            "CDK_VALIDATION": str(self.validation).lower(),
        }


def workloads() -> tuple[Workload, ...]:
    """Everything that is measured, in the order of the table."""
    python = sys.executable
    empty = (python, "-m", "benchmarks.empty_app")
    production = (python, "app.py")
    choice = {"app": "generator-platform", "env": "prod"}
    understudy = str(Path(python).parent / "understudy")
    return (
        Workload("empty app", empty, "empty app"),
        # What of a run is Python's modules and the kernel's start, before the first construct.
        Workload("production's imports", (python, "-c", "import app, gc; gc.freeze()"), "empty app"),
        Workload("production", production, "empty app", context=choice),
        Workload("empty app, validated", empty, "empty app, validated", validation=True),
        Workload("production, validated", production, "empty app, validated", validation=True, context=choice),
        *(
            Workload(_applications(count), (python, "-m", "benchmarks.applications", str(count)), _applications(1))
            for count in GROWTH
        ),
        Workload("bare Python", (python, "-c", "pass"), "bare Python"),
        Workload("understudy --help", (understudy, "--help"), "bare Python"),
        Workload("understudy check", (understudy, "check", "apps/generator-platform.yaml"), "bare Python"),
    )


def _applications(count: int) -> str:
    return f"{count} application{'s' if count > 1 else ''}"
