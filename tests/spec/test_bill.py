"""Development is billed for little, production for what keeps it up."""

from __future__ import annotations

from pathlib import Path

from spec import load
from spec.bill import metered, metered_by_region
from spec.recovery import Recovery

PLATFORM = load(Path(__file__).parent.parent.parent / "apps" / "generator-platform.yaml")


def test_A1_development_runs_one_of_each_and_little_of_it() -> None:
    """One NAT gateway, no endpoint by the hour, one small task per service, nothing twice."""
    expected = {
        "NAT gateway": 1,
        "interface endpoint": 0,
        "load balancer": 1,
        "task": 3,
        "vCPU": 1.0,
        "GiB": 2.0,
        "database instance": 1,
        "cache node": 1,
        "broker": 1,
    }
    assert expected == metered(PLATFORM.for_environment("dev"))


def test_production_is_counted_with_its_standbys() -> None:
    """A Multi-AZ database and a replica are three instances; three shards of two are six nodes."""
    found = metered(PLATFORM.for_environment("prod"))
    assert (3, 6, 3, 27) == tuple(
        found[what] for what in ("database instance", "cache node", "broker", "interface endpoint")
    )


def test_R4_a_stand_in_is_counted_for_itself() -> None:
    """The same as the active region has, but half of its tasks, and none of them as a pilot light."""
    production = PLATFORM.for_environment("prod")
    for strategy, share in (("warm_standby", 0.5), ("pilot_light", 0)):
        recovery = Recovery.model_validate({"strategy": strategy, "region": "us-east-1"})
        active, waiting = metered_by_region(production.model_copy(update={"recovery": recovery})).values()
        assert metered(production) == active
        tasks = {what: share * active[what] for what in ("task", "vCPU", "GiB")}
        assert active | tasks == waiting


def test_R4_copies_of_backups_run_nothing() -> None:
    """They are billed by what they hold."""
    recovery = Recovery.model_validate({"strategy": "backup_restore", "region": "us-east-1"})
    production = PLATFORM.for_environment("prod").model_copy(update={"recovery": recovery})
    assert ["us-west-2"] == list(metered_by_region(production))
