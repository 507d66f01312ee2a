"""Development is billed for little, production for what keeps it up."""

from __future__ import annotations

from pathlib import Path

from spec import load
from spec.bill import metered

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
