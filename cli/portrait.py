"""One environment at a glance: its parts, and how it meets its objectives."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from spec import Deployment
from spec.assessment import Assessment, total
from spec.bill import metered_by_region
from spec.objectives import assess
from spec.release_objectives import automatic_rollback_of, release_of
from spec.release_times import step_percentages
from spec.remarks import remarks
from spec.services import Service

MINUTES_IN_FULL = 10
"""From here on tenths of a minute are noise."""


def portrait(deployment: Deployment) -> Panel:
    """A panel with the parts and the objectives of `deployment`."""
    return Panel(
        Group(_parts(deployment), _objectives(deployment), *_remarks(deployment)),
        title=f"[bold]{deployment.prefix}[/]",
        subtitle=f"{deployment.edge.domain} · {', '.join(deployment.regions)}",
        border_style="blue",
        box=box.ROUNDED,
    )


def _parts(deployment: Deployment) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for name, text in _rows(deployment):
        table.add_row(name, text)
    return table


def _rows(deployment: Deployment) -> Iterator[tuple[str, str]]:
    network, zones = deployment.network, deployment.availability_zones
    gateways = _count(network.nat_gateways, "NAT gateway")
    endpoints = _count(len(network.gateway_endpoints) + len(network.interface_endpoints), "endpoint")
    yield "network", f"{network.cidr} over {', '.join(zones)}; {gateways}, {endpoints}"
    yield "edge", _edge(deployment)
    for name, service in deployment.services.items():
        yield name, _service(deployment, name, service)
    yield from _data(deployment)
    protection = deployment.protection
    guard = "cannot be deleted by accident" if protection.deletion_protection else "can be deleted"
    removal = "data is kept on removal" if protection.on_removal == "keep" else "nothing is left on removal"
    yield "protection", f"{guard}; {removal}; backups for {_count(deployment.backup.retention_days, 'day')}"
    yield from _recovery(deployment)
    for region, counts in metered_by_region(deployment).items():
        where = "" if region == deployment.active_region else f" in {region}"
        yield f"by the hour{where}", ", ".join(_count(number, what) for what, number in counts.items() if number)
    if deployment.monitoring.notify:
        yield "alarms to", ", ".join(deployment.monitoring.notify)


def _edge(deployment: Deployment) -> str:
    if deployment.edge.entry == "cdn":
        static = f"; {', '.join(deployment.edge.static_paths)} from S3" if deployment.edge.static_paths else ""
        return (
            f"https://{deployment.edge.domain} by CloudFront and WAF to a load balancer without public address{static}"
        )
    return f"https://{deployment.edge.domain} by a public load balancer and WAF"


def _service(deployment: Deployment, name: str, service: Service) -> str:
    most = f" to {service.scaling.max_replicas}" if service.scaling else ""
    text = f"{service.replicas}{most} × {service.vcpu:g} vCPU, {service.memory_gib:g} GiB, {service.storage_gib} GiB"
    text += f"; port {service.port}, {' '.join(service.public) or 'private'}"
    if service.dependencies:
        text += f"; talks to {', '.join(service.dependencies)}"
    text += f"\n{_release(service)}"
    if not deployment.released(name):
        text += "\n[yellow]no image is released yet: nothing of it runs until its first release[/]"
    return text


def _release(service: Service) -> str:
    """How a new version goes live and back: by itself, in minutes."""
    release = service.release
    there, back = total(release_of(service)), total(automatic_rollback_of(service))
    steps = " → ".join(f"{percent} %" for percent in step_percentages(release)) if release.shifts else "task by task"
    how = f"{release.strategy} by {release.engine}: {steps}"
    return f"[dim]{how}; live in {there:.1f} minutes, back by itself in {back:.1f}[/]"


def _data(deployment: Deployment) -> Iterator[tuple[str, str]]:
    if database := deployment.database:
        standby = "Multi-AZ" if database.multi_az else "one zone"
        replicas = _count(database.read_replicas, "read replica")
        size = f"{database.instance_class}, {database.storage_gib} to {database.max_storage_gib} GiB"
        yield "database", f"PostgreSQL {database.engine_version}, {size}; {standby}, {replicas}"
    if cache := deployment.cache:
        shards = f"{_count(cache.shards, 'shard')} of {_count(1 + cache.replicas_per_shard, 'node')}"
        yield "cache", f"Redis {cache.engine_version}, {cache.node_type}; {shards}"
    if queue := deployment.queue:
        brokers = "cluster of 3 brokers" if queue.deployment == "cluster" else "1 broker"
        yield "queue", f"RabbitMQ {queue.engine_version}, {queue.instance_type}; {brokers}"
    storage = deployment.storage
    kept = [name for name in ("assets", "data", "logs", "backups", "files") if getattr(storage, name) is not None]
    yield "storage", ", ".join(kept)


def _recovery(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """What stands where, and which region takes writes."""
    recovery = deployment.recovery
    if recovery.strategy == "none":
        return
    if not recovery.stands_in:
        yield "recovery", f"copies of backups in {recovery.region}; everything else is deployed there when it is needed"
        return
    waiting = next(site for site in deployment.sites() if not site.active)
    tasks = sum(service.replicas for service in waiting.services.values())
    text = f"{deployment.active_region} is active; {waiting.region} "
    text += "follows" if waiting.following else "was abandoned and follows nothing"
    text += f", {recovery.strategy.replace('_', ' ')} with {_count(tasks, 'task')}"
    if deployment.database is not None and waiting.following:
        text += f"; database {waiting.database_identifier} replicates {waiting.source_database_identifier}"
    yield "recovery", text + f"\n[dim]{_decides(deployment)}[/]"


def _decides(deployment: Deployment) -> str:
    recovery = deployment.recovery
    who = "by itself" if recovery.decides_alone else "once a person approves"
    witness = f", with a witness in {recovery.witness_region}" if recovery.witness_region else ", without a witness"
    return f"a failover goes on {who}{witness}; messages in the queue and the cache's content are not copied"


def _remarks(deployment: Deployment) -> Iterator[Text]:
    for remark in remarks(deployment):
        yield Text(f"! {remark}", style="yellow")


def _objectives(deployment: Deployment) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), title="\nObjectives", title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    assessments = assess(deployment)
    for assessment in assessments:
        mark = "[green]✓[/]" if assessment.met else "[red]✗[/]"
        promise = "at least" if assessment.higher_is_better else "at most"
        sums = f"{assessment.figure}; promised {promise} {assessment.target:g}"
        table.add_row(mark, _title(assessment.objective), f"{sums}\n[dim]{_terms(assessment)}[/]")
    for name, promised in _watched(deployment):
        table.add_row("[blue]○[/]", _title(name), f"promised {promised}; an alarm tells when it is missed")
    if any(term.assumed for assessment in assessments for term in assessment.terms):
        table.add_row(
            "[dim]~[/]",
            "[dim]assumed[/]",
            "[dim]nobody has published a measurement; a planned change of regions measures yours[/]",
        )
    return table


def _terms(assessment: Assessment) -> str:
    terms = " + ".join(f"{term.what} {'~' * term.assumed}{_figure(term.minutes)}" for term in assessment.terms)
    if not terms:
        return "nothing stands in the way"
    return f"interrupted for {terms} minutes" if assessment.higher_is_better else f"{terms} minutes"


def _figure(minutes: float) -> str:
    return f"{minutes:.0f}" if minutes >= MINUTES_IN_FULL else f"{minutes:.2g}"


def _watched(deployment: Deployment) -> Iterator[tuple[str, str]]:
    objectives = deployment.objectives
    if objectives.response_ms is not None:
        yield "response_ms", f"at most {objectives.response_ms} ms (p95)"
    if objectives.error_rate is not None:
        yield "error_rate", f"at most {objectives.error_rate:.2%}"


def _title(objective: str) -> str:
    return {
        "deploy_minutes": "release",
        "rollback_minutes": "rollback",
        "rto_minutes": "recovery from a lost zone",
        "rpo_minutes": "data lost with it",
        "region_rto_minutes": "recovery from a lost region",
        "region_rpo_minutes": "data lost with it",
        "objects_minutes": "objects lost with it",
        "uptime": "uptime in 30 days",
        "response_ms": "response time",
        "error_rate": "errors",
    }[objective]


def _count(number: float, noun: str) -> str:
    plural = "" if number == 1 or noun[-1].isupper() else "s"
    return f"{number or 'no'} {noun}{plural}" if isinstance(number, int) else f"{number:g} {noun}{plural}"
