"""Synthesis with all of CDK's judges looking on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks
from cdk_preflight import Preflight

from judges.acknowledgement import FILE
from judges.recording import recorded

CDK_JSON: Final = Path(__file__).parent.parent / "cdk.json"

JUDGING: Final = {
    # A violation would abort synthesis at the first plugin that fails; all of them are wanted, in the report.
    "@aws-cdk/core:failSynthOnValidationErrors": False,
    # So that cfn-lint and checkov, which know logical IDs only, can be answered with construct paths.
    "aws:cdk:enable-path-metadata": True,
}


def synthesize(build: Callable[[App], None], *, out: Path) -> None:
    """Write what `build` makes, the report of CDK's judges and the acknowledgements made into `out`."""
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"] | JUDGING
    app = App(outdir=str(out), context=context, analytics_reporting=False)
    with recorded() as record:
        build(app)
        Validations.of(app).add_plugins(
            AwsSolutionsChecks(app), NIST80053R5Checks(app), HIPAASecurityChecks(app), PCIDSS321Checks(app)
        )
        Preflight.apply(app)
        app.synth()
    (out / FILE).write_text(json.dumps(record, indent=1), encoding="utf-8")
