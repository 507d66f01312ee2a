"""`up`: from an application's YAML file to its stacks in the embedded AWS."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from rehearsal import assembly, embedded_aws
from rehearsal.embedded_aws import EmbeddedAws
from rehearsal.failure import RehearsalError
from rehearsal.toolkit import DEFAULT_REGION, PLACEHOLDER_ACCOUNT, Toolkit
from rehearsal.workspace import Workspace
from spec import catalogue

SETTLE_SECONDS = 60
UNSETTLED = ("_IN_PROGRESS", "ROLLBACK_FAILED", "DELETE_FAILED")
DEPLOY = ("deploy", "--all", "--method=direct", "--require-approval=never", "--no-notices", "--progress=events")
# `network (toy-dev-network): deploying... [1/4]`, or the name alone where construct and stack have the same.
STACK_BEGUN = re.compile(r"^(?:\S+ \()?([\w-]+)\)?: deploying\.\.\.")
STACK_DONE = re.compile(r"^\s*✅\s+(?:\S+ \()?([\w-]+)\)?( \(no changes\))?\s*$")


class Progress(Protocol):
    """Whoever wants to know how far an `up` is."""

    def say(self, text: str) -> None:
        """Something a person should know."""

    def stage(self, text: str) -> None:
        """A new stage begins."""

    def stack(self, name: str, state: str) -> None:
        """A stack is `deploying`, `deployed` or `unchanged`."""


@dataclass(frozen=True)
class Rehearsed:
    """What stands in the emulator after an `up`."""

    emulator: EmbeddedAws
    account: str
    region: str
    """Where users are."""
    stacks: list[dict[str, Any]]


def up(workspace: Workspace, *, app: str, environment: str, port: int | None, progress: Progress) -> Rehearsed:
    """Deploy an environment, or update it. Raises RehearsalError, and SpecError for what the application's file lacks."""
    wanted = catalogue.choose(workspace.project / "apps", app=app, environment=environment)
    with workspace.alone():
        end_what_was_cut_off(workspace, progress)
        emulator = embedded_aws.ensure(workspace, port=port, say=progress.say)
        emulator = settled(workspace, emulator, progress)
        workspace.cdk_log.write_text("")
        toolkit = Toolkit(workspace, emulator)
        progress.stage(f"synthesizing {app} {environment}")
        toolkit.run(synthesis(workspace, app, environment), doing="synthesis")
        artifacts = assembly.stacks(workspace.assembly)
        account = next((stack.account for stack in artifacts if stack.account), PLACEHOLDER_ACCOUNT)
        zone = wanted.edge.hosted_zone
        emulator.provide_hosted_zone(account=account, zone=zone.id, name=zone.name)
        names = [artifact.name for artifact in artifacts]
        try:
            _bootstrap(toolkit, artifacts, account, progress)
            progress.stage(f"deploying {len(artifacts)} stacks")
            arguments = [*DEPLOY, toolkit.assembly]
            toolkit.run(arguments, doing="deployment", account=account, listen=_listener(progress))
        except RehearsalError as error:
            raise _explained(error, toolkit, ["CDKToolkit", *names]) from error
        stacks = {stack["name"]: stack for stack in emulator.stacks()}
        there = [stacks[name] for name in names if name in stacks]
        return Rehearsed(emulator, account, wanted.active_region, there)


def synthesis(workspace: Workspace, app: str, environment: str) -> list[str]:
    """Return the CDK CLI's arguments that synthesize an environment."""
    chosen = ["-c", f"app={app}", "-c", f"env={environment}"]
    return ["synth", "--quiet", "--no-notices", "--output", str(workspace.assembly), *chosen]


def end_what_was_cut_off(workspace: Workspace, progress: Progress) -> None:
    """End the CDK CLI that an interrupted `up` left at work."""
    record = workspace.record()
    if record and record.deploying:
        progress.say("the last deployment was interrupted: tidying up after it")
        record.deploying.stop()
        # Nobody else works in here now. A process that has ended and that nobody has reaped yet holds the folder for CDK's CLI.
        for lock in workspace.assembly.glob("*.lock"):
            lock.unlink(missing_ok=True)
        embedded_aws.note_deploying(workspace, None)


def settled(workspace: Workspace, emulator: EmbeddedAws, progress: Progress) -> EmbeddedAws:
    """Return an emulator with no stack on its way: one that finished what it was at, or a fresh one."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while unsettled := [stack for stack in emulator.stacks() if stack["status"].endswith(UNSETTLED)]:
        # Only what is at work may still end. A stack under review has a change set that nobody will execute any more,
        # and out of a failed rollback there is no way at all.
        at_work = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "DELETE_IN_PROGRESS")
        waiting = [stack for stack in unsettled if stack["status"].endswith(at_work)]
        if not waiting or time.monotonic() > deadline:
            names = ", ".join(stack["name"] for stack in unsettled)
            progress.say(f"{names} cannot be finished any more: starting with an empty AWS")
            port = emulator.port
            embedded_aws.stop(workspace)
            return embedded_aws.ensure(workspace, port=port, say=progress.say)
        time.sleep(0.2)
    return emulator


def _bootstrap(toolkit: Toolkit, artifacts: list[assembly.StackArtifact], account: str, progress: Progress) -> None:
    wanted = {(artifact.account or account, artifact.region or DEFAULT_REGION) for artifact in artifacts}
    done = {
        (stack["account"], stack["region"])
        for stack in toolkit.emulator.stacks()
        if stack["name"] == "CDKToolkit" and stack["status"].endswith("_COMPLETE")
    }
    missing = sorted(wanted - done)
    if missing:
        progress.stage(f"bootstrapping {', '.join(region for _, region in missing)}")
        targets = [f"aws://{of}/{region}" for of, region in missing]
        # Given the assembly, it does not run the app again.
        arguments = ["bootstrap", "--no-notices", toolkit.assembly, *targets]
        toolkit.run(arguments, doing="bootstrap", account=account)


def _listener(progress: Progress) -> Callable[[str], None]:
    def listen(line: str) -> None:
        if begun := STACK_BEGUN.match(line):
            progress.stack(begun.group(1), "deploying")
        elif done := STACK_DONE.match(line):
            progress.stack(done.group(1), "unchanged" if done.group(2) else "deployed")

    return listen


def _explained(error: RehearsalError, toolkit: Toolkit, names: list[str]) -> RehearsalError:
    """Return the failure with the stack and the resource that caused it, when the emulator can tell."""
    for stack in toolkit.emulator.stacks():
        if stack["failures"] and stack["name"] in names:
            return RehearsalError(
                f"stack {stack['name']} in {stack['region']} failed ({stack['status']})",
                remedy=f"mend what it names and run `make up` again; whole output: {toolkit.workspace.cdk_log}",
                details="\n".join(stack["failures"]),
            )
    return error
