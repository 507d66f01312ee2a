"""DNS records, certificates, distributions and firewalls are there with the template's values."""

from typing import Any

import pytest

from rehearsal.embedded_aws import EmbeddedAws
from tests.rehearsal.under_test import ACCOUNT, EDGE_REGION, Case, Emulator, Stack, picked

ORIGIN = {"Id": "o", "DomainName": "origin.example.com", "VpcOriginConfig": {"VpcOriginId": {"Ref": "VpcOrigin"}}}
BALANCER = "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/l/1"
VPC_ORIGIN = {"Name": "v", "Arn": BALANCER, "OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]}
BEHAVIOUR: dict[str, Any] = {
    "TargetOriginId": "o",
    "ViewerProtocolPolicy": "redirect-to-https",
    "AllowedMethods": ["GET", "HEAD", "OPTIONS"],
    "CachedMethods": ["GET", "HEAD"],
    "CachePolicyId": {"Ref": "Policy"},
    "Compress": True,
    "FunctionAssociations": [
        {"EventType": "viewer-request", "FunctionARN": "arn:aws:cloudfront::123456789012:function/routes"}
    ],
}
DISTRIBUTION: dict[str, Any] = {
    "Enabled": True,
    "Aliases": ["x.example.com"],
    "Origins": [ORIGIN],
    "DefaultCacheBehavior": BEHAVIOUR,
    "CacheBehaviors": [{**BEHAVIOUR, "PathPattern": "/static/*"}],
    "HttpVersion": "http2and3",
    "PriceClass": "PriceClass_100",
    "IPV6Enabled": True,
    "WebACLId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/1",
    "ViewerCertificate": {
        "AcmCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/c",
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    },
}
POLICY = {"Name": "p", "MinTTL": 0, "DefaultTTL": 60, "MaxTTL": 600}
MEASURED = {"CloudWatchMetricsEnabled": True, "MetricName": "m", "SampledRequestsEnabled": True}
RATE: dict[str, Any] = {
    "Name": "rate",
    "Priority": 1,
    "Action": {"Block": {}},
    "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}},
    "VisibilityConfig": MEASURED,
}
ACL: dict[str, Any] = {
    "Name": "acl",
    "Scope": "CLOUDFRONT",
    "DefaultAction": {"Allow": {}},
    "VisibilityConfig": MEASURED,
    "Rules": [RATE],
}


def distribution(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a distribution, as far as the template says something."""
    answer = emulator.client("cloudfront", EDGE_REGION).get_distribution(Id=name)
    found = answer["Distribution"]["DistributionConfig"]
    default, other = found["DefaultCacheBehavior"], found["CacheBehaviors"]["Items"][0]
    return {
        **picked(found, "HttpVersion", "PriceClass", "IsIPV6Enabled", "WebACLId"),
        "aliases": found["Aliases"]["Items"],
        "tls": found["ViewerCertificate"]["MinimumProtocolVersion"],
        "vpc origin": found["Origins"]["Items"][0]["VpcOriginConfig"]["VpcOriginId"][:1].isalpha(),
        "methods": (default["AllowedMethods"]["Quantity"], default["AllowedMethods"]["CachedMethods"]["Items"]),
        "paths": (other["PathPattern"], other["AllowedMethods"]["Items"]),
        "functions": [one["FunctionARN"].split(":")[5] for one in default["FunctionAssociations"]["Items"]],
    }


def cache_policy(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a cache policy."""
    answer = emulator.client("cloudfront", EDGE_REGION).get_cache_policy(Id=name)
    return picked(answer["CachePolicy"]["CachePolicyConfig"], "Name", "DefaultTTL", "MaxTTL")


def vpc_origin(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a VPC origin."""
    found = emulator.client("cloudfront", EDGE_REGION).get_vpc_origin(Id=name)["VpcOrigin"]["VpcOriginEndpointConfig"]
    return {**picked(found, "Arn", "HTTPSPort", "OriginProtocolPolicy"), "tls": found["OriginSslProtocols"]["Items"]}


def key_value_store(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a key-value store."""
    found = emulator.client("cloudfront", EDGE_REGION).describe_key_value_store(Name=name)["KeyValueStore"]
    return {**picked(found, "Name", "Comment"), "named by its ID": found["ARN"].endswith(found["Id"])}


def function(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return what runs of a function: its code and its settings, published."""
    live = {"Name": name.rpartition("/")[2], "Stage": "LIVE"}
    client = emulator.client("cloudfront", EDGE_REGION)
    code = client.get_function(**live)["FunctionCode"].read().decode()
    config = client.describe_function(**live)["FunctionSummary"]["FunctionConfig"]
    stores = [
        one["KeyValueStoreARN"].split(":")[5].split("/")[0] for one in config["KeyValueStoreAssociations"]["Items"]
    ]
    return {**picked(config, "Comment", "Runtime"), "code": code, "stores": stores}


def web_acl(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a web ACL's rules by their limits."""
    acl, identity, scope = name.split("|")
    found = emulator.client("wafv2", EDGE_REGION).get_web_acl(Name=acl, Id=identity, Scope=scope)["WebACL"]
    return {rule["Name"]: rule["Statement"]["RateBasedStatement"]["Limit"] for rule in found["Rules"]}


def ip_set(emulator: Emulator, name: str) -> list[str]:
    """Return an IP set's addresses."""
    named, identity, scope = name.split("|")
    found = emulator.client("wafv2", EDGE_REGION).get_ip_set(Name=named, Id=identity, Scope=scope)
    addresses: list[str] = found["IPSet"]["Addresses"]
    return addresses


def certificate(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a certificate."""
    found = emulator.client("acm", EDGE_REGION).describe_certificate(CertificateArn=name)["Certificate"]
    return {**picked(found, "DomainName"), "names": sorted(found["SubjectAlternativeNames"])}


def others(**more: Any) -> dict[str, Any]:
    """Return what a distribution needs."""
    return {
        "VpcOrigin": {"Type": "AWS::CloudFront::VpcOrigin", "Properties": {"VpcOriginEndpointConfig": VPC_ORIGIN}},
        "Policy": {"Type": "AWS::CloudFront::CachePolicy", "Properties": {"CachePolicyConfig": POLICY}},
        **more,
    }


SHOWN = {
    **picked(DISTRIBUTION, "HttpVersion", "PriceClass", "WebACLId"),
    "IsIPV6Enabled": True,
    "aliases": ["x.example.com"],
    "tls": "TLSv1.2_2021",
    "vpc origin": True,
    "methods": (3, ["GET", "HEAD"]),
    "paths": ("/static/*", ["GET", "HEAD", "OPTIONS"]),
    "functions": ["function/routes"],
}
FUNCTION: dict[str, Any] = {
    "Comment": "routes",
    "Runtime": "cloudfront-js-2.0",
    "KeyValueStoreAssociations": [{"KeyValueStoreARN": {"Fn::GetAtt": ["Store", "Arn"]}}],
}
ENDPOINT = {"Arn": BALANCER, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only", "tls": ["TLSv1.2"]}
CASES = [
    Case(
        type="AWS::CloudFront::Distribution",
        others=others(),
        properties={"DistributionConfig": DISTRIBUTION},
        expected=SHOWN,
        changes={"DistributionConfig": {**DISTRIBUTION, "PriceClass": "PriceClass_All"}},
        changed={**SHOWN, "PriceClass": "PriceClass_All"},
        look=distribution,
        region=EDGE_REGION,
    ),
    Case(
        type="AWS::CloudFront::CachePolicy",
        properties={"CachePolicyConfig": POLICY},
        expected={"Name": "p", "DefaultTTL": 60, "MaxTTL": 600},
        changes={"CachePolicyConfig": {**POLICY, "DefaultTTL": 120}},
        changed={"Name": "p", "DefaultTTL": 120, "MaxTTL": 600},
        look=cache_policy,
        region=EDGE_REGION,
    ),
    Case(
        type="AWS::CloudFront::VpcOrigin",
        properties={"VpcOriginEndpointConfig": VPC_ORIGIN},
        expected=ENDPOINT,
        changes={"VpcOriginEndpointConfig": {**VPC_ORIGIN, "HTTPSPort": 8443}},
        changed={**ENDPOINT, "HTTPSPort": 8443},
        look=vpc_origin,
        region=EDGE_REGION,
    ),
    Case(
        type="AWS::CloudFront::KeyValueStore",
        properties={"Name": "routing", "Comment": "before", "Tags": [{"Key": "Owner", "Value": "team"}]},
        expected={"Name": "routing", "Comment": "before", "named by its ID": True},
        changes={"Comment": "after"},
        changed={"Name": "routing", "Comment": "after", "named by its ID": True},
        look=key_value_store,
        region=EDGE_REGION,
    ),
    Case(
        type="AWS::CloudFront::Function",
        others={"Store": {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": "read", "Comment": ""}}},
        properties={
            "Name": "routed",
            "AutoPublish": True,
            "Tags": [{"Key": "Owner", "Value": "team"}],
            "FunctionCode": "function handler(event) { return event.request; }",
            "FunctionConfig": FUNCTION,
        },
        expected={
            **picked(FUNCTION, "Comment", "Runtime"),
            "code": "function handler(event) { return event.request; }",
            "stores": ["key-value-store"],
        },
        changes={"FunctionCode": "// another"},
        changed={**picked(FUNCTION, "Comment", "Runtime"), "code": "// another", "stores": ["key-value-store"]},
        look=function,
        region=EDGE_REGION,
    ),
    Case(
        type="AWS::WAFv2::WebACL",
        properties=ACL,
        expected={"rate": 2000},
        changes={"Rules": [{**RATE, "Statement": {"RateBasedStatement": {"Limit": 500, "AggregateKeyType": "IP"}}}]},
        changed={"rate": 500},
        look=web_acl,
        region=EDGE_REGION,
    ),
    Case(
        type="AWS::WAFv2::IPSet",
        properties={"Name": "i", "Scope": "CLOUDFRONT", "IPAddressVersion": "IPV4", "Addresses": ["192.0.2.0/24"]},
        expected=["192.0.2.0/24"],
        changes={"Addresses": ["198.51.100.0/24"]},
        changed=["198.51.100.0/24"],
        look=ip_set,
        region=EDGE_REGION,
    ),
    Case(
        type="AWS::CertificateManager::Certificate",
        properties={"DomainName": "x.example.com", "SubjectAlternativeNames": ["*.x.example.com"]},
        expected={"DomainName": "x.example.com", "names": ["*.x.example.com", "x.example.com"]},
        look=certificate,
        region=EDGE_REGION,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_type(case: Case, emulator: Emulator, stack: Stack) -> None:
    """A resource is created with its values, changed with them, and removed."""
    case.play(emulator, stack.name)


def test_records_in_a_zone_that_the_account_has(emulator: Emulator, stack: Stack) -> None:
    """A zone known by its ID is provided; its records, aliases too, are created, changed and removed."""
    aws = EmbeddedAws(emulator.port, emulator.token)
    aws.provide_hosted_zone(account=ACCOUNT, zone="Z0000000000TEST", name="rehearsed.example.com")
    target: dict[str, Any] = {"DNSName": "d1.cloudfront.net", "HostedZoneId": "Z2FDTNDATAQYW2"}
    record = {
        "HostedZoneId": "Z0000000000TEST",
        "Name": "www.rehearsed.example.com",
        "Type": "A",
        "AliasTarget": target,
    }
    resources = {"Record": {"Type": "AWS::Route53::RecordSet", "Properties": record}}
    route53 = emulator.client("route53", EDGE_REGION)

    def targets() -> list[str]:
        found = route53.list_resource_record_sets(HostedZoneId="Z0000000000TEST")["ResourceRecordSets"]
        return [one["AliasTarget"]["DNSName"] for one in found if "AliasTarget" in one]

    stack.deploy(resources)
    assert ["d1.cloudfront.net"] == [name.rstrip(".") for name in targets()]
    target["DNSName"] = "d2.cloudfront.net"
    stack.deploy(resources)
    assert ["d2.cloudfront.net"] == [name.rstrip(".") for name in targets()]
    stack.delete()
    assert [] == targets()
