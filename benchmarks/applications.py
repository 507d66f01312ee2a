"""Many applications in one process: `python -m benchmarks.applications COUNT`."""

from __future__ import annotations

import sys
from typing import Final

from aws_cdk import App, Stage

from benchmarks.workload import ACCOUNT, APPLICATIONS
from spec import load
from stacks import topology

FILE: Final = APPLICATIONS / "storefront.yaml"


def main(count: int) -> None:
    """Synthesize production of `count` applications, each in a Stage of its own, as a pipeline would."""
    app = App()
    deployment = load(FILE).for_environment("prod")
    for number in range(1, count + 1):
        named = deployment.model_copy(update={"name": f"shop-{number}"})
        topology.build(Stage(app, named.name), named, account=ACCOUNT)
    app.synth()


if __name__ == "__main__":
    main(int(sys.argv[1]))
