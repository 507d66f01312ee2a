"""What the loss of a region costs: minutes without the application, and minutes of lost data, term by term.

The clock of recovery starts when the region is lost and stops when the smoke tests have passed where it was taken over.
Every term counts in full, one after the other, although some pass side by side: a lease mostly runs out while the loss is
still being noticed.
"""

from __future__ import annotations

from spec.assessment import Assessment, Term, total
from spec.backup import DAY_HOURS
from spec.cheapest_recovery import cheapest_recovery
from spec.deployment import Deployment
from spec.provisioning import (
    BROKER_CREATION,
    CACHE_CREATION,
    COPY_COMPLETION,
    COPY_TRANSFER,
    EDGE_CREATION,
    NETWORK_CREATION,
    NOTICED_BY_PEOPLE,
    SERVICES_CREATION,
    SNAPSHOT_RESTORE,
)
from spec.recovery_times import (
    ALARM_SECONDS,
    CLOCK_MARGIN_SECONDS,
    FILES_MINUTES,
    GATE_SECONDS,
    OBJECTS_MINUTES,
    PROPAGATION_SECONDS,
    WARM_UP_MINUTES,
    launch_seconds,
    run_out_seconds,
    window_seconds,
)
from spec.release_objectives import running
from spec.services import Service


def assess_region(deployment: Deployment) -> tuple[Assessment, ...]:
    """The promises of `objectives`, and `recovery.objects_minutes`, held against the loss of the active region.

    Empty where nothing takes over: with `strategy: none`, and from a failover until the other region follows again.
    """
    if not takes_over(deployment):
        return ()
    promised = deployment.objectives
    found = []
    for name, target, terms_of, path in (
        ("region_rto_minutes", promised.rto_minutes, region_loss, ("objectives", "rto_minutes")),
        ("region_rpo_minutes", promised.rpo_minutes, lost_with_region, ("objectives", "rpo_minutes")),
        ("objects_minutes", deployment.recovery.objects_minutes, lost_objects, ("recovery", "objects_minutes")),
    ):
        terms = terms_of(deployment)
        if target is None or (name == "objects_minutes" and not terms):
            continue
        remedy = cheapest_recovery(deployment, terms_of, target) if total(terms) > target else ""
        event = f"the loss of {deployment.active_region}"
        found.append(Assessment(name, "minutes", target, total(terms), terms, remedy, path=path, event=event))
    return tuple(found)


def takes_over(deployment: Deployment) -> bool:
    """Whether anything would take over if the active region were lost now, as the spec has it.

    Not so where the regions that it names cannot be right: a rule says that.
    """
    regions = {deployment.home_region, deployment.recovery.region}
    if len(regions) == 1 or deployment.active_region not in regions:
        return False
    return deployment.following or deployment.recovery.strategy == "backup_restore"


def region_loss(deployment: Deployment) -> tuple[Term, ...]:
    """Terms until the stand-in serves users, by `recovery.strategy`."""
    if deployment.recovery.strategy == "backup_restore":
        return (NOTICED_BY_PEOPLE, _person(deployment), *_built_anew(deployment), _verification(deployment))
    return (*_noticed(deployment), *_decision(deployment), *takeover(deployment))


def takeover(deployment: Deployment) -> tuple[Term, ...]:
    """Terms from the decision until the stand-in serves users."""
    seconds = run_out_seconds(deployment.recovery)
    return (
        Term("lease", seconds / 60, f"recovery.lease_seconds + {CLOCK_MARGIN_SECONDS} s for clocks"),
        *_promotion(deployment),
        *_scale_up(deployment),
        Term(
            "switch",
            PROPAGATION_SECONDS / 60,
            "a new value at every edge location: AWS promises no figure, 21-32 s were seen (decision 18)",
            assumed=True,
        ),
        _verification(deployment),
    )


def lost_with_region(deployment: Deployment) -> tuple[Term, ...]:
    """The newest committed data that the loss of the region may take.

    Of a replica: what was written since the last heartbeat that it has replayed, and where a witness can tell, until the
    end of the lease, within which a region that was only cut off may have confirmed writes. A failover counts the same, and
    one that would lose more than the objective allows asks a person first (lambdas/failover/loss.py).
    """
    recovery = deployment.recovery
    if recovery.strategy == "backup_restore":
        return _copies(deployment)
    if deployment.database is None:
        return ()
    terms = [
        Term("heartbeat", recovery.heartbeat_seconds / 60, "recovery.heartbeat_seconds"),
        Term("replication lag", recovery.lag_seconds / 60, "recovery.lag_seconds: beyond it an alarm tells"),
    ]
    if recovery.witness_region is not None:
        terms.append(Term("lease", recovery.lease_seconds / 60, "recovery.lease_seconds: writes may end no sooner"))
    return tuple(terms)


def lost_objects(deployment: Deployment) -> tuple[Term, ...]:
    """The newest objects and files that the loss of the region may take: each is copied on its own, the slowest counts."""
    storage = deployment.storage
    if deployment.recovery.strategy == "backup_restore":
        return _copies(deployment) if storage.data or storage.files else ()
    terms = []
    if storage.data or storage.assets:
        source = "S3 User Guide, Replication Time Control: 99.99 % of new objects within 15 minutes"
        terms.append(Term("objects", OBJECTS_MINUTES, source))
    if storage.files:
        terms.append(Term("files", FILES_MINUTES, "EFS User Guide, replication: 15 minutes for most file systems"))
    return (max(terms, key=lambda term: term.minutes),) if terms else ()


def _noticed(deployment: Deployment) -> tuple[Term, ...]:
    recovery = deployment.recovery
    return (
        Term("probes", window_seconds(recovery) / 60, "recovery: probe_seconds × probe_failures"),
        Term("alarm", ALARM_SECONDS / 60, "CloudWatch User Guide, alarm evaluation: once a minute"),
    )


def _decision(deployment: Deployment) -> tuple[Term, ...]:
    """Without a witness nobody can know that the other region has stopped, so a person is asked whatever the spec says."""
    return () if deployment.recovery.decides_alone else (_person(deployment),)


def _person(deployment: Deployment) -> Term:
    return Term("decision", deployment.recovery.approval_minutes, "recovery.approval_minutes")


def _promotion(deployment: Deployment) -> tuple[Term, ...]:
    if deployment.database is None:
        return ()
    recovery = deployment.recovery
    source = 'recovery.promotion_minutes; RDS User Guide: "several minutes or longer", no measurement is published'
    return (
        Term("lag gate", GATE_SECONDS / 60, "one look at the last replayed heartbeat"),
        Term("promotion", recovery.promotion_minutes, source, assumed=True),
        Term(
            "opening",
            recovery.heartbeat_seconds / 60,
            "recovery.heartbeat_seconds: the guard's next beat makes logins valid",
        ),
    )


def _scale_up(deployment: Deployment) -> tuple[Term, ...]:
    """To the active numbers, and tasks that reconnect. Where no task runs, those that others depend on come up first."""
    cold = deployment.recovery.strategy == "pilot_light"
    slowest = max((running(service) for service in deployment.services.values()), key=total)
    terms = list(_slowest_chain(deployment) if cold else slowest)
    launch = launch_seconds(_missing_tasks(deployment))
    if launch:
        terms.insert(
            0, Term("launch rate", launch / 60, "ECS Developer Guide, Fargate quotas: 100 tasks, then 20 a second")
        )
    if deployment.cache is not None:
        terms.append(
            Term("warm-up", WARM_UP_MINUTES, "the cache starts empty; only a drill with load can tell", assumed=True)
        )
    return tuple(terms)


def _missing_tasks(deployment: Deployment) -> int:
    """How many tasks the waiting site lacks."""
    waiting = next(site for site in deployment.sites() if not site.active)
    return sum(service.replicas - waiting.services[name].replicas for name, service in deployment.services.items())


def _slowest_chain(deployment: Deployment) -> tuple[Term, ...]:
    """The longest sum along `dependencies`: a service is ready once those that it talks to are."""
    known: dict[str, tuple[Term, ...]] = {}

    def chain(name: str, waiting: tuple[str, ...]) -> tuple[Term, ...]:
        if name not in known:
            service = deployment.services[name]
            # A circle is refused by a rule of its own.
            first = [other for other in service.dependencies if other in deployment.services and other not in waiting]
            before = max((chain(other, (*waiting, name)) for other in first), key=total, default=())
            known[name] = (*before, *_named(name, service))
        return known[name]

    return max((chain(name, (name,)) for name in deployment.services), key=total)


def _named(name: str, service: Service) -> tuple[Term, ...]:
    return tuple(Term(f"{term.what} of {name}", term.minutes, term.source) for term in running(service))


def _built_anew(deployment: Deployment) -> tuple[Term, ...]:
    """Everything is deployed to the other region; data stores come up side by side, the slowest counts."""
    stores = []
    if deployment.database is not None:
        stores.append(SNAPSHOT_RESTORE)
    if deployment.cache is not None:
        stores.append(CACHE_CREATION)
    if deployment.queue is not None:
        stores.append(BROKER_CREATION)
    slowest = sorted(stores, key=lambda term: term.minutes)[-1:]
    return (NETWORK_CREATION, *slowest, SERVICES_CREATION, EDGE_CREATION)


def _copies(deployment: Deployment) -> tuple[Term, ...]:
    """Copies of continuous backups are snapshots at the plan's frequency (AWS Backup Developer Guide), so that counts in full."""
    backup = deployment.backup
    hours = backup.copies.every_hours if backup.copies else DAY_HOURS  # without copies a rule refuses it
    return (
        Term("copy frequency", 60.0 * hours, "backup.copies.every_hours"),
        Term("start of the job", backup.start_window_minutes, "backup.start_window_minutes"),
        COPY_COMPLETION,
        COPY_TRANSFER,
    )


def _verification(deployment: Deployment) -> Term:
    seconds = max(service.release.hooks.test_traffic_seconds for service in deployment.services.values())
    return Term("verification", seconds / 60, "release.hooks.test_traffic_seconds: the smoke tests' limit")
