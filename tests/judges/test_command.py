"""`python -m judges`: what a person sees, and the exit code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from judges import __main__ as command
from judges import explanations, report
from judges.code import Outcome
from judges.finding import Finding
from judges.judgement import Judgement
from judges.sitting import Sitting, Step

FINDINGS = [
    Finding(
        "AwsSolutions",
        "AwsSolutions-S1",
        "data/Bucket/Resource",
        "AWS::S3::Bucket",
        deployment,
        "data",
        "Bucket",
        "no logs",
    )
    for deployment in ("shop-dev", "shop-prod")
]
FINDINGS.append(Finding("cfn-lint", "E3002", "data/Odd", "AWS::S3::Bucket", "shop-dev", "data", "Odd", "odd property"))


@pytest.fixture(autouse=True)
def _quiet_court(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No judge sits, nothing is explained, and the report says that nothing was found."""
    monkeypatch.setattr(Sitting, "hear", lambda *_: iter(()))
    monkeypatch.setattr(explanations, "acknowledged", list)
    monkeypatch.setattr(explanations, "pending", list)
    monkeypatch.setattr(report, "FILE", tmp_path / "compliance.md")
    report.FILE.write_text(report.render(Judgement((), (), (), ()), []), encoding="utf-8")


def _hear(monkeypatch: pytest.MonkeyPatch, *, findings: list[Finding] | None = None, said: str = "") -> None:
    def hear(sitting: Sitting, _: object) -> Iterator[Step]:
        sitting.findings += findings or []
        sitting.outcomes.append(Outcome("ruff check", said))
        yield Step("shop-dev", "1 resource", 0.1)

    monkeypatch.setattr(Sitting, "hear", hear)


def _run(*, write_report: bool = False) -> int:
    with pytest.raises(typer.Exit) as ended:
        command.main(write_report=write_report)
    return ended.value.exit_code


def test_nothing_found_passes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, with each step and a row for each judge."""
    _hear(monkeypatch)
    assert 0 == _run()
    shown = capsys.readouterr().out
    assert "✓ shop-dev" in shown
    assert all(judge in shown for judge in ("AWS Solutions", "PCI DSS 3.2.1", "cdk-preflight", "checkov", "ruff check"))
    assert "fails" not in shown


def test_every_unexplained_finding_is_shown_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each once, with resource, environments and what to do; exit code 1."""
    _hear(monkeypatch, findings=FINDINGS)
    report.FILE.write_text(report.render(Judgement((), (), (), ()), []), encoding="utf-8")
    assert 1 == _run()
    shown = " ".join(capsys.readouterr().out.split())
    assert 1 == shown.count("✗ AwsSolutions-S1 data/Bucket/Resource AWS::S3::Bucket")
    assert "in shop-dev, shop-prod: data Bucket" in shown
    assert "acknowledge(construct, {'AwsSolutions-S1': reason})" in shown
    assert "✗ E3002 data/Odd" in shown


def test_objection_of_a_judge_of_the_code_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the judge said is shown as it said it."""
    _hear(monkeypatch, said="spec/fault.py:3:1: E722 [do not] use bare except")
    assert 1 == _run()
    assert "spec/fault.py:3:1: E722 [do not] use bare except" in capsys.readouterr().out


def test_report_out_of_date_fails_until_it_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make compliance` writes what `make check` compares."""
    _hear(monkeypatch)
    report.FILE.write_text("stale", encoding="utf-8")
    assert 1 == _run()
    assert "docs/compliance.md is out of date: run `make compliance`" in capsys.readouterr().out
    assert 0 == _run(write_report=True)
    assert 0 == _run()


def test_judge_that_cannot_judge_fails_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A synthesis that breaks is no traceback of ours."""

    def hear(*_: object) -> Iterator[Step]:
        raise RuntimeError("shop-dev does not synthesize:\nKeyError: [database]")
        yield

    monkeypatch.setattr(Sitting, "hear", hear)
    assert 1 == _run()
    assert "✗ shop-dev does not synthesize:\nKeyError: [database]" in capsys.readouterr().out
