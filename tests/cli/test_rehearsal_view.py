"""What `understudy up` says at its end."""

from __future__ import annotations

from cli.rehearsal_view import exploring
from rehearsal.deployment import Rehearsed
from rehearsal.embedded_aws import EmbeddedAws


def test_of_two_regions_the_active_one_is_looked_at() -> None:
    """The waiting region's stacks are deployed first, and what is only there is looked at there."""
    stacks = [
        {"region": region, "resources": [{"type": kind, "physical_id": f"{kind}-{region}"} for kind in kinds]}
        for region, kinds in (
            ("us-east-1", ("AWS::RDS::DBInstance", "AWS::ECS::Cluster", "AWS::CloudFront::Distribution")),
            ("us-west-2", ("AWS::RDS::DBInstance", "AWS::ECS::Cluster")),
        )
    ]
    variables, *commands = exploring(Rehearsed(EmbeddedAws(5555, "token"), "123456789012", "us-west-2", stacks))
    assert variables.startswith("export AWS_ACCESS_KEY_ID=")
    regions = {words[5]: words[4] for command in commands if (words := command.split())}
    assert {"rds": "us-west-2", "ecs": "us-west-2", "cloudfront": "us-east-1"} == regions
