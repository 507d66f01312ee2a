"""The `understudy` command."""

from __future__ import annotations

import typer

from cli import check, drill, failover, rehearse, rehearse_failover, rehearse_release, rehearse_rotation, release

app = typer.Typer(
    name="understudy",
    help="One YAML file about a web application becomes its whole AWS deployment, rehearsed before it is real.",
    epilog="Start with `understudy check apps/storefront.yaml`, then `understudy up --app storefront --env dev`.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
)
app.command()(check.check)
app.command()(release.release)
app.command()(release.rollback)
app.add_typer(failover.group, name="failover")
app.command()(failover.failback)
app.add_typer(drill.group, name="drill")
app.command()(rehearse.up)
app.command()(rehearse.down)
app.command()(rehearse.diff)
app.command()(rehearse.status)
app.command()(rehearse_failover.rehearse_failover)
app.command()(rehearse_release.rehearse_release)
app.command()(rehearse_rotation.rehearse_rotation)


def main() -> None:
    """Run the command line."""
    app()
