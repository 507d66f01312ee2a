"""`diff`: what a deployment would change in the embedded AWS."""

from rehearsal import embedded_aws
from rehearsal.failure import RehearsalError
from rehearsal.toolkit import Toolkit
from rehearsal.workspace import Workspace


def diff(workspace: Workspace, *, app: str, environment: str) -> int:
    """Print `cdk diff` against what is deployed and return its exit code. Raises RehearsalError."""
    emulator = embedded_aws.running(workspace)
    if emulator is None:
        raise RehearsalError(
            "the embedded AWS is not running, so there is nothing to compare with",
            remedy=f"`make up APP={app} ENV={environment}` first",
        )
    # With its default, a change set, the CLI waits for minutes for what the emulator cannot give it.
    arguments = ["diff", "--method=template", "--no-notices", "-c", f"app={app}", "-c", f"env={environment}"]
    return Toolkit(workspace, emulator).show([*arguments, "--output", str(workspace.folder / "cdk.out.diff")])
