"""Every judge of templates finds the fault that was put there for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from judges import linters
from judges.acknowledgement import Acknowledgement, read_acknowledgements
from judges.assembly import Assembly, Template, read_assembly
from judges.finding import Finding
from judges.library import library_findings


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """The faulty app, synthesized with every judge of CDK's looking on."""
    folder = tmp_path_factory.mktemp("faulty")
    script = Path(__file__).parent / "faulty_app.py"
    # Tests switch the library's validation off for themselves.
    subprocess.run([sys.executable, script, folder], env={"CDK_VALIDATION": "true"} | _path(), check=True)
    return read_assembly(folder, deployment="faulty-dev")


def _path() -> dict[str, str]:
    """Where node is, and nothing else."""
    return {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}


@pytest.fixture(scope="module")
def by_cdk(assembly: Assembly) -> list[Finding]:
    """What CDK's judges found."""
    return library_findings(assembly)


@pytest.fixture(scope="module")
def in_code(assembly: Assembly) -> tuple[Acknowledgement, ...]:
    """What the faulty app acknowledges."""
    return read_acknowledgements(assembly.folder, deployment=assembly.deployment)


@pytest.fixture(scope="module")
def by_checkov(assembly: Assembly) -> list[Finding]:
    """What checkov found."""
    return linters.checkov([assembly])


def _said(findings: Iterable[Finding]) -> set[tuple[str, str, str]]:
    return {(finding.judge, finding.rule, finding.path) for finding in findings}


@pytest.mark.parametrize(
    ("judge", "rule", "path"),
    [
        ("AwsSolutions", "AwsSolutions-S10", "data/Bucket/Resource"),
        ("AwsSolutions", "AwsSolutions-IAM5[Action::s3:*]", "data/Role/DefaultPolicy/Resource"),
        ("NIST.800.53.R5", "NIST.800.53.R5-S3BucketVersioningEnabled", "data/Bucket/Resource"),
        ("HIPAA.Security", "HIPAA.Security-CloudWatchLogGroupEncrypted", "data/Logs/Resource"),
        ("PCI.DSS.321", "PCI.DSS.321-VPCFlowLogsEnabled", "data/Vpc/Resource"),
        ("cdk-preflight", "cdk-preflight::pf-logs-filter-pattern-bracket", "data/Filter/Resource"),
        ("CloudFormation Validate", "CloudFormation-Validate::F3002", "data/Misspelt"),
    ],
)
def test_judge_of_constructs_finds_its_fault(by_cdk: list[Finding], judge: str, rule: str, path: str) -> None:
    """Packs, cdk-preflight and the library's validation all report, although each alone would abort synthesis."""
    assert (judge, rule, path) in _said(by_cdk)


def test_cfn_lint_finds_its_fault(assembly: Assembly) -> None:
    """A property that does not exist is an error of cfn-lint, named by construct."""
    assert ("cfn-lint", "E3002", "data/Misspelt") in _said(linters.cfn_lint([assembly]))


@pytest.mark.parametrize(("rule", "path"), [("CKV_AWS_24", "data/Open/Resource"), ("CKV_SECRET_2", "data")])
def test_checkov_finds_its_fault(by_checkov: list[Finding], rule: str, path: str) -> None:
    """SSH from anywhere is checkov's, and so is a key that stands in a template."""
    assert ("checkov", rule, path) in _said(by_checkov)


def test_cfn_lint_does_not_pass_what_it_cannot_read(tmp_path: Path) -> None:
    """A template that is no JSON is an error of cfn-lint."""
    assert ["E0000"] == [finding.rule for finding in linters.cfn_lint([_unreadable(tmp_path)])]


def test_checkov_does_not_pass_what_it_cannot_read(tmp_path: Path) -> None:
    """Checkov exits with 0 then, so its summary must be read."""
    with pytest.raises(RuntimeError, match="checkov could not read 1 of 1 templates"):
        linters.checkov([_unreadable(tmp_path)])


def _unreadable(folder: Path) -> Assembly:
    file = folder / "data.template.json"
    file.write_text('{"Resources": {', encoding="utf-8")
    return Assembly("faulty-dev", folder, (Template(file, "us-west-2", {}),))


def test_acknowledged_finding_is_reported_and_recorded(
    by_cdk: list[Finding], in_code: tuple[Acknowledgement, ...]
) -> None:
    """An acknowledgement hides nothing from the judges; it explains the finding afterwards."""
    finding = next(each for each in by_cdk if each.rule == "AwsSolutions-S1")
    assert ["data/Bucket"] == [each.path for each in in_code if each.covers(finding)]
