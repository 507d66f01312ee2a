"""`understudy release` and `understudy rollback`: which image an environment runs, as a change to a committed file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from cli import images_edit
from cli.problems import problem_table
from spec import Deployment, SpecError, load
from spec.images import ImageRelease, images_file, read
from spec.source import read_document

APPS: Final = Path("apps")

AppOption = Annotated[str, typer.Option("--app", metavar="NAME", help="The application: a file's name in apps/.")]
EnvOption = Annotated[str, typer.Option("--env", metavar="NAME", help="dev, staging, prod or preview.")]
ImagesArgument = Annotated[
    list[str],
    typer.Argument(metavar="SERVICE=TAG...", help="The service, and a tag or a digest (sha256:…) in its registry."),
]
GlassOption = Annotated[
    str | None,
    typer.Option(
        "--break-glass",
        metavar="WHY",
        help="Release although an alarm is red or a freeze holds; your name goes with it.",
    ),
]
ServiceArgument = Annotated[str, typer.Argument(metavar="SERVICE", help="The service to take back.")]
BecauseOption = Annotated[
    str, typer.Option("--because", metavar="WHY", help="What was wrong with it; it stands in the file.")
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", metavar="TAG", help="Where to go back to: a tag or a digest; the one before by default."),
]


def release(
    images: ImagesArgument, env: EnvOption, app: AppOption = "generator-platform", break_glass: GlassOption = None
) -> None:
    """Write which image an environment is to run; the next `cdk deploy` releases it.

    The tag is looked up in the environment's registry and its digest is written to
    `apps/<app>.images.yaml`. Review it, commit it, deploy it:

        understudy release web=v1.4.2 api=v1.4.2 --env prod
    """
    console, file = Console(), APPS / f"{app}.yaml"
    wanted = dict(_pair(text) for text in images)
    try:
        deployment = load(file).for_environment(env)
        _known(deployment, file, list(wanted))
        found = _resolved(deployment, wanted)
        releases = [images_edit.Release(service, digest, tag, by, break_glass) for service, digest, tag, by in found]
        before = dict(deployment.images)
        deployment = images_edit.release(file, deployment.environment, releases)
    except SpecError as error:
        raise _refused(error) from None
    _say(console, file, deployment, before, [one.service for one in releases])


def rollback(
    service: ServiceArgument,
    env: EnvOption,
    because: BecauseOption,
    app: AppOption = "generator-platform",
    to: ToOption = None,
) -> None:
    """Take a service back to the image it ran before, and let nobody run the present one again.

    Writes both to `apps/<app>.images.yaml`; the next `cdk deploy` goes back. A release that is still under way is
    stopped first, see docs/runbooks/roll-back-a-release.md.

        understudy rollback web --env prod --because "checkout fails for guests"
    """
    console, file = Console(), APPS / f"{app}.yaml"
    try:
        deployment = load(file).for_environment(env)
        _known(deployment, file, [service])
        present = _entry(file, deployment, service)
        by, instead = _instead(deployment, service, present, to)
        if instead == present.digest:
            raise _stop(f"{service} runs {instead[:19]}… already: name another one by --to")
        rejection = images_edit.Rejection(service, present.digest, instead, by, because)
        before = dict(deployment.images)
        deployment = images_edit.reject(file, deployment.environment, rejection)
    except SpecError as error:
        raise _refused(error) from None
    _say(console, file, deployment, before, [service])
    group = f"{deployment.prefix}-{service}"
    console.print("\nIs the release still under way? Stop it first; traffic is back within seconds:")
    console.print(
        f"  aws deploy list-deployments --region {deployment.region} --application-name {deployment.prefix} "
        f"--deployment-group-name {group} --include-only-statuses InProgress\n"
        f"  aws deploy stop-deployment --region {deployment.region} --auto-rollback-enabled --deployment-id ID",
        soft_wrap=True,
        markup=False,
        highlight=False,
    )


def _pair(text: str) -> tuple[str, str]:
    service, equals, reference = text.partition("=")
    if not (service and equals and reference):
        raise _stop(f"{text!r} names no image: write SERVICE=TAG, such as web=v1.4.2")
    return service, reference


def _known(deployment: Deployment, file: Path, services: list[str]) -> None:
    built = [name for name, service in deployment.services.items() if service.build]
    unknown = [name for name in services if name not in built]
    if unknown:
        raise _stop(f"{file} builds no {', '.join(unknown)}. It builds {', '.join(built) or 'nothing'}")


def _resolved(deployment: Deployment, wanted: dict[str, str]) -> list[tuple[str, str, str | None, str]]:
    """Service, digest, tag and who asked; every unknown image at once."""
    from cli.registry import Registry, RegistryError  # noqa: PLC0415 - botocore is slow to import

    problems, found = [], []
    try:
        registry = Registry(deployment)
        by = registry.caller()
    except RegistryError as error:
        raise _stop(str(error)) from None
    for service, reference in wanted.items():
        try:
            image = registry.resolve(service, reference)
            found.append((service, image.digest, image.tag, by))
        except RegistryError as error:
            problems.append(str(error))
    if problems:
        raise _stop("\n  ".join(problems))
    return found


def _entry(file: Path, deployment: Deployment, service: str) -> ImageRelease:
    images, _ = read(read_document(images_file(file), optional=True), deployment.environment)
    if service not in images.images:
        raise _stop(f"{service} was never released in {deployment.environment}: there is nothing to go back from")
    return images.images[service]


def _instead(deployment: Deployment, service: str, present: ImageRelease, to: str | None) -> tuple[str, str]:
    """Who asks, and the digest to go back to. Without --to it needs no AWS: at night that may be the broken part."""
    if to is not None:
        _, digest, _, by = _resolved(deployment, {service: to})[0]
        return by, digest
    if present.previous is None:
        raise _stop(f"the file does not say what {service} ran before: name it by --to TAG")
    return _user(), present.previous


def _user() -> str:
    """The name in git's settings, which stands in the commit too; else the login."""
    import getpass  # noqa: PLC0415 - wanted here alone
    import subprocess  # noqa: PLC0415 - wanted here alone

    asked = subprocess.run(["git", "config", "user.email"], capture_output=True, text=True, check=False)  # noqa: S607
    return asked.stdout.strip() or getpass.getuser()


def _say(console: Console, file: Path, deployment: Deployment, before: dict[str, str], services: list[str]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("service", "ran", "is to run"):
        table.add_column(column, no_wrap=True)
    for service in services:
        table.add_row(service, before.get(service, "nothing")[:19], deployment.images[service][:19])
    console.print(table)
    for service, glass in deployment.break_glass.items():
        console.print(f"[yellow]![/] {service} goes past alarms and freezes: {glass.by}, because {glass.because}")
    app, environment = file.stem, deployment.environment
    console.print(f"\n[green]✓[/] {images_file(file)} says so. Now review, commit, and deploy it:")
    console.print(f"  cdk diff --all -c app={app} -c env={environment}", highlight=False)
    console.print(f"  cdk deploy --all -c app={app} -c env={environment}", highlight=False)


def _stop(text: str) -> typer.Exit:
    Console(stderr=True).print(f"[red]✗[/] {text}\nNothing was changed.", soft_wrap=True, highlight=False)
    return typer.Exit(1)


def _refused(error: SpecError) -> typer.Exit:
    console = Console(stderr=True)
    console.print(problem_table(error.problems))
    console.print("[red]✗[/] nothing was changed")
    return typer.Exit(1)
