"""The CDK app: `-c app=` and `-c env=` choose one environment, whose stacks it builds."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

# Importing CDK and building a tree makes objects that all live to the end, seconds later: looking through them for
# garbage takes a sixth of the whole run and finds none.
gc.disable()

from aws_cdk import App  # noqa: E402 - after the switch above

from spec import Deployment, SpecError, catalogue  # noqa: E402
from stacks import topology  # noqa: E402

SAME_BYTES_EACH_TIME = {"aws:cdk:disable-creation-stack-traces": True}
"""Stack traces in the metadata name a temporary folder. In cdk.json the CLI would warn of a reserved key."""


def main() -> None:
    """Build the chosen environment; say what there is to choose if the choice is missing or unknown."""
    app = App(context=SAME_BYTES_EACH_TIME)
    topology.build(app, _chosen(app), account=os.environ.get("CDK_DEFAULT_ACCOUNT"))
    app.synth()
    gc.freeze()  # nor is there garbage to look for on the way out


def _chosen(app: App) -> Deployment:
    folder = Path(__file__).parent / "apps"
    return catalogue.choose(folder, app=app.node.try_get_context("app"), environment=app.node.try_get_context("env"))


if __name__ == "__main__":
    try:
        main()
    except SpecError as error:
        sys.exit(str(error))
