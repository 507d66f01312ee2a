"""A stand-in that could not stand in, and values that do not fit what has become of the two regions."""

from __future__ import annotations

from collections.abc import Iterator

from spec.deployment import Deployment
from spec.problem import Finding
from spec.recovery_times import BEATS, window_seconds
from spec.rules import network
from spec.tables.regions import REGIONS, another_region

REGION = ("recovery", "region")
WITNESS = ("recovery", "witness_region")
ACTIVE = ("recovery", "active")
STRATEGY = ("recovery", "strategy")


def check(deployment: Deployment) -> Iterator[Finding]:
    """Regions, which of them is active, lease and probes, and the stand-in's network."""
    recovery = deployment.recovery
    yield from _active(deployment)
    if recovery.strategy == "none":
        return
    if recovery.region == deployment.region:
        what = "would stand in for itself" if recovery.stands_in else "would be lost with the copies it is to keep"
        reason = f"{recovery.region} is the environment's own region: it {what}"
        yield Finding(REGION, reason, f"For example: {another_region(deployment.region)}", (("region",),))
    if recovery.stands_in:
        yield from _witness(deployment)
        yield from _times(deployment)
        yield from _entry(deployment)
        yield from _drills(deployment)
        if recovery.region != deployment.region:
            yield from _network(deployment)


def _active(deployment: Deployment) -> Iterator[Finding]:
    recovery = deployment.recovery
    active = deployment.active_region
    if active == deployment.region:
        return
    if recovery.strategy != "none" and active != recovery.region:
        reason = f"{active} is neither the environment's own region nor its stand-in"
        remedy = f"{deployment.region} or {recovery.region}: the one that takes writes now"
        yield Finding(ACTIVE, reason, remedy, (("region",), REGION))
    elif not recovery.stands_in:
        reason = f"{active} takes the writes, and with `strategy: {recovery.strategy}` nothing of it would be left"
        yield Finding(ACTIVE, reason, "Fail back first (`understudy failback`), then switch it off", (STRATEGY,))


def _witness(deployment: Deployment) -> Iterator[Finding]:
    recovery = deployment.recovery
    sites = {deployment.region: "the environment's own region", recovery.region: "the stand-in"}
    if recovery.witness_region in sites:
        reason = f"{recovery.witness_region} is {sites[recovery.witness_region]}: it would bear witness to itself"
        yield Finding(WITNESS, reason, f"A third region, such as {another_region(*sites)}", (("region",), REGION))


def _drills(deployment: Deployment) -> Iterator[Finding]:
    if deployment.recovery.drill_days is None or deployment.database is None or deployment.copies_backups:
        return
    reason = "a drill restores the newest copy of a backup that lies in the other region, and none are made"
    remedy = "Leave out `backup.daily_days` and `backup.copies` for daily copies, or write `drill_days: null`"
    yield Finding(("recovery", "drill_days"), reason, remedy, (("backup", "daily_days"), ("backup", "copies")))


def _times(deployment: Deployment) -> Iterator[Finding]:
    recovery = deployment.recovery
    least = BEATS * recovery.heartbeat_seconds
    if recovery.lease_seconds < least:
        reason = (
            f"a lease of {recovery.lease_seconds} s has room for "
            f"{recovery.lease_seconds / recovery.heartbeat_seconds:.1f} heartbeats of {recovery.heartbeat_seconds} s: "
            "the first that fail would stop the application's writes"
        )
        remedy = f"{least} or more: {BEATS} heartbeats"
        yield Finding(("recovery", "lease_seconds"), reason, remedy, (("recovery", "heartbeat_seconds"),))
    window = window_seconds(recovery)
    if window < least:
        reason = (
            f"{recovery.probe_failures} probes every {recovery.probe_seconds} s fail within {window} s, in which "
            f"{window / recovery.heartbeat_seconds:.1f} heartbeats of {recovery.heartbeat_seconds} s are due: "
            "too few for their absence to say anything"
        )
        remedy = f"{-(-least // recovery.probe_seconds)} or more: {BEATS} heartbeats"
        yield Finding(("recovery", "probe_failures"), reason, remedy, (("recovery", "probe_seconds"),))


def _entry(deployment: Deployment) -> Iterator[Finding]:
    if deployment.edge.entry != "cdn":
        reason = "the CDN is what leads users to the region that is active, and there is none"
        yield Finding(STRATEGY, reason, "`edge.entry: cdn`, or strategy none or backup_restore", (("edge", "entry"),))


def _network(deployment: Deployment) -> Iterator[Finding]:
    """The stand-in's zones and addresses, by the rules for every network."""
    there = next(site for site in deployment.sites() if site.site == "stand_in")
    letters = REGIONS[there.region].zones
    if there.network.zones > len(letters):
        reason = f"{there.region} has {len(letters)} zones, not {there.network.zones}"
        yield Finding(REGION, reason, f"`network.zones` {len(letters)}, or another region", (("network", "zones"),))
    elif deployment.recovery.cidr is not None:
        full = there.model_copy(update={"services": deployment.services})
        for finding in network.sizes(full):
            if finding.path == ("network", "cidr"):
                yield Finding(("recovery", "cidr"), finding.reason, finding.remedy, finding.about)
            elif finding.path[:2] == ("network", "reserved_cidrs"):
                yield Finding(("recovery", "cidr"), finding.reason, "Choose another recovery.cidr", (finding.path,))
