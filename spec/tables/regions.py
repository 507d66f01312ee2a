"""Regions that an environment can stand in.

Zones are named here, not looked up: synthesis makes no AWS call and is the same on every machine. Names that an
account sees (us-west-2a) are shuffled per account, but each account has at least these.

Sources: AWS Global Infrastructure, Regions and Availability Zones; Amazon CloudFront Developer Guide, "Locations and IP
address ranges of CloudFront edge servers", managed prefix list com.amazonaws.global.cloudfront.origin-facing, whose ID
differs by region (VPC console, Managed prefix lists). A spec may give its own of both.
"""

from __future__ import annotations

from dataclasses import dataclass

from spec.model import refusal


@dataclass(frozen=True, slots=True)
class Region:
    """A region's zone letters, and its prefix list of CloudFront's origin-facing servers."""

    zones: str
    cloudfront_prefix_list_id: str


REGIONS: dict[str, Region] = {
    "ap-northeast-1": Region("acd", "pl-58a04531"),
    "ap-southeast-1": Region("abc", "pl-31a34658"),
    "ap-southeast-2": Region("abc", "pl-b8a742d1"),
    "ca-central-1": Region("abd", "pl-38a64351"),
    "eu-central-1": Region("abc", "pl-a3a144ca"),
    "eu-north-1": Region("abc", "pl-fab65393"),
    "eu-west-1": Region("abc", "pl-4fa04526"),
    "eu-west-2": Region("abc", "pl-93a247fa"),
    "us-east-1": Region("abcdf", "pl-3b927c52"),
    "us-east-2": Region("abc", "pl-b6a144df"),
    "us-west-2": Region("abcd", "pl-82a045eb"),
}


def known_region(value: str) -> str:
    """The name of a region of the table. Raises a refusal that names all of them."""
    if value not in REGIONS:
        raise refusal(f"{value!r} is not a region known here", f"One of {', '.join(sorted(REGIONS))}")
    return value


def another_region(*taken: str) -> str:
    """One that is not taken, in the same part of the world as the first of them where there is one."""
    others = [region for region in sorted(REGIONS) if region not in taken]
    return next((region for region in others if region[:3] == taken[0][:3]), others[0])
