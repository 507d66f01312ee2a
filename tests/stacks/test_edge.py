"""The edge stack."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from synthesis import templates
from template import Properties, Template, actions, only, properties, resources, statements
from variant import varied

from rehearsal.edge_function import EdgeFunction, viewer_request
from understudy.routing_store import store_arn_kept, switching

Synthesized = Callable[[str, str], dict[str, Template]]

ALARM = "AWS::CloudWatch::Alarm"
RECORD = "AWS::Route53::RecordSet"
WEB_ACL = "AWS::WAFv2::WebACL"


@pytest.fixture(scope="module")
def production(synthesized: Synthesized) -> Template:
    """The generator platform's production, behind a CDN."""
    return synthesized("generator-platform", "prod")["edge"]


@pytest.fixture(scope="module")
def public() -> Template:
    """Production with a public load balancer, closed to some addresses and to all but others, with Shield Advanced."""

    def change(data: dict[str, Any]) -> None:
        firewall = {"blocked_cidrs": ["192.0.2.0/24"], "allowed_cidrs": ["198.51.100.0/24"]}
        data["edge"] |= {
            "entry": "load_balancer",
            "static_paths": [],
            "firewall": firewall,
            "shield_advanced": True,
        }

    return templates(varied("storefront", "prod", change))["edge"]


def standing_in(allowed_cidrs: list[str]) -> dict[str, Template]:
    """Production with a stand-in, which is active; if any are given, only those addresses get in."""

    def change(data: dict[str, Any]) -> None:
        data["edge"]["firewall"] = {"allowed_cidrs": allowed_cidrs}
        data["recovery"] = {"strategy": "warm_standby", "region": "us-east-1", "active": "us-east-1"}

    return templates(varied("generator-platform", "prod", change))


@pytest.fixture(scope="module")
def both_sites() -> dict[str, Template]:
    """The stacks of an environment with a stand-in, which is active."""
    return standing_in([])


@pytest.fixture(scope="module")
def two_sites(both_sites: dict[str, Template]) -> Template:
    """Their edge."""
    return both_sites["edge"]


@pytest.fixture(scope="module")
def without_assets() -> Template:
    """A CDN that serves no static file."""

    def change(data: dict[str, Any]) -> None:
        data["edge"]["static_paths"] = []
        data.setdefault("storage", {})["assets"] = None

    return templates(varied("storefront", "dev", change))["edge"]


def distribution(template: Template) -> Properties:
    """The configuration of the one distribution."""
    return only(template, "AWS::CloudFront::Distribution")["DistributionConfig"]  # type: ignore[no-any-return]


def origins(template: Template) -> dict[str, Properties]:
    """Origins by ID."""
    return {origin["Id"]: origin for origin in distribution(template)["Origins"]}


def of_users(template: Template) -> list[Properties]:
    """Behaviours by which users are answered; probes have one of their own."""
    found = [distribution(template)["DefaultCacheBehavior"], *distribution(template)["CacheBehaviors"]]
    return [one for one in found if "understudy" not in one.get("PathPattern", "")]


def rules(template: Template) -> dict[str, Properties]:
    """The firewall's rules by name."""
    return {rule["Name"]: rule for rule in only(template, WEB_ACL)["Rules"]}


# --- N8: CDN ------------------------------------------------------------------------------------------------------


def test_N8_everything_else_goes_to_the_internal_load_balancer(production: Template) -> None:
    """Of the active site, through a VPC origin, HTTPS only."""
    for vpc_origin in properties(production, "AWS::CloudFront::VpcOrigin"):
        settings = vpc_origin["VpcOriginEndpointConfig"]
        assert ("https-only", ["TLSv1.2"]) == (settings["OriginProtocolPolicy"], settings["OriginSSLProtocols"])
        assert "LoadBalancer" in json.dumps(settings["Arn"])
    behavior = distribution(production)["DefaultCacheBehavior"]
    assert "services-us-west-2" == behavior["TargetOriginId"]
    for site in ("services-us-west-2", "services-us-east-1"):
        assert "VpcOriginConfig" in origins(production)[site]
        assert "CustomOriginConfig" not in origins(production)[site]


def test_N8_the_host_reaches_the_load_balancer(production: Template) -> None:
    """Its rules match the host, and its certificate names the forwarded host and nothing that AWS calls it."""
    all_viewer = "216adef6-5c7f-47e4-b989-5492eafa07d3"
    assert all_viewer == distribution(production)["DefaultCacheBehavior"]["OriginRequestPolicyId"]


def test_N8_every_method_and_no_plain_http(production: Template) -> None:
    """Users are redirected to HTTPS."""
    behavior = distribution(production)["DefaultCacheBehavior"]
    assert {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"} == set(behavior["AllowedMethods"])
    assert {"redirect-to-https"} == {one["ViewerProtocolPolicy"] for one in of_users(production)}
    assert "allow-all" not in {one["ViewerProtocolPolicy"] for one in distribution(production)["CacheBehaviors"]}


def test_N8_pages_are_cached_only_as_the_application_asks(production: Template) -> None:
    """Never by default, never across cookies, credentials or hosts; errors not at all."""
    policy = only(production, "AWS::CloudFront::CachePolicy")["CachePolicyConfig"]
    assert (0, 0, 1) == (policy["MinTTL"], policy["DefaultTTL"], policy["MaxTTL"])
    key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
    assert ("all", "all") == (
        key["CookiesConfig"]["CookieBehavior"],
        key["QueryStringsConfig"]["QueryStringBehavior"],
    )
    assert {"Authorization", "Host"} <= set(key["HeadersConfig"]["Headers"])
    errors = {one["ErrorCode"]: one["ErrorCachingMinTTL"] for one in distribution(production)["CustomErrorResponses"]}
    assert {404: 0, 500: 0, 502: 0, 503: 0, 504: 0} == errors


def test_N8_answers_are_compressed(production: Template) -> None:
    """Static and dynamic ones; CloudFront compresses only what a policy lets it cache."""
    policy = only(production, "AWS::CloudFront::CachePolicy")["CachePolicyConfig"]
    key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["EnableAcceptEncodingBrotli"]
    assert key["EnableAcceptEncodingGzip"]
    assert all(behavior["Compress"] for behavior in of_users(production))


def test_N8_static_files_come_from_the_bucket(production: Template) -> None:
    """The spec's paths, by origin access control and only for this distribution."""
    targets = {one.get("PathPattern"): one["TargetOriginId"] for one in of_users(production)}
    assert {None: "services-us-west-2", "/_next/static/*": "assets", "/assets/*": "assets"} == targets
    assert origins(production)["assets"]["OriginAccessControlId"]
    assert {"OriginAccessIdentity": ""} == origins(production)["assets"]["S3OriginConfig"]
    (reading,) = [
        statement
        for kind, statement in statements(production)
        if kind == "AWS::S3::BucketPolicy" and "s3:GetObject" in actions(statement)
    ]
    assert {"Service": "cloudfront.amazonaws.com"} == reading["Principal"]
    assert "Cdn" in json.dumps(reading["Condition"]["StringEquals"]["aws:SourceArn"])


def test_N8_whoever_uploads_learns_where(production: Template) -> None:
    """The bucket, and the distribution whose cache to clear."""
    assert {"Site", "DistributionId", "AssetsBucket"} <= set(production["Outputs"])


def test_N8_no_asset_bucket_without_static_paths(without_assets: Template) -> None:
    """Nothing would be served from it."""
    assert ["services"] == list(origins(without_assets))
    assert 1 == len(resources(without_assets, "AWS::S3::Bucket"))


def test_N8_tls_is_1_2_of_2025_or_newer(production: Template) -> None:
    """With the certificate of us-east-1, HTTP/2 and 3, IPv6."""
    settings = distribution(production)
    assert "TLSv1.2_2025" == settings["ViewerCertificate"]["MinimumProtocolVersion"]
    assert ("http2and3", True) == (settings["HttpVersion"], settings["IPV6Enabled"])
    assert ["app.example.com"] == settings["Aliases"]
    assert "PriceClass_100" == settings["PriceClass"]


def test_N8_browsers_are_told_what_the_site_never_does(production: Template) -> None:
    """On every behaviour; HSTS and nosniff whatever the application says."""
    policies = {
        name: resource["Properties"]["ResponseHeadersPolicyConfig"]
        for name, resource in production["Resources"].items()
        if resource["Type"] == "AWS::CloudFront::ResponseHeadersPolicy"
    }
    (of_pages,) = {one["ResponseHeadersPolicyId"]["Fn::GetAtt"][0] for one in of_users(production)}
    found = policies[of_pages]["SecurityHeadersConfig"]
    assert found["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
    assert found["StrictTransportSecurity"]["Override"]
    assert found["ContentTypeOptions"]["Override"]
    assert "DENY" == found["FrameOptions"]["FrameOption"]
    assert "frame-ancestors 'none'" in found["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert "strict-origin-when-cross-origin" == found["ReferrerPolicy"]["ReferrerPolicy"]
    assert all(behavior["ResponseHeadersPolicyId"] for behavior in distribution(production)["CacheBehaviors"])


def test_N8_access_is_logged_without_credentials(production: Template) -> None:
    """Each request as JSON, neither cookies nor query strings; the delivery may write, and nobody else."""
    source = only(production, "AWS::Logs::DeliverySource")
    assert "ACCESS_LOGS" == source["LogType"]
    fields = set(only(production, "AWS::Logs::Delivery")["RecordFields"])
    assert {"cs-uri-stem", "sc-status", "c-ip"} <= fields
    assert not {"cs(Cookie)", "cs-uri-query"} & fields
    (writing,) = [s for _, s in statements(production) if s.get("Sid") == "LogDelivery"]
    assert source["Name"] in json.dumps(writing["Condition"])


@pytest.mark.parametrize("env", ["dev", "prod", "preview"])
def test_S5_buckets_are_private_and_tls_only(synthesized: Synthesized, env: str) -> None:
    """Encrypted and versioned; gone with a preview."""
    template = synthesized("generator-platform", env)["edge"]
    for bucket in resources(template, "AWS::S3::Bucket"):
        settings = bucket["Properties"]
        assert all(settings["PublicAccessBlockConfiguration"].values())
        assert settings["BucketEncryption"]
        assert "Enabled" == settings["VersioningConfiguration"]["Status"]
        assert ("Delete" if env == "preview" else "RetainExceptOnCreate") == bucket["DeletionPolicy"]
    insecure = [
        s for kind, s in statements(template) if kind == "AWS::S3::BucketPolicy" and "SecureTransport" in json.dumps(s)
    ]
    assert {"Deny"} == {statement["Effect"] for statement in insecure}
    assert len(resources(template, "AWS::S3::Bucket")) == len(insecure)


def test_S4_static_files_lie_under_a_key_of_their_own(production: Template) -> None:
    """Which CloudFront's distributions of this account may use, and no other service of AWS but logs and alarms."""
    (assets,) = [b for b in properties(production, "AWS::S3::Bucket") if "KMSMasterKeyID" in json.dumps(b)]
    assert assets["BucketEncryption"]
    key = only(production, "AWS::KMS::Key")
    assert key["EnableKeyRotation"]
    services = {
        statement["Principal"]["Service"]
        for statement in key["KeyPolicy"]["Statement"]
        if "Service" in statement["Principal"]
    }
    assert {"cloudfront.amazonaws.com", "cloudwatch.amazonaws.com", "logs.us-east-1.amazonaws.com"} == services


# --- N7: firewall -------------------------------------------------------------------------------------------------


def test_N7_the_firewall_stands_before_the_cdn(production: Template) -> None:
    """CLOUDFRONT scope, which exists in us-east-1 alone; who is not refused gets in."""
    acl = only(production, WEB_ACL)
    assert "CLOUDFRONT" == acl["Scope"]
    assert {"Allow": {}} == acl["DefaultAction"]
    assert "Firewall" in json.dumps(distribution(production)["WebACLId"])


def test_N7_managed_rules_and_a_rate_limit(production: Template) -> None:
    """The spec's groups in its order, after the rate of each address."""
    found = rules(production)
    assert [
        "rate",
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesSQLiRuleSet",
    ] == sorted(found, key=lambda name: found[name]["Priority"])
    rate = found["rate"]["Statement"]["RateBasedStatement"]
    assert (2000, "IP", 300) == (rate["Limit"], rate["AggregateKeyType"], rate["EvaluationWindowSec"])
    assert {"Block": {}} == found["rate"]["Action"]
    assert all(rule["VisibilityConfig"]["SampledRequestsEnabled"] for rule in found.values())


def test_N7_a_body_above_8_kb_is_no_attack(production: Template) -> None:
    """The common rule set would refuse ordinary uploads."""
    group = rules(production)["AWSManagedRulesCommonRuleSet"]["Statement"]["ManagedRuleGroupStatement"]
    assert [("SizeRestrictions_BODY", {"Count": {}})] == [
        (one["Name"], one["ActionToUse"]) for one in group["RuleActionOverrides"]
    ]


def test_N7_decisions_are_logged_without_credentials(production: Template) -> None:
    """To an encrypted log group under the name that WAF insists on."""
    logging = only(production, "AWS::WAFv2::LoggingConfiguration")
    (group,) = [
        g for g in properties(production, "AWS::Logs::LogGroup") if g["LogGroupName"].startswith("aws-waf-logs-")
    ]
    assert "aws-waf-logs-generator-platform-prod" == group["LogGroupName"]
    assert group["KmsKeyId"]
    assert [f"arn:aws:logs:us-east-1:123456789012:log-group:{group['LogGroupName']}"] == logging[
        "LogDestinationConfigs"
    ]
    assert [{"SingleHeader": {"Name": "authorization"}}, {"SingleHeader": {"Name": "cookie"}}] == logging[
        "RedactedFields"
    ]


def test_N7_address_lists_come_first(public: Template) -> None:
    """Who is not on the list of allowed addresses gets no further."""
    found = rules(public)
    assert ["not-allowed", "blocked", "rate"] == sorted(found, key=lambda name: found[name]["Priority"])[:3]
    assert "NotStatement" in found["not-allowed"]["Statement"]
    assert {("192.0.2.0/24",), ("198.51.100.0/24",)} == {
        tuple(one["Addresses"]) for one in properties(public, "AWS::WAFv2::IPSet")
    }


def test_N7_shield_advanced_is_an_option(production: Template, public: Template) -> None:
    """It needs the account's subscription."""
    assert not resources(production, "AWS::Shield::Protection")
    assert "LoadBalancer" in json.dumps(only(public, "AWS::Shield::Protection")["ResourceArn"])


def test_N7_a_public_load_balancer_has_the_firewall(public: Template) -> None:
    """REGIONAL scope, associated with it; and no CDN anywhere."""
    assert "REGIONAL" == only(public, WEB_ACL)["Scope"]
    assert "LoadBalancer" in json.dumps(only(public, "AWS::WAFv2::WebACLAssociation")["ResourceArn"])
    assert not resources(public, "AWS::CloudFront::Distribution")


# --- R5: two sites ------------------------------------------------------------------------------------------------


def test_R5_each_site_is_an_origin(two_sites: Template) -> None:
    """By the name of its region, through a VPC origin of its own; without a site to choose nothing is added."""
    assert ["services-us-west-2", "services-us-east-1", "assets"] == list(origins(two_sites))
    endpoints = [one["VpcOriginEndpointConfig"] for one in properties(two_sites, "AWS::CloudFront::VpcOrigin")]
    assert {
        "generator-platform-prod-alb": "us-west-2",
        "generator-platform-prod-standin-alb": "us-east-1",
    } == {endpoint["Name"]: endpoint["Arn"]["Fn::GetStackOutput"]["Region"] for endpoint in endpoints}


def test_R5_requests_are_routed_by_the_function(two_sites: Template, without_assets: Template) -> None:
    """Those for static files are not; and an environment without a stand-in has no function."""
    settings = distribution(two_sites)
    behaviors = {one["PathPattern"]: one for one in settings["CacheBehaviors"]} | {
        "*": settings["DefaultCacheBehavior"]
    }
    routed = {path for path, one in behaviors.items() if one.get("FunctionAssociations")}
    assert {"*", "/.well-known/understudy/*"} == routed
    assert {"viewer-request"} == {behaviors[path]["FunctionAssociations"][0]["EventType"] for path in routed}
    assert "services-us-east-1" == settings["DefaultCacheBehavior"]["TargetOriginId"]
    assert not resources(without_assets, "AWS::CloudFront::Function")
    assert not resources(without_assets, "AWS::CloudFront::KeyValueStore")


def test_R5_the_function_of_the_template_reads_the_store(two_sites: Template) -> None:
    """The spec's active region where the store says nothing, the key where it does; the readiness path of the entry."""
    function = only(two_sites, "AWS::CloudFront::Function")
    (store,) = [name for name, one in two_sites["Resources"].items() if one["Type"].endswith("KeyValueStore")]
    assert ("cloudfront-js-2.0", True) == (function["FunctionConfig"]["Runtime"], function["AutoPublish"])
    assert [{"KeyValueStoreARN": {"Fn::GetAtt": [store, "Arn"]}}] == function["FunctionConfig"][
        "KeyValueStoreAssociations"
    ]
    assert "generator-platform-prod-routing" == only(two_sites, "AWS::CloudFront::KeyValueStore")["Name"]
    with EdgeFunction(function["FunctionCode"], origins=origins(two_sites)) as running:
        request = viewer_request("PUT", "/api/orders/1")
        assert "services-us-east-1" == running.handle(request, store={}).origin
        assert "services-us-west-2" == running.handle(request, store={"active": "us-west-2"}).origin
        probe = running.handle(viewer_request("GET", "/.well-known/understudy/us-west-2"), store={})
        assert ("services-us-west-2", "/ready") == (probe.origin, probe.result["uri"])


def test_R5_probes_are_kept_nowhere(two_sites: Template) -> None:
    """Neither by CloudFront nor by anybody behind it; and they only read."""
    (behavior,) = [one for one in distribution(two_sites)["CacheBehaviors"] if "understudy" in one["PathPattern"]]
    assert "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" == behavior["CachePolicyId"]
    assert ["GET", "HEAD"] == behavior["AllowedMethods"]
    (headers,) = [
        one["ResponseHeadersPolicyConfig"]["CustomHeadersConfig"]["Items"]
        for one in properties(two_sites, "AWS::CloudFront::ResponseHeadersPolicy")
        if "CustomHeadersConfig" in one["ResponseHeadersPolicyConfig"]
    ]
    assert [{"Header": "Cache-Control", "Override": True, "Value": "no-store"}] == headers


def test_R5_a_closed_site_still_answers_probes() -> None:
    """They come from addresses that nobody knows before. Exact paths: WAF does not resolve `/..`, CloudFront does."""
    template = standing_in(["198.51.100.0/24"])["edge"]
    listed, *paths = rules(template)["not-allowed"]["Statement"]["NotStatement"]["Statement"]["OrStatement"][
        "Statements"
    ]
    assert "IPSetReferenceStatement" in listed
    assert {
        ("EXACTLY", "/.well-known/understudy/us-west-2"),
        ("EXACTLY", "/.well-known/understudy/us-east-1"),
        ("EXACTLY", "/.well-known/understudy/active"),
    } == {
        (one["ByteMatchStatement"]["PositionalConstraint"], one["ByteMatchStatement"]["SearchString"]) for one in paths
    }
    assert rules(template)["rate"]["Priority"] > rules(template)["not-allowed"]["Priority"]


@pytest.mark.parametrize("site", ["", "standin-"])
def test_R5_a_site_finds_the_store_in_its_own_region(both_sites: dict[str, Template], site: str) -> None:
    """One stack reads the edge's output and writes it down there; whatever uses the store reads what is written."""
    parameter = only(both_sites[f"{site}routing"], "AWS::SSM::Parameter")
    assert "/generator-platform-prod/routing-store" == parameter["Name"]
    output = parameter["Value"]["Fn::GetStackOutput"]
    assert ("generator-platform-prod-edge", "us-east-1") == (output["StackName"], output["Region"])
    assert "{{resolve:ssm:/generator-platform-prod/routing-store}}" == store_arn_kept("generator-platform-prod")


def test_S7_who_switches_traffic_may_touch_the_one_store() -> None:
    """Reading and putting a key; no key is deleted, and no other store is known by its ARN."""
    document = switching("generator-platform-prod").document
    assert ["{{resolve:ssm:/generator-platform-prod/routing-store}}"] == document["Resource"]
    assert ["DescribeKeyValueStore", "GetKey", "PutKey"] == [each.partition(":")[2] for each in document["Action"]]


# --- N6, N9: certificate, DNS, health -----------------------------------------------------------------------------


def test_N6_the_cdn_has_its_certificate(production: Template) -> None:
    """Validated in the zone of the spec; an alarm rings when its renewal has failed."""
    certificate = only(production, "AWS::CertificateManager::Certificate")
    assert ("app.example.com", "DNS") == (certificate["DomainName"], certificate["ValidationMethod"])
    (alarm,) = [one for one in properties(production, ALARM) if one["AlarmName"].endswith("cdn-certificate-warning")]
    assert ("DaysToExpiry", 30) == (alarm["MetricName"], alarm["Threshold"])


@pytest.mark.parametrize(("template", "types"), [("production", {"A", "AAAA"}), ("public", {"A"})])
def test_N9_the_domain_leads_to_the_entry(request: pytest.FixtureRequest, template: str, types: set[str]) -> None:
    """As an alias in the zone of the spec, IPv6 included where the entry has it."""
    records = properties(request.getfixturevalue(template), RECORD)
    assert types == {record["Type"] for record in records}
    assert {"Z0123456789ABCDEFGHIJ"} == {record["HostedZoneId"] for record in records}


def test_N9_the_site_is_asked_as_users_ask(production: Template) -> None:
    """By HTTPS and name; twice without an answer is down for a minute, and somebody hears it."""
    check = only(production, "AWS::Route53::HealthCheck")["HealthCheckConfig"]
    assert ("HTTPS", "app.example.com", "/ready") == (
        check["Type"],
        check["FullyQualifiedDomainName"],
        check["ResourcePath"],
    )
    assert 60 == check["RequestInterval"] * check["FailureThreshold"]
    (alarm,) = [one for one in properties(production, ALARM) if one["AlarmName"].endswith("site-down-critical")]
    assert ("HealthCheckStatus", "breaching") == (alarm["MetricName"], alarm["TreatMissingData"])
    assert alarm["AlarmActions"]


def test_N9_a_closed_site_is_not_asked(public: Template) -> None:
    """Route 53's checkers are not among the allowed addresses, and would call it down for ever."""
    assert not resources(public, "AWS::Route53::HealthCheck")


def test_M2_users_errors_are_heard(production: Template) -> None:
    """Above one percent in five minutes, those included that only the CDN sees."""
    (alarm,) = [one for one in properties(production, ALARM) if one["AlarmName"].endswith("cdn-errors-critical")]
    assert ("5xxErrorRate", 1, 300) == (alarm["MetricName"], alarm["Threshold"], alarm["Period"])


def test_M2_no_alarm_where_its_metric_does_not_exist(public: Template) -> None:
    """Health checks and CloudFront report to us-east-1 alone; this stack is in us-west-2."""
    assert not resources(public, ALARM)
    assert not resources(public, "AWS::SNS::Topic")
