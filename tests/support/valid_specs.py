"""Hypothesis strategies for application files that Understudy accepts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from spec.deployment import RESOURCES
from spec.environment import ENVIRONMENTS
from spec.names import longest_application
from spec.tables import instances, versions
from spec.tables.fargate import MEMORY_GIB_BY_VCPU
from spec.tables.logs import RETENTION_DAYS
from spec.tables.regions import REGIONS

Data = dict[str, Any]

DIGEST = "sha256:" + "ab" * 32

LONGEST_NAME = min(longest_application(environment) for environment in ENVIRONMENTS)

names = st.from_regex(r"[a-z](-?[a-z0-9]){1,10}", fullmatch=True).filter(lambda name: name not in RESOURCES)


def chosen(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Something or nothing."""
    return st.none() | strategy


@st.composite
def services(draw: st.DrawFn, resources: list[str]) -> Data:
    """One to four services; each depends only on those before it, the first answers `/*`."""
    found: Data = {}
    for index, name in enumerate(draw(st.lists(names, min_size=1, max_size=4, unique=True))):
        vcpu = draw(st.sampled_from(sorted(MEMORY_GIB_BY_VCPU)))
        replicas = draw(st.integers(2, 5))
        image: Data = draw(
            st.sampled_from([{"build": {"context": "."}}, {"image": f"public.ecr.aws/example/{name}@{DIGEST}"}])
        )
        service: Data = {
            **image,
            "port": 3000 + index,
            "vcpu": vcpu,
            "memory_gib": draw(st.sampled_from(MEMORY_GIB_BY_VCPU[vcpu])),
            "storage_gib": draw(st.integers(20, 200)),
            "architecture": draw(st.sampled_from(["arm64", "x86_64"])),
            "replicas": replicas,
            "public": ["/*"] if index == 0 else draw(st.sampled_from([[], [f"/{name}/*"], [f"/{name}", f"/{name}/*"]])),
            "dependencies": draw(st.lists(st.sampled_from([*found, *resources]), unique=True))
            if [*found, *resources]
            else [],
            "variables": draw(
                st.dictionaries(
                    st.sampled_from(["NODE_ENV", "FEATURES", "REGION_NAME"]), st.sampled_from(["a", "b c", ""])
                )
            ),
            "scale_in_protection": draw(st.booleans()),
        }
        asked = bool(service["public"])
        scaling = draw(chosen(_scaling(replicas, with_queue="queue" in resources, with_requests=asked)))
        if scaling is not None:
            service["scaling"] = scaling
        if draw(st.booleans()):
            service["health"] = {
                "liveness": {"command": ["healthy"]},
                "custom": [{"name": "deep", "path": "/health/deep"}],
            }
        found[name] = service
    return found


@st.composite
def _scaling(draw: st.DrawFn, replicas: int, *, with_queue: bool, with_requests: bool) -> Data:
    scaling: Data = {
        "max_replicas": draw(st.integers(replicas, 20)),
        "cpu_percent": draw(st.sampled_from([None, 50, 62.5])),
        "memory_percent": draw(st.sampled_from([None, 75])),
        "requests_per_minute": draw(st.sampled_from([None, 600])) if with_requests else None,
    }
    if with_queue and draw(st.booleans()):
        scaling["queue_depth"] = {"queue": "work", "messages_per_replica": 10}
    if draw(st.booleans()):
        scaling["schedules"] = [
            {"name": "day", "cron": "cron(0 7 ? * MON-FRI *)", "min_replicas": 2, "max_replicas": 9}
        ]
    return scaling


def _reached(found: Data, name: str) -> bool:
    """Whether another service calls it."""
    return any(name in service["dependencies"] for service in found.values())


@st.composite
def _release(draw: st.DrawFn, found: Data, name: str, entry: str) -> Data | None:
    """How the service `name` is released; None leaves it to the environment. Only what an engine can do, which is what the
    rules of releases admit.
    """
    service = found[name]
    called, patterns = _reached(found, name), len(service["public"])
    if not patterns and not called:
        return {"engine": "ecs", "strategy": "rolling"}
    everything = not patterns or "/*" in service["public"]
    path = "/" if everything else f"/{name}/front"
    by_two_listeners = bool(patterns) and called and entry == "load_balancer"
    engines = [
        *([] if by_two_listeners or not everything else [None]),
        *([] if by_two_listeners else ["codedeploy"]),
        *(["ecs"] if patterns <= 1 else []),
        "rolling",
    ]
    engine = draw(st.sampled_from(engines))
    if engine is None:
        return None
    if engine == "rolling":
        return {"engine": "ecs", "strategy": "rolling"}
    datapoints = draw(st.integers(1, 2))
    release: Data = {
        "engine": engine,
        "strategy": draw(st.sampled_from(["blue_green", "canary", "linear"])),
        "canary_percent": draw(st.integers(1, 99)),
        # An alarm needs its periods, and one more minute for the numbers to arrive.
        "canary_minutes": draw(st.integers(datapoints + 1, 6)),
        "linear_percent": draw(st.integers(20, 50)),
        "linear_minutes": draw(st.integers(datapoints + 1, 4)),
        "bake_minutes": draw(st.sampled_from([None, 0, 3])),
        "keep_old_minutes": draw(st.integers(0, 5)) if engine == "codedeploy" else 0,
        "after": draw(st.lists(st.sampled_from(_before(found, name)), unique=True)) if _before(found, name) else [],
        "alarms": {"datapoints": datapoints, "others": draw(st.sampled_from([[], ["orders"]]))},
        "load": draw(st.sampled_from([None, {"path": path, "requests_per_second": 5}])),
    }
    if draw(st.booleans()) or not everything:
        release["smoke_tests"] = [{"name": "front", "path": path, "headers": {"X-Version": "2"}}]
        release["endpoints"] = [{"name": "payments", "url": "https://api.example.com/health"}]
    return release


def _before(found: Data, name: str) -> list[str]:
    """Services that stand before it in the file, for which it may wait without a circle."""
    listed = list(found)
    return listed[: listed.index(name)]


@st.composite
def releases(draw: st.DrawFn, found: Data, entry: str) -> Data:
    """The services of `found`, each with a release of its own or the environment's, and some with a migration."""
    for name, service in found.items():
        release = draw(_release(found, name, entry))
        if release is None:
            continue
        service["release"] = release
        if release["strategy"] != "rolling" and draw(st.booleans()):
            way_back = draw(st.sampled_from([{"kind": "compatible"}, {"kind": "command", "command": ["undo"]}]))
            service["migration"] = {"command": ["migrate"], "way_back": way_back}
    return found


@st.composite
def data(draw: st.DrawFn) -> Data:
    """Database, cache, queue and storage, each there or not; strong enough for production."""
    found: Data = {}
    if draw(st.booleans()):
        storage = draw(st.integers(20, 1000))
        found["database"] = {
            "engine_version": draw(st.sampled_from(versions.POSTGRESQL)),
            "instance_class": draw(st.sampled_from(sorted(instances.DATABASE))),
            "storage_gib": storage,
            "max_storage_gib": storage * 2,
            "multi_az": True,
            "read_replicas": draw(st.integers(0, 3)),
        }
    if draw(st.booleans()):
        found["cache"] = {
            "engine_version": draw(st.sampled_from(versions.REDIS)),
            "node_type": draw(st.sampled_from(sorted(instances.CACHE))),
            "shards": draw(st.integers(1, 4)),
            "replicas_per_shard": draw(st.integers(1, 2)),
        }
    if draw(st.booleans()):
        version = draw(st.sampled_from(sorted(versions.RABBITMQ_BROKERS)))
        sizes = [name for name in sorted(instances.BROKER) if name.startswith(versions.RABBITMQ_BROKERS[version])]
        usable = [name for name in sizes if name not in instances.SINGLE_ONLY_BROKERS]
        found["queue"] = {"engine_version": version, "instance_type": draw(st.sampled_from(usable))}
    storage_settings: Data = {}
    if draw(st.booleans()):
        storage_settings["files"] = {"mount_path": "/mnt/shared"}
    if storage_settings:
        found["storage"] = storage_settings
    return found


@st.composite
def secrets(draw: st.DrawFn, found: Data) -> Data:
    """Secrets of each kind, or none; the services of `found` use some of them."""
    kinds: list[Data] = [
        {"source": "generated", "length": 64},
        {"source": "generated", "unrotated_because": "Data is encrypted with it"},
        {"source": "supplied", "replace_after_days": 60},
    ]
    chosen_names = draw(st.lists(st.sampled_from([f"KEY_{letter}" for letter in "ABCDEFGHIJ"]), unique=True))
    described = {name: {"description": "A secret", **draw(st.sampled_from(kinds))} for name in chosen_names}
    for service in found.values():
        service["secrets"] = draw(st.lists(st.sampled_from(chosen_names), unique=True)) if chosen_names else []
    return described


@st.composite
def backups(draw: st.DrawFn, environments: Sequence[str]) -> Data:
    """Backups of any kind; production's are locked and tested."""
    found: Data = {
        "time": draw(st.sampled_from(["00:00", "23:15"])),
        "continuous_days": draw(st.sampled_from([None, 7, 35])),
        "longer": draw(st.sampled_from([[], [{"every": "week", "keep_days": 120, "cold_after_days": 30}]])),
        "copies": draw(st.sampled_from([None, {"every_hours": 4, "keep_days": 7}])),
    }
    if "prod" not in environments and draw(st.booleans()):
        found |= {"lock": None, "restore_tests": None}
    elif draw(st.booleans()):
        # Previews keep their backups for a day, and the others for a week.
        found["lock"] = {"mode": "compliance", "changeable_for_days": 3, "min_days": 1}
    return found


@st.composite
def recoveries(draw: st.DrawFn, region: str, entry: str) -> Data:
    """Nothing or something that stands in for `region`; whatever has become of the two since."""
    if entry != "cdn" or draw(st.booleans()):
        return {"strategy": "none"}
    stand_in, witness = draw(st.permutations(sorted(set(REGIONS) - {region})))[:2]
    return {
        "strategy": draw(st.sampled_from(["pilot_light", "warm_standby"])),
        "region": stand_in,
        "witness_region": draw(chosen(st.just(witness))),
        "warm_percent": draw(st.integers(1, 100)),
        "failover": draw(st.sampled_from(["automatic", "approval"])),
        "active": draw(st.sampled_from([None, region, stand_in])),
        "generation": draw(st.integers(2, 6)),
        "cidr": draw(st.sampled_from([None, "10.200.0.0/16"])),
    }


@st.composite
def applications(draw: st.DrawFn) -> Data:
    """An application's file as data, with one to four environments."""
    kept = draw(data())
    resources = [name for name in ("database", "cache", "queue") if name in kept] + ["data"]
    if (kept.get("storage") or {}).get("files"):
        resources.append("files")
    entry = draw(st.sampled_from(["cdn", "load_balancer"]))
    edge: Data = {
        "domain": "app.example.com",
        "hosted_zone": {"id": "Z0123456789ABC", "name": "example.com"},
        "entry": entry,
        "firewall": {"blocked_cidrs": draw(st.sampled_from([[], ["203.0.113.0/24"]]))},
    }
    if entry == "cdn" and draw(st.booleans()):
        edge["static_paths"] = ["/static/*"]
    kept["rotation"] = {
        "days": draw(st.sampled_from([1, 7, 30])),
        "database_users": draw(st.sampled_from(["alternating", "single"])),
    }
    environments = draw(st.lists(st.sampled_from(ENVIRONMENTS), min_size=1, unique=True))
    kept["backup"] = draw(backups(environments))
    if kept["backup"].get("restore_tests", "default") is None and draw(st.booleans()):
        kept["storage"] = {**kept.get("storage", {}), "backups": None}
    released = draw(releases(draw(services(resources)), entry))
    kept["secrets"] = draw(secrets(released))
    region = draw(st.sampled_from(sorted(REGIONS)))
    recovery = draw(recoveries(region, entry))
    if recovery["strategy"] != "none" and kept["backup"]["copies"] is None:
        recovery["drill_days"] = None  # a drill restores a copy
    if recovery["strategy"] != "none" and len(environments) > 1:
        recovery["cidr"] = None  # every environment has the base's, and none may overlap another
    return {
        "name": draw(names.filter(lambda name: len(name) <= LONGEST_NAME)),
        "description": "Generated by a test",
        "owner": "tests",
        "region": region,
        "recovery": recovery,
        "network": {"zones": draw(st.integers(2, 3)), "nat_gateways": 2},
        "services": released,
        **kept,
        "edge": edge,
        # Steps, migrations and chains of any length: what they take is for the tests of objectives.
        "objectives": {"deploy_minutes": None, "rollback_minutes": None, "rto_minutes": 60},
        "monitoring": {"notify": ["oncall@example.com"], "log_retention_days": draw(st.sampled_from(RETENTION_DAYS))},
        "environments": {name: {"network": {"cidr": f"10.{index}.0.0/16"}} for index, name in enumerate(environments)},
    }
