"""How users reach the application."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from spec.model import Cidr, DomainName, HostedZoneId, Model, PathPattern

ManagedRules = Literal[
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesAnonymousIpList",
    "AWSManagedRulesLinuxRuleSet",
]


class HostedZone(Model):
    """A public Route 53 zone that exists and is delegated: certificates are validated in it."""

    id: HostedZoneId
    name: DomainName


class Firewall(Model):
    """AWS WAF in front of everything."""

    managed_rules: tuple[ManagedRules, ...] = (
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesSQLiRuleSet",
    )
    rate_limit: Annotated[int, Field(ge=10, le=2_000_000_000)] = 2000
    """Requests from one address in five minutes; more are blocked."""
    blocked_cidrs: tuple[Cidr, ...] = ()
    allowed_cidrs: tuple[Cidr, ...] = ()
    """If any are given, only these get in: a private staging site."""


class Edge(Model):
    """Domain, certificates, CDN or load balancer, firewall."""

    domain: DomainName
    hosted_zone: HostedZone
    entry: Literal["cdn", "load_balancer"] = "cdn"
    """`cdn`: CloudFront in front of a load balancer without public address. `load_balancer`: a public one, no CDN."""
    static_paths: tuple[PathPattern, ...] = ()
    """Paths that the CDN serves from the bucket `assets`."""
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = "PriceClass_100"
    """Where the CDN answers from: 100 North America and Europe, All everywhere."""
    firewall: Firewall = Firewall()
    shield_advanced: bool = False
    """Shield Advanced on the entry. Needs the account's subscription; Shield Standard always protects."""
