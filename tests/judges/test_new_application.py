"""One new YAML file, nothing else, passes the judges: acknowledgements fit shapes that apps/ does not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from judges import explanations
from judges.finding import Finding
from judges.judgement import judge
from judges.sitting import Sitting
from spec import load

MINIMAL = """\
name: minimal
description: A service, and nothing that keeps data
owner: team
monitoring: {notify: [oncall@example.com]}
services:
  site: {build: {context: ../site}, port: 8080, public: ["/*"], vcpu: 1, memory_gib: 2}
storage: {data: null, backups: null}
edge:
  domain: minimal.example.com
  hosted_zone: {id: Z0123456789ABCDEFGHIJ, name: example.com}
environments:
  prod:
  preview: {edge: {domain: preview.example.com}, network: {cidr: 10.1.0.0/16}}
"""

KIOSK = """\
name: kiosk
description: A public load balancer in another region, an image from elsewhere, a database
owner: team
region: eu-central-1
monitoring: {notify: [oncall@example.com]}
services:
  shop:
    image: public.ecr.aws/docker/library/nginx@sha256:1557a7e411fbed246b602af58d72c096d24305f2bea95b6b788fb4d5bfb9938d
    port: 8080
    public: ["/*"]
    vcpu: 0.5
    memory_gib: 1
    dependencies: [database]
database: {engine_version: "15.17", instance_class: db.t4g.large, name: shop}
edge:
  entry: load_balancer
  domain: kiosk.example.com
  hosted_zone: {id: Z0123456789ABCDEFGHIJ, name: example.com}
environments:
  prod:
  dev: {edge: {domain: dev.example.com}, network: {cidr: 10.1.0.0/16}}
"""


def _unexplained(folder: Path, application: str, *environments: str) -> list[tuple[str, str]]:
    """What nobody explains. That some explanations explain nothing here is as it should be."""
    file = folder / "application.yaml"
    file.write_text(application, encoding="utf-8")
    sitting = Sitting(folder)
    list(sitting.hear_templates([(file, load(file).for_environment(each)) for each in environments]))
    judgement = judge(
        sitting.findings,
        in_code=sitting.acknowledgements,
        acknowledged=explanations.acknowledged(),
        pending=explanations.pending(),
    )
    assert sitting.findings
    return [_said(finding) for finding in judgement.unexplained]


def _said(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.path


def test_application_without_data_passes(tmp_path: Path) -> None:
    """No database, cache, queue, bucket or file system: what is said of them must not be missed."""
    assert [] == _unexplained(tmp_path, MINIMAL, "preview")


@pytest.mark.full
@pytest.mark.parametrize(
    ("application", "environments"), [(MINIMAL, ["prod"]), (KIOSK, ["prod", "dev"])], ids=["minimal", "kiosk"]
)
def test_application_of_another_shape_passes(tmp_path: Path, application: str, environments: list[str]) -> None:
    """Another entry, region and image, in production and in development."""
    assert [] == _unexplained(tmp_path, application, *environments)
