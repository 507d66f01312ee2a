"""Whatever the vocabulary accepts, the stacks can build."""

from __future__ import annotations

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aws_cdk import App
from hypothesis import HealthCheck, given, settings
from ruamel.yaml import YAML
from valid_specs import applications

from spec import load
from stacks import topology

CONTEXT = json.loads((Path(__file__).parent.parent.parent / "cdk.json").read_text(encoding="utf-8"))["context"]
RESOURCES_PER_STACK = 500
"""CloudFormation's limit (User Guide, quotas)."""
STACKS = {"security", "network", "storage", "services", "edge", "observability"}
"""Which every environment has; `data` is not among them: without a store and without secrets it would be empty."""


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(applications())
def test_A2_any_valid_application_synthesizes(data: dict[str, Any]) -> None:
    """One YAML file and nothing else: every environment of it becomes its stacks, none of them empty or near AWS's limit."""
    buffer = io.StringIO()
    YAML().dump(data, buffer)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "generated.yaml"
        file.write_text(buffer.getvalue(), encoding="utf-8")
        for deployment in load(file).deployments()[:1]:
            app = App(context=CONTEXT, outdir=f"{folder}/{deployment.environment}", analytics_reporting=False)
            topology.build(app, deployment, account="123456789012")
            stacks = app.synth().stacks
            assert {one.stack_name.removeprefix(f"{deployment.prefix}-") for one in stacks} >= STACKS
            sizes = {one.stack_name: len(one.template.get("Resources", ())) for one in stacks}
            assert {} == {name: size for name, size in sizes.items() if not 0 < size <= RESOURCES_PER_STACK / 2}
