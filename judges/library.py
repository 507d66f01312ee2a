"""What CDK's own judges found: the library's validation, its annotations, cdk-preflight, and cdk-nag's packs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from judges.assembly import Assembly
from judges.finding import Finding
from judges.packs import PACKS

REPORT: Final = "validation-report.json"
PREFLIGHT: Final = "cdk-preflight"
VALIDATION: Final = "CloudFormation Validate"
ANNOTATIONS: Final = "Construct Annotations"
STACK_OUTPUT: Final = re.compile(
    r'\{"Fn::GetStackOutput":\{[^{}]*"PublishOutputFnGetAtt(?P<resource>\w+?)(?P<attribute>Arn)[0-9A-F]{8}"\}\}'
)
JUDGES: Final = (*PACKS, PREFLIGHT, VALIDATION, ANNOTATIONS)


def library_findings(assembly: Assembly) -> list[Finding]:
    """Every violation in the report of a synthesis.

    A judge that found nothing is not in the report.

    Raises:
        RuntimeError: a judge sat that is unknown here, whose findings nobody could explain.
    """
    reports = json.loads((assembly.folder / REPORT).read_text(encoding="utf-8"))["pluginReports"]
    unknown = {report["pluginName"] for report in reports} - set(JUDGES)
    if unknown:
        raise RuntimeError(f"{assembly.deployment} was judged by {sorted(unknown)}: add it to judges/library.py")
    return [finding for report in reports for finding in _findings(assembly, report)]


def _findings(assembly: Assembly, report: Mapping[str, Any]) -> Iterator[Finding]:
    judge = report["pluginName"]
    for violation in report["violations"]:
        rule = _rule(judge, violation["ruleName"])
        for construct in violation["violatingConstructs"]:
            path = construct.get("constructPath", "")
            yield assembly.by_path(judge=judge, rule=rule, path=path, message=violation["description"])


def _rule(judge: str, name: str) -> str:
    """The ID that acknowledges: cdk-nag's as it is, any other with its namespace."""
    if judge in PACKS:
        return STACK_OUTPUT.sub(_as_attribute, name)
    return name if "::" in name else f"{judge.replace(' ', '-')}::{name}"


def _as_attribute(output: re.Match[str]) -> str:
    """`<Logical.Arn>`, which is how cdk-nag writes an attribute of a resource in the same stack.

    It prints one of another stack as JSON with the output's name and hash, which nobody could write into code.
    """
    return f"<{output['resource']}.{output['attribute']}>"
