"""`understudy release` and `understudy rollback` as a user runs them, against a registry."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from cli.main import app
from spec import load
from spec.images import images_file

ROOT = Path(__file__).parent.parent.parent
PREFIX = "storefront-prod"


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The registry of production's `web`, with credentials to ask it."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIA0000123456789012",
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_DEFAULT_REGION": "us-west-2",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        ecr = boto3.client("ecr", region_name="us-west-2")
        ecr.create_repository(repositoryName=f"{PREFIX}/web")
        yield ecr


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of which only apps/ matters; the command runs there."""
    shutil.copytree(ROOT / "apps", tmp_path / "apps")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pushed(ecr: Any, tag: str) -> str:
    """The digest of an image that is pushed under `tag`."""
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": {"digest": f"sha256:{tag}"}, "layers": []}
    content = json.dumps(manifest)
    digest = f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
    ecr.put_image(repositoryName=f"{PREFIX}/web", imageManifest=content, imageTag=tag, imageDigest=digest)
    return digest


def understudy(*arguments: str) -> Result:
    """The command's result."""
    return CliRunner(env={"COLUMNS": "160"}).invoke(app, arguments)


def running(folder: Path) -> str:
    """What production of the storefront is to run."""
    return load(folder / "apps" / "storefront.yaml").for_environment("prod").images["web"]


def text(folder: Path) -> str:
    """The file of images."""
    return images_file(folder / "apps" / "storefront.yaml").read_text(encoding="utf-8")


RELEASE = ("release", "--app", "storefront", "--env", "prod")
ROLLBACK = ("rollback", "web", "--app", "storefront", "--env", "prod", "--because", "it loses orders")


def test_D1_a_release_writes_the_digest_of_a_tag(registry: Any, folder: Path) -> None:
    """And says what to do next; comments and the other environments stay."""
    digest = pushed(registry, "v2")
    before = text(folder)
    found = understudy(*RELEASE, "web=v2")
    assert (0, digest) == (found.exit_code, running(folder)), found.output
    assert "cdk deploy --all -c app=storefront -c env=prod" in found.output
    assert before.splitlines()[:4] == text(folder).splitlines()[:4]


def test_D3_a_rollback_goes_back_and_rejects_what_ran(registry: Any, folder: Path) -> None:
    """Then nobody can release it again, under whatever tag."""
    first = running(folder)
    second = pushed(registry, "v2")
    understudy(*RELEASE, "web=v2")
    found = understudy(*ROLLBACK)
    assert (0, first) == (found.exit_code, running(folder)), found.output
    assert "aws deploy stop-deployment" in found.output
    again = understudy(*RELEASE, "web=v2")
    assert 1 == again.exit_code
    assert "was rejected by" in again.output
    assert "it loses orders" in again.output
    assert first == running(folder)
    assert second in text(folder)


def test_D3_a_rollback_needs_no_aws(folder: Path, registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """At night that may be the broken part."""
    pushed(registry, "v2")
    first = running(folder)
    understudy(*RELEASE, "web=v2")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    assert (0, first) == (understudy(*ROLLBACK).exit_code, running(folder))


def test_D3_a_rollback_to_a_named_image(registry: Any, folder: Path) -> None:
    """Further back than one."""
    digests = {}
    for tag in ("v2", "v3", "v4"):
        digests[tag] = pushed(registry, tag)
        understudy(*RELEASE, f"web={tag}")
    found = understudy(*ROLLBACK, "--to", "v2")
    assert (0, digests["v2"]) == (found.exit_code, running(folder)), found.output


def test_breaking_the_glass_says_who_and_why(registry: Any, folder: Path) -> None:
    """In the file, in the output, and only for this image: the next release drops it."""
    pushed(registry, "v2")
    pushed(registry, "v3")
    found = understudy(*RELEASE, "web=v2", "--break-glass", "the alarm itself is broken")
    assert "because the alarm itself is broken" in found.output
    glass = load(folder / "apps" / "storefront.yaml").for_environment("prod").break_glass["web"]
    assert glass.by.startswith("arn:aws:")
    assert "the alarm itself is broken" == glass.because
    understudy(*RELEASE, "web=v3")
    assert {} == dict(load(folder / "apps" / "storefront.yaml").for_environment("prod").break_glass)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*RELEASE, "web=v9"), "storefront-prod/web has no image v9. Push it first, or look at the newest there: v2"),
        ((*RELEASE, "web"), "names no image: write SERVICE=TAG"),
        ((*RELEASE, "shop=v2"), "builds no shop. It builds web"),
        (("release", "--app", "storefront", "--env", "dev", "web=v2"), "there is no registry storefront-dev/web yet"),
        (("release", "--app", "storefront", "--env", "test", "web=v2"), "there is no environment 'test'"),
        (("release", "--app", "shop", "--env", "prod", "web=v2"), "there is no such file"),
        (ROLLBACK, "the file does not say what web ran before: name it by --to TAG"),
        (("rollback", "shop", *ROLLBACK[2:]), "builds no shop"),
    ],
)
def test_a_mistake_changes_nothing(registry: Any, folder: Path, arguments: tuple[str, ...], words: str) -> None:
    """Exit code 1, what to do instead, no traceback."""
    pushed(registry, "v2")
    before = text(folder)
    found = understudy(*arguments)
    assert (1, before) == (found.exit_code, text(folder)), found.output
    assert words in " ".join(found.output.split())
    assert isinstance(found.exception, SystemExit)


@pytest.mark.usefixtures("folder")
def test_without_credentials_a_release_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a stack trace of the SDK."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    found = understudy(*RELEASE, "web=v2")
    assert 1 == found.exit_code
    assert "AWS does not know who you are" in found.output
