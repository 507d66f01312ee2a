"""The plan of a service's releases."""

from __future__ import annotations

import boto3
import pytest
from release_plan import PREFIX, REGION, SERVICE
from release_world import release_world

from shared import plan
from shared.plan import UnreadablePlan


def test_the_plan_is_read_as_synthesis_writes_it() -> None:
    """Every field, with its defaults where it is left out."""
    with release_world("codedeploy") as world:
        loaded = plan.load(PREFIX, SERVICE)
        assert ("web", "canary", 75.0) == (
            loaded.service,
            loaded.strategy,
            loaded.timeouts_seconds.limit("before_install"),
        )
        assert loaded.migration is not None
        assert ["migrate", "up"] == loaded.migration.command
        assert 1000 == loaded.smoke_tests[0].response_ms
        assert world.plan["green_arn"] == loaded.other_target_group(world.plan["blue_arn"])
        assert world.plan["green"] == loaded.dimension(world.plan["green_arn"])
        assert loaded.other_target_group("arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/x/1") is None


def test_a_field_of_a_newer_plan_is_left_alone() -> None:
    """The plan and the functions of a stack change one after the other."""
    with release_world("codedeploy") as world:
        world.write_plan(invented_later=True)
        assert SERVICE == plan.load(PREFIX, SERVICE).service


@pytest.mark.parametrize("text", ["{}", "not JSON", '{"service": 1}'])
def test_what_is_no_plan_is_refused_by_name(text: str) -> None:
    """The sentence names the parameter."""
    with release_world("codedeploy"):
        boto3.client("ssm", REGION).put_parameter(Name="/shop-prod/release/api", Value=text, Type="String")
        with pytest.raises(UnreadablePlan, match="the plan /shop-prod/release/api is not one"):
            plan.load(PREFIX, "api")


def test_a_missing_plan_is_refused_by_name() -> None:
    """A service without a plan cannot be released."""
    with (
        release_world("codedeploy"),
        pytest.raises(UnreadablePlan, match="the plan /shop-prod/release/none cannot be read: ParameterNotFound"),
    ):
        plan.load(PREFIX, "none")
