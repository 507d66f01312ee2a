"""Handlers of the project with a mistake in them, deployed over the real ones for one rehearsal."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from rehearsal.failover.deployed import Deployed

LAMBDAS = Path(__file__).parents[3] / "lambdas"
SHARED = "shared"

NEVER_FENCES = {
    "region_guard/fence.py": (
        ("def put(session: Session, database: str, because: Because) -> None:", "    return None\n"),
        ("def end_sessions(session: Session, database: str, names: Names) -> int:", "    return 0\n"),
    )
}
"""The guard of a region that may not write any more throws nobody out."""
TAKES_AT_ONCE = {"shared/lease.py": (("    if ends and max(ends)[0] >= now:", "    if ends and False:\n"),)}
"""The lease is taken while the other region still has it."""
IGNORES_LAG = {
    "failover/loss.py": (
        (
            "def refusal(loss: Loss, *, rpo_seconds: float | None, accepted_seconds: float | None) -> str | None:",
            "    return None\n",
        ),
    )
}
"""Any loss will do."""

Spoils = Mapping[str, tuple[tuple[str, str], ...]]
"""By file: a line, and what is put in its place (`if`) or below it (`def`)."""


def spoiled(spoils: Spoils, package: str) -> Callable[[Deployed], None]:
    """Return what deploys the functions of a package with the mistakes, in both regions."""

    def deploy(deployed: Deployed) -> None:
        content = archive(spoils, package)
        found = 0
        for region in (deployed.home, deployed.stand_in):
            apis = deployed.apis(region)
            for function in apis.call("lambda", "list_functions", {})["Functions"]:
                if function["Handler"].startswith(f"{package}."):
                    found += 1
                    name = function["FunctionName"]
                    apis.call("lambda", "update_function_code", {"FunctionName": name, "ZipFile": content})
        assert found

    return deploy


def archive(spoils: Spoils, package: str) -> bytes:
    """Return a function's code with the mistakes. Each must find its place, or nothing would be tested."""
    left = set(spoils)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for folder in (package, SHARED):
            for file in sorted((LAMBDAS / folder).rglob("*.py")):
                name = str(file.relative_to(LAMBDAS))
                text = file.read_text()
                for line, mistake in spoils.get(name, ()):
                    assert text.count(line + "\n") == 1, (name, line)
                    text = text.replace(line + "\n", f"{line}\n{mistake}" if line.startswith("def ") else mistake)
                left.discard(name)
                packed.writestr(name, text)
    assert not left
    return content.getvalue()
