"""cfn-lint and checkov. checkov pins an old boto3, so both live in an environment of their own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from judges.assembly import Assembly
from judges.finding import Finding

BIN: Final = Path(__file__).parent.parent / ".venv-judges" / "bin"
CFN_LINT: Final = "cfn-lint"
CHECKOV: Final = "checkov"


def cfn_lint(assemblies: Sequence[Assembly]) -> list[Finding]:
    """Errors and warnings of cfn-lint, each template judged for its own region.

    Raises:
        RuntimeError: cfn-lint could not judge.
    """
    judged = _by_file(assemblies)
    found = []
    for region in sorted({template.region for each in assemblies for template in each.templates}):
        files = [str(each.file) for assembly in assemblies for each in assembly.templates if each.region == region]
        output = _run(CFN_LINT, "--format", "json", "--regions", region, "--template", *files)
        for match in json.loads(output or "[]"):
            path = match["Location"]["Path"] or []
            found.append(
                judged[match["Filename"]].by_logical_id(
                    judge=CFN_LINT,
                    rule=match["Rule"]["Id"],
                    template=Path(match["Filename"]).name,
                    logical_id=str(path[1]) if path[:1] == ["Resources"] and len(path) > 1 else "",
                    message=f"{match['Message']} (at {'/'.join(map(str, path))})",
                )
            )
    return found


def checkov(assemblies: Sequence[Assembly]) -> list[Finding]:
    """Failed checks of checkov, and the secrets that it sees.

    Raises:
        RuntimeError: checkov could not judge, or could not read every template.
    """
    judged = _by_file(assemblies)
    options = ("--framework", "cloudformation", "secrets", "--skip-download", "--quiet", "--compact", "-o", "json")
    output = json.loads(_run(CHECKOV, *options, "--file", *judged))
    found = []
    for report in output if isinstance(output, list) else [output]:
        # With nothing to say checkov prints the bare summary.
        summary: dict[str, int] = report.get("summary", report)
        if summary["parsing_errors"]:
            raise RuntimeError(f"checkov could not read {summary['parsing_errors']} of {len(judged)} templates")
        for check in report.get("results", {}).get("failed_checks", []):
            file = check["file_abs_path"]
            found.append(
                judged[file].by_logical_id(
                    judge=CHECKOV,
                    rule=check["check_id"],
                    template=Path(file).name,
                    logical_id=check["resource"].rpartition(".")[2],
                    message=check["check_name"],
                )
            )
    return found


def _by_file(assemblies: Sequence[Assembly]) -> dict[str, Assembly]:
    return {str(template.file): assembly for assembly in assemblies for template in assembly.templates}


def _run(judge: str, *options: str) -> str:
    """Standard output of `judge`; both judges exit with a code above 0 when they find something."""
    done = subprocess.run([BIN / judge, *options], capture_output=True, text=True, check=False)
    if not done.stdout.lstrip().startswith(("[", "{")) and (done.stdout or done.returncode):
        raise RuntimeError(f"{judge} could not judge: {done.stderr.strip()[-2000:] or done.stdout[-2000:]}")
    return done.stdout
