"""The sitting: all judges over all applications and environments, as many at once as there are CPUs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from judges.acknowledgement import Acknowledgement, read_acknowledgements
from judges.assembly import Assembly, read_assembly
from judges.code import COMMANDS, Outcome, judge_code
from judges.finding import Finding
from judges.library import library_findings
from judges.linters import cfn_lint, checkov
from spec import Deployment

ROOT: Final = Path(__file__).parent.parent

Task = Callable[[], str]
"""Does a step, and answers with a word on what came of it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that is done, for whoever watches."""

    title: str
    detail: str
    seconds: float


@dataclass(slots=True)
class Sitting:
    """What the judges have said so far. `out` takes the templates."""

    out: Path
    assemblies: list[Assembly] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    acknowledgements: list[Acknowledgement] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def hear(self, deployments: Sequence[tuple[Path, Deployment]]) -> Iterator[Step]:
        """Let every judge look at the code and at `deployments`, each with its application's file.

        Raises:
            RuntimeError: an environment does not synthesize, or a judge could not judge.
        """
        # mypy first: it takes longest, and no CPU should idle at the end.
        code: dict[str, Task] = {judge: partial(self._judge_code, judge) for judge in COMMANDS}
        yield from at_once(code | self._environments(deployments))
        yield from self._linters()

    def hear_templates(self, deployments: Sequence[tuple[Path, Deployment]]) -> Iterator[Step]:
        """As `hear`, without the code."""
        yield from at_once(self._environments(deployments))
        yield from self._linters()

    def _environments(self, deployments: Sequence[tuple[Path, Deployment]]) -> dict[str, Task]:
        return {each.prefix: partial(self._synthesize, file, each) for file, each in deployments}

    def _linters(self) -> Iterator[Step]:
        yield from at_once({"checkov": partial(self._lint, checkov), "cfn-lint": partial(self._lint, cfn_lint)})

    def _synthesize(self, file: Path, deployment: Deployment) -> str:
        folder = self.out / deployment.prefix
        command = [sys.executable, "-m", "judges.environment", str(file), deployment.environment, str(folder)]
        done = subprocess.run(command, cwd=ROOT, env=_judging(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{deployment.prefix} does not synthesize:\n{(done.stderr or done.stdout)[-4000:]}")
        assembly = read_assembly(folder, deployment=deployment.prefix)
        self.assemblies.append(assembly)
        self.findings += library_findings(assembly)
        self.acknowledgements += read_acknowledgements(folder, deployment=deployment.prefix)
        resources = sum(len(template.resources) for template in assembly.templates)
        return f"{resources} resources in {len(assembly.templates)} stacks"

    def _lint(self, linter: Callable[[Sequence[Assembly]], list[Finding]]) -> str:
        self.findings += linter(self.assemblies)
        return f"{sum(len(each.templates) for each in self.assemblies)} templates"

    def _judge_code(self, judge: str) -> str:
        outcome = judge_code(judge)
        self.outcomes.append(outcome)
        return "objects" if outcome.objections else "no objection"


def _judging() -> dict[str, str]:
    """Our own environment, without the switch that would send the library's own validation home."""
    return {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"}


def at_once(tasks: Mapping[str, Task]) -> Iterator[Step]:
    """Do `tasks`, as many together as there are CPUs, and tell of each when it ends; the first to fail ends them all."""

    def timed(task: Task) -> tuple[str, float]:
        start = time.monotonic()
        return task(), time.monotonic() - start

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running: dict[Future[tuple[str, float]], str] = {pool.submit(timed, task): name for name, task in tasks.items()}
        try:
            for done in as_completed(running):
                yield Step(running[done], *done.result())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
