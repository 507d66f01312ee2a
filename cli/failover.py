"""`understudy failover` and `failback`: a region takes over because a person says so.

boto3 is imported where it is used: it takes a quarter of a second, which `understudy check` need not pay.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from cli.failover_view import forecast
from cli.problems import problem_table
from cli.refusal import RefusedError
from spec import Deployment, SpecError, load
from spec.recovery_objectives import takes_over

if TYPE_CHECKING:
    from cli.stand_in import Mode, StandIn, Verdict

APPS: Final = Path("apps")

AppOption = Annotated[str, typer.Option("--app", metavar="NAME", help="The application: a file's name in apps/.")]
EnvOption = Annotated[str, typer.Option("--env", metavar="NAME", help="dev, staging, prod or preview.")]
LaterEnvOption = Annotated[
    str | None, typer.Option("--env", metavar="NAME", help="dev, staging, prod or preview.", show_default=False)
]
BecauseOption = Annotated[str, typer.Option("--because", metavar="WHY", help="It stands in the report.")]
ConfirmOption = Annotated[
    str | None,
    typer.Option("--confirm", metavar="APP-ENV", help="The environment's whole name, instead of typing it when asked."),
]
WaitOption = Annotated[bool, typer.Option("--wait/--no-wait", help="Watch it to its end, or leave once it has begun.")]
LossOption = Annotated[
    float | None,
    typer.Option("--accept-loss", metavar="SECONDS", min=0, help="Go on although so many seconds of writes are lost."),
]

BY_HAND: Final = "asked for by hand"
UNFINISHED: Final = ("running", "asking", "stopped")
"""States of the record of a failover that somebody has to go on with."""

group = typer.Typer(invoke_without_command=True, no_args_is_help=True, rich_markup_mode="markdown")


@group.callback()
def failover(
    context: typer.Context,
    env: LaterEnvOption = None,
    app: AppOption = "generator-platform",
    because: BecauseOption = BY_HAND,
    accept_loss: LossOption = None,
    confirm: ConfirmOption = None,
    *,
    wait: WaitOption = True,
) -> None:
    """Let the stand-in region take over, because the active one is lost.

    Says what will happen and what it costs, asks for the environment's whole name, and starts the state machine in the
    stand-in. Nothing that it needs is in the lost region. Until `promote` everything is undone by itself if a step fails;
    from there on it only goes forward.

        understudy failover --env prod --because "us-west-2 does not answer"

    Exit code 0: users are served by the stand-in. 1: nothing was changed. 3: it stopped after the point of no return,
    or somebody has to look: `understudy failover status`.
    """
    if context.invoked_subcommand is not None:
        context.obj = env
        return
    with told():
        deployment = environment_of(app, chosen_env(context, env))
        _may_fail_over(deployment)
        _begin(deployment, "failover", because, accept_loss=accept_loss, confirm=confirm, wait=wait)


@group.command()
def status(context: typer.Context, env: LaterEnvOption = None, app: AppOption = "generator-platform") -> None:
    """Say which region is active, what the other one sees of it, and how far a failover is.

    understudy failover status --env prod
    """
    with told():
        deployment = environment_of(app, chosen_env(context, env))
        _needs_stand_in(deployment)
        from cli.failover_watch import situation  # noqa: PLC0415 - boto3 is slow to import
        from cli.stand_in import StandIn  # noqa: PLC0415 - as above

        regions = (deployment.waiting_region, deployment.active_region)
        situation(Console(), deployment, [StandIn(deployment, region) for region in regions])


@group.command()
def approve(
    context: typer.Context,
    env: LaterEnvOption = None,
    app: AppOption = "generator-platform",
    confirm: ConfirmOption = None,
    *,
    wait: WaitOption = True,
) -> None:
    """Let a failover go on that waits for a person.

    Shows what it asks, and wants the environment's whole name.

        understudy failover approve --env prod
    """
    with told():
        _answer(environment_of(app, chosen_env(context, env)), "approve", confirm=confirm, wait=wait)


@group.command()
def refuse(context: typer.Context, env: LaterEnvOption = None, app: AppOption = "generator-platform") -> None:
    """Stop a failover that waits for a person.

    Before the point of no return everything is put back; after it, it stops where it is, and can be gone on with.

        understudy failover refuse --env prod
    """
    with told():
        _answer(environment_of(app, chosen_env(context, env)), "refuse", confirm=None, wait=True)


def failback(
    env: EnvOption,
    app: AppOption = "generator-platform",
    because: BecauseOption = BY_HAND,
    confirm: ConfirmOption = None,
    *,
    wait: WaitOption = True,
) -> None:
    """Change regions as planned, without losing anything: the way back after a failover.

    Both regions have to be there, and the waiting one has to follow: after a failover raise `recovery.generation` and
    deploy first (docs/recovery.md, "After it"). The active region stops writing, the other one replays everything, then
    it takes over.

        understudy failback --env prod --because "us-west-2 is well again"
    """
    with told():
        deployment = environment_of(app, env)
        _may_fail_over(deployment)
        _begin(deployment, "switchover", because, accept_loss=None, confirm=confirm, wait=wait)


def _begin(
    deployment: Deployment, mode: Mode, because: str, *, accept_loss: float | None, confirm: str | None, wait: bool
) -> None:
    console = Console()
    from cli.stand_in import StandIn  # noqa: PLC0415 - boto3 is slow to import

    there = StandIn(deployment, deployment.waiting_region)
    by = there.caller()
    _can_begin(console, there, deployment, mode)
    running = there.running()
    if running is not None:
        raise RefusedError(
            f"{running.name} is at work since {running.began:%H:%M:%S}: `understudy failover status` says how far it is"
        )
    console.print(forecast(deployment, mode))
    _confirmed(deployment, confirm)
    given = {
        "mode": mode,
        "environment": deployment.prefix,
        "because": because,
        "by": by,
        "accept_loss_seconds": accept_loss,
    }
    try:
        execution = there.start(f"{mode}-{1000 * time.time():.0f}", given)
    except RefusedError as error:
        raise RefusedError(str(error), sure=False) from None
    console.print(f"[green]✓[/] {execution.name} has begun in {there.region}", highlight=False)
    _followed(console, deployment, there, execution.arn, wait=wait)


def _answer(deployment: Deployment, verdict: Verdict, *, confirm: str | None, wait: bool) -> None:
    _needs_stand_in(deployment)
    console = Console()
    from cli.stand_in import StandIn  # noqa: PLC0415 - boto3 is slow to import

    there = StandIn(deployment, deployment.waiting_region)
    by = there.caller()
    question = there.open_question()
    if question is None:
        raise RefusedError("nothing waits for an answer")
    console.print(str(question["text"]), markup=False, highlight=False)
    if verdict == "approve":
        _confirmed(deployment, confirm)
    there.answer(question, verdict, by, time.time())
    console.print(f"[green]✓[/] {verdict}d, by {by}", highlight=False, soft_wrap=True)
    _followed(console, deployment, there, str(question["execution"]), wait=wait)


def _followed(console: Console, deployment: Deployment, there: StandIn, arn: str, *, wait: bool) -> None:
    if not wait:
        console.print(f"It goes on by itself: `understudy failover status {_chosen(deployment)}`", highlight=False)
        return
    from cli.failover_watch import follow  # noqa: PLC0415 - boto3 is slow to import

    try:
        code = follow(console, deployment, there, arn)
    except KeyboardInterrupt:
        console.print(f"\n[yellow]it goes on[/] without you: `understudy failover status {_chosen(deployment)}`")
        code = 130
    if code:
        raise typer.Exit(code)


def environment_of(app: str, env: str) -> Deployment:
    """As apps/ has it. Raises SpecError."""
    return load(APPS / f"{app}.yaml").for_environment(env)


def chosen_env(context: typer.Context, env: str | None) -> str:
    """Of the subcommand, or what stands before it."""
    chosen = env or context.obj
    if chosen is None:
        raise typer.BadParameter("which environment? Write --env NAME", param_hint="--env")
    return str(chosen)


def _needs_stand_in(deployment: Deployment) -> None:
    if not deployment.recovery.stands_in:
        strategy = deployment.recovery.strategy
        raise RefusedError(f"nothing stands in for {deployment.prefix}: its `recovery.strategy` is {strategy}")


def _may_fail_over(deployment: Deployment) -> None:
    _needs_stand_in(deployment)
    if not takes_over(deployment):
        raise RefusedError(
            f"{deployment.waiting_region} was abandoned and follows nothing: write "
            f"`recovery.generation: {deployment.recovery.generation + 1}` and deploy first"
        )


def _can_begin(console: Console, there: StandIn, deployment: Deployment, mode: Mode) -> None:
    """The region's table knows better than a file that nobody has changed yet; what has stopped is gone on with first."""
    record, lease = there.item("failover"), there.item("lease")
    if record is not None and record["state"] in UNFINISHED and "no_return_at" in record:
        command = "failover" if record["mode"] == "failover" else "failback"
        if record["mode"] != mode:
            raise RefusedError(
                f"{record['id']} has to be gone on with first: `understudy {command} {_chosen(deployment)}`"
            )
        console.print(
            f"[yellow]This goes on with {record['id']}[/], which stopped at {record.get('failed_step', 'some step')}"
        )
    elif lease is not None and lease["holder"] == there.region:
        raise RefusedError(
            f"{there.region} is active already, and the spec does not say so yet: write `recovery.active: {there.region}` "
            f"into apps/{deployment.name}.yaml, and deploy"
        )


def _confirmed(deployment: Deployment, confirm: str | None) -> None:
    name = confirm or typer.prompt(f"\nType the environment's whole name to go on ({deployment.prefix})")
    if name != deployment.prefix:
        raise RefusedError(f"{name!r} is not {deployment.prefix}")


def _chosen(deployment: Deployment) -> str:
    return f"--app {deployment.name} --env {deployment.environment}"


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong is told in a sentence; exit code 1."""
    try:
        yield
    except SpecError as error:
        console = Console(stderr=True)
        console.print(problem_table(error.problems))
        raise typer.Exit(1) from None
    except RefusedError as error:
        console = Console(stderr=True)
        console.print(f"[red]✗[/] {error}", soft_wrap=True, highlight=False)
        console.print(
            "Nothing was changed." if error.sure else "Whether it has begun is not known: look at the status."
        )
        raise typer.Exit(1) from None
