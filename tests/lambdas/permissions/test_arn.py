"""ARNs and patterns: what belongs together, and what only looks like it."""

from __future__ import annotations

import pytest
from permissions.arn import filled, matches, overlap

SERVICE = "arn:${Partition}:ecs:${Region}:${Account}:service/${ClusterName}/${ServiceName}"
PARAMETER = "arn:${Partition}:ssm:${Region}:${Account}:parameter/${ParameterNameWithoutLeadingSlash}"


@pytest.mark.parametrize(
    ("arn", "reference", "expected"),
    [
        ("arn:aws:ecs:us-west-2:1:service/shop/web", SERVICE, True),
        ("arn:aws:ecs:us-west-2:1:service-revision/shop/web/1", SERVICE, False),
        ("arn:aws:ecs:us-west-2:1:service/shop/", SERVICE, False),
        ("arn:aws:ssm:us-west-2:1:parameter/shop/release/web", PARAMETER, True),
    ],
)
def test_arn_matches_its_own_reference(arn: str, reference: str, *, expected: bool) -> None:
    """A variable takes one letter or more."""
    assert expected == matches(arn, reference)


def test_reference_is_filled_from_names_in_small_letters() -> None:
    """A variable that nobody names leaves it unfilled."""
    known = {"partition": "aws", "region": "us-west-2", "account": "1", "clustername": "shop"}
    assert filled(SERVICE, known) is None
    assert "arn:aws:ecs:us-west-2:1:service/shop/web" == filled(SERVICE, known | {"servicename": "web"})


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", True),
        ("arn:aws:ecs:us-west-2:1:service/shop/*", True),
        ("arn:aws:ecs:*:1:*", True),
        ("arn:aws:ecs:us-west-2:1:service-revision/shop/*", False),
        ("arn:aws:ecs:us-west-2:1:service?revision/shop/*", True),
        ("arn:aws:s3:::shop/*", False),
    ],
)
def test_pattern_overlaps_what_it_can_allow(pattern: str, *, expected: bool) -> None:
    """No part of a pattern reaches into the next one."""
    assert expected == overlap(pattern, SERVICE)
