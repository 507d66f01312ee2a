"""What two values of the spec say about each of the two regions (decision 15)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec import Deployment, load
from spec.recovery import Recovery
from spec.remarks import remarks

ROOT = Path(__file__).parent.parent.parent
PRODUCTION = load(ROOT / "apps" / "storefront.yaml").for_environment("prod")
HOME, STAND_IN = "us-west-2", "us-east-1"
ALONE = PRODUCTION.model_copy(update={"recovery": Recovery()})


def with_stand_in(active: str | None = None, generation: int = 2, **values: object) -> Deployment:
    """Production of the storefront with a warm standby."""
    chosen = {"strategy": "warm_standby", "region": STAND_IN, "active": active, "generation": generation, **values}
    network = PRODUCTION.network.model_copy(
        update={"availability_zones": ("us-west-2b", "us-west-2d"), "cloudfront_prefix_list_id": "pl-82a045eb"}
    )
    return PRODUCTION.model_copy(update={"recovery": Recovery.model_validate(chosen), "network": network})


@pytest.mark.parametrize(
    ("active", "generation", "at_home", "in_the_stand_in"),
    [
        (HOME, 2, ("db", None), ("db-2", "db")),
        (STAND_IN, 2, ("db", None), ("db-2", None)),
        (STAND_IN, 3, ("db-3", "db-2"), ("db-2", None)),
        (HOME, 3, ("db-3", None), ("db-2", None)),
        (HOME, 4, ("db-3", None), ("db-4", "db-3")),
    ],
)
def test_R4_databases_are_numbered(
    active: str, generation: int, at_home: tuple[str, str | None], in_the_stand_in: tuple[str, str | None]
) -> None:
    """Each site's database, and what it replicates: the table of decision 15."""
    found = [
        tuple(name and name.removeprefix("storefront-prod-") for name in pair)
        for pair in (
            (site.database_identifier, site.source_database_identifier)
            for site in with_stand_in(active, generation).sites()
        )
    ]
    assert [at_home, in_the_stand_in] == found


@given(st.sampled_from([None, HOME, STAND_IN]), st.integers(2, 100))
def test_R4_one_region_is_active_whatever_has_become_of_them(active: str | None, generation: int) -> None:
    """It replicates nothing and has all its tasks; what waits replicates the active one's database, or nothing at all."""
    sites = with_stand_in(active, generation).sites()
    (takes_writes,) = [site for site in sites if site.active]
    (waits,) = [site for site in sites if not site.active]
    assert (active or HOME, None) == (takes_writes.region, takes_writes.source_database_identifier)
    assert waits.source_database_identifier in {None, takes_writes.database_identifier}
    assert waits.following == (waits.source_database_identifier is not None)
    assert {waits.region} == {site.waiting_region for site in sites}
    assert takes_writes.database_identifier != waits.database_identifier
    assert (2, 1) == (takes_writes.services["web"].replicas, waits.services["web"].replicas)


def test_R4_a_stand_in_has_zones_and_prefix_list_of_its_own_region() -> None:
    """What the spec says about the environment's own region does not hold there."""
    home, there = with_stand_in().sites()
    assert ("us-west-2b", "us-west-2d") == home.availability_zones
    assert ("us-east-1a", "us-east-1b", "us-east-1c") == there.availability_zones
    assert ("pl-82a045eb", None) == (home.network.cloudfront_prefix_list_id, there.network.cloudfront_prefix_list_id)


def test_R4_a_database_keeps_its_name_when_nothing_stands_in_any_more() -> None:
    """After a failover and a failback it is the third."""
    (alone,) = with_stand_in(HOME, 4, strategy="none").sites()
    assert "storefront-prod-db-3" == alone.database_identifier
    assert "storefront-prod-db" == ALONE.database_identifier


def test_R4_regions_are_those_with_stacks() -> None:
    """The stand-in and the witness too."""
    assert (HOME, "us-east-1") == ALONE.regions
    assert (HOME, "us-east-1", "us-east-2") == with_stand_in(witness_region="us-east-2").regions


@pytest.mark.parametrize(
    ("deployment", "words"),
    [
        (with_stand_in(strategy="none"), "nothing stands in for us-west-2: while it is lost, so is this environment"),
        (with_stand_in(STAND_IN), "us-west-2 was abandoned and follows again with `recovery.generation: 3`"),
        (with_stand_in(failover="automatic"), "a failover asks a person, although it is to be automatic"),
    ],
)
def test_what_should_be_known_is_said(deployment: Deployment, words: str) -> None:
    """One remark; it is no error."""
    (remark,) = (each for each in remarks(deployment) if "Batch Replication" not in each)
    assert words in remark


def test_R3_objects_from_before_a_stand_in_are_spoken_of_while_it_follows() -> None:
    """S3 copies new ones alone; where nothing is copied, or no bucket is, nobody needs to know."""
    (remark,) = remarks(with_stand_in(failover="automatic", witness_region="us-east-2"))
    assert f"S3 copies to {STAND_IN} what is written once it follows" in remark
    storage = PRODUCTION.storage.model_copy(update={"data": None, "backups": None})
    bare = with_stand_in(failover="automatic", witness_region="us-east-2").model_copy(update={"storage": storage})
    assert () == remarks(bare)
    assert not [each for each in remarks(with_stand_in(STAND_IN)) if "Batch Replication" in each]


def test_what_is_as_it_should_be_needs_no_remark() -> None:
    """Development needs nothing that stands in."""
    assert () == remarks(load(ROOT / "apps" / "storefront.yaml").for_environment("dev"))
