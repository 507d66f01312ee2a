"""Synthesis of one environment under judgement, in a process of its own: `python -m judges.environment FILE ENV OUT`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from judges.synthesis import synthesize
from spec import load
from stacks import topology

ACCOUNT: Final = "123456789012"


def main(file: str, environment: str, out: str) -> None:
    """Synthesize one environment of the application in `file` into the folder `out`."""
    deployment = load(file).for_environment(environment)
    synthesize(lambda app: topology.build(app, deployment, account=ACCOUNT), out=Path(out))


if __name__ == "__main__":
    main(*sys.argv[1:])
