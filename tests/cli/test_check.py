"""`understudy check` as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
BINARIES = Path(sys.executable).parent


def understudy(*arguments: str, columns: int = 120) -> subprocess.CompletedProcess[str]:
    """Run the command from the repository's root."""
    command = [str(BINARIES / "understudy"), *arguments]
    environment = {"PATH": str(BINARIES), "COLUMNS": str(columns), "LANG": "C.UTF-8"}
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)


@pytest.mark.parametrize("app", ["generator-platform", "storefront"])
def test_a_good_file_shows_each_environment_and_exits_with_0(app: str) -> None:
    """Name, parts and objectives of each."""
    found = understudy("check", f"apps/{app}.yaml")
    assert (0, "") == (found.returncode, found.stderr)
    for words in (f"{app}-dev", f"{app}-prod", "PostgreSQL 15.19", "Objectives", "recovery from a lost zone"):
        assert words in found.stdout


def test_one_environment_can_be_chosen() -> None:
    """`--env` shows that one alone."""
    found = understudy("check", "apps/generator-platform.yaml", "--env", "production")
    assert "generator-platform-prod" in found.stdout
    assert "generator-platform-dev" not in found.stdout


def test_objectives_are_shown_term_by_term() -> None:
    """The sum of a release of production."""
    found = understudy("check", "apps/storefront.yaml", "--env", "prod", columns=180)
    text = " ".join(found.stdout.replace("│", " ").split())
    assert "4.5 minutes; promised at most 5" in text
    assert "before traffic 0.083 + shift 10 % → 100 % 2 + comparison 0.33 minutes" in text
    assert "canary by codedeploy: 10 % → 100 %; live in 4.0 minutes, back by itself in" in text


def test_R7_the_loss_of_the_region_is_a_row_of_its_own() -> None:
    """What stands in where, who decides, both sums, what is assumed, and what runs there by the hour."""
    found = understudy("check", "apps/storefront.yaml", "--env", "prod", columns=180)
    shown = " ".join(found.stdout.replace("│", " ").split())
    for words in (
        "us-west-2 is active; us-east-1 follows, warm standby with 1 task",
        "database storefront-prod-db-2 replicates storefront-prod-db",
        "a failover goes on by itself, with a witness in us-east-2",
        "recovery from a lost region 10.92 minutes; promised at most 15",
        "promotion ~5",
        "~ assumed nobody has published a measurement",
        "by the hour in us-east-1 3 NAT gateways",
    ):
        assert words in shown


def test_a_bad_file_shows_every_problem_in_one_line_each_and_exits_with_1(tmp_path: Path) -> None:
    """Machine-readable where nobody looks: file:line path: reason. Remedy."""
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        (ROOT / "apps/storefront.yaml").read_text().replace("vcpu: 0.5", "vcpu: 3").replace("port: 3000", "prt: 3000")
    )
    found = understudy("check", str(bad))
    assert 1 == found.returncode
    assert "" == found.stdout
    assert "Traceback" not in found.stderr
    lines = found.stderr.splitlines()
    assert [f"{bad}:{number}" for number in (11, 13, 15)] == [line.split(" ")[0] for line in lines[:-1]]
    assert "✗ 3 problems; nothing was changed" == lines[-1]


def test_an_environment_that_is_not_defined() -> None:
    """Names those that are."""
    found = understudy("check", "apps/storefront.yaml", "--env", "staging")
    assert 1 == found.returncode
    assert "there is no environment 'staging'" in found.stderr
    assert "Defined here: dev, prod" in found.stderr


def test_a_service_without_an_image_is_pointed_out(tmp_path: Path) -> None:
    """The first deployment comes before the first image."""
    (tmp_path / "storefront.yaml").write_text((ROOT / "apps/storefront.yaml").read_text())
    found = understudy("check", str(tmp_path / "storefront.yaml"), "--env", "dev")
    assert 0 == found.returncode
    assert "no image is released yet" in found.stdout


def test_help_teaches() -> None:
    """What the command does, and an example."""
    found = understudy("--help")
    assert "understudy check apps/storefront.yaml" in found.stdout


def test_check_starts_without_cdk_boto3_or_moto() -> None:
    """`understudy check` starts at once because nothing heavy is imported."""
    code = (
        "import sys; sys.argv = ['understudy', 'check', 'apps/storefront.yaml']\n"
        "from cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'aws_cdk', 'boto3', 'botocore', 'moto', 'jsii', 'flask'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (0, "") == (found.returncode, found.stderr)
