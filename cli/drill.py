"""`understudy drill`: a failover on a copy of the database, and what the drills before have shown.

boto3 is imported where it is used: it takes a quarter of a second, which `understudy check` need not pay.
"""

from __future__ import annotations

import time

import typer
from rich.console import Console

from cli.drill_view import forecast, result, trend
from cli.failover import AppOption, BecauseOption, LaterEnvOption, WaitOption, chosen_env, environment_of, told
from cli.refusal import RefusedError
from spec import Deployment
from spec.recovery_objectives import takes_over

MACHINE = "drill"
group = typer.Typer(invoke_without_command=True, no_args_is_help=True, rich_markup_mode="markdown")


@group.callback()
def drill(
    context: typer.Context,
    env: LaterEnvOption = None,
    app: AppOption = "generator-platform",
    because: BecauseOption = "asked for by hand",
    *,
    wait: WaitOption = True,
) -> None:
    """Hold a drill: a failover's steps on a copy of the database, in the stand-in region.

    Restores the newest copy of a backup there, promotes a replica of it, starts tasks against it, measures each step, and
    removes everything. Production is not touched, and a failover that comes meanwhile does not wait.

        understudy drill --env prod

    Exit code 0: held, within the objectives. 1: an objective was missed, or it was not held; it says which and why.
    """
    if context.invoked_subcommand is not None:
        context.obj = env
        return
    with told():
        deployment = environment_of(app, chosen_env(context, env))
        _drilled(deployment)
        _hold(Console(), deployment, because, wait=wait)


@group.command()
def status(context: typer.Context, env: LaterEnvOption = None, app: AppOption = "generator-platform") -> None:
    """Show the drills before, and how far one is that is held now.

    understudy drill status --env prod
    """
    with told():
        deployment = environment_of(app, chosen_env(context, env))
        _drilled(deployment)
        from cli.stand_in import StandIn  # noqa: PLC0415 - boto3 is slow to import

        there, console = StandIn(deployment, deployment.waiting_region, MACHINE), Console()
        running = there.running()
        console.print(trend(deployment, there.item("drills"), time.time()))
        if running is not None:
            from cli.drill_view import progress  # noqa: PLC0415 - as above

            console.print(f"\n{running.name} is at work since {running.began:%H:%M:%S}", highlight=False)
            console.print(progress(there.item("drill")))
        elif (newest := there.item("drill")) is not None and (report := there.item(_report(newest))) is not None:
            console.print(result(report))


def _hold(console: Console, deployment: Deployment, because: str, *, wait: bool) -> None:
    from cli.stand_in import StandIn  # noqa: PLC0415 - boto3 is slow to import

    there = StandIn(deployment, deployment.waiting_region, MACHINE)
    by = there.caller()
    running = there.running()
    if running is not None:
        raise RefusedError(
            f"{running.name} is at work since {running.began:%H:%M:%S}: `understudy drill status` says how far it is"
        )
    console.print(forecast(deployment))
    given = {"environment": deployment.prefix, "because": because, "by": by}
    try:
        execution = there.start(f"drill-{1000 * time.time():.0f}", given)
    except RefusedError as error:
        raise RefusedError(str(error), sure=False) from None
    console.print(f"[green]✓[/] {execution.name} has begun in {there.region}", highlight=False)
    chosen = f"--app {deployment.name} --env {deployment.environment}"
    if not wait:
        console.print(f"It goes on by itself: `understudy drill status {chosen}`", highlight=False)
        return
    from cli.drill_watch import follow  # noqa: PLC0415 - as above

    try:
        code = follow(console, there, execution.arn)
    except KeyboardInterrupt:
        console.print(f"\n[yellow]it goes on[/] without you: `understudy drill status {chosen}`", highlight=False)
        code = 130
    if code:
        raise typer.Exit(code)


def _report(newest: object) -> str:
    from cli.drill_view import record  # noqa: PLC0415 - with status alone

    return f"drill#{record(newest).get('id')}"


def _drilled(deployment: Deployment) -> None:
    if not deployment.drilled:
        raise RefusedError(
            f"{deployment.prefix} has no drills: they need a stand-in (`recovery.strategy`), a database, and copies of its "
            "backups in the other region (`backup.copies`)"
        )
    if not takes_over(deployment):
        raise RefusedError(
            f"{deployment.waiting_region} was abandoned and follows nothing: write "
            f"`recovery.generation: {deployment.recovery.generation + 1}` and deploy first"
        )
