"""How requests reach services: load balancers, rules, names."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from service_template import (
    DOMAIN,
    LISTENER,
    LOAD_BALANCER,
    SERVICE,
    attributes,
    rules,
    traffic_rules,
)
from synthesis import templates
from template import Template, actions, only, properties, resources, statements
from variant import varied

Synthesized = Callable[[str, str], dict[str, Template]]
ENVIRONMENTS = ("dev", "staging", "prod", "preview")


def test_N5_https_listeners_with_tls_1_3(production: Template) -> None:
    """TLS 1.3, 1.2 for CloudFront alone, and nothing on port 80. What users and tests meet is the same."""
    users, tests = properties(production, LISTENER)
    assert (443, 8443) == (users["Port"], tests["Port"])
    for listener in (users, tests):
        assert "HTTPS" == listener["Protocol"]
        assert "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09" == listener["SslPolicy"]
    assert users["Certificates"] == tests["Certificates"]


def test_N5_no_test_listener_where_nothing_shifts(synthesized: Synthesized) -> None:
    """Tasks that are replaced one by one are never asked before users reach them."""
    listeners = properties(synthesized("generator-platform", "dev")["services"], LISTENER)
    assert [443] == [listener["Port"] for listener in listeners]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_N5_no_load_balancer_is_public_behind_a_cdn(synthesized: Synthesized, env: str) -> None:
    """It has private addresses, in the private subnets."""
    template = synthesized("generator-platform", env)["services"]
    load_balancer = only(template, LOAD_BALANCER)
    assert "internal" == load_balancer["Scheme"]
    assert all("private" in json.dumps(subnet) for subnet in load_balancer["Subnets"])


def test_N5_requests_are_logged_and_bad_ones_dropped(production: Template) -> None:
    """Access logs go to the environment's log bucket; what is no proper HTTP gets no further."""
    found = attributes(only(production, LOAD_BALANCER))
    assert "true" == found["access_logs.s3.enabled"]
    assert "BucketsLogs" in json.dumps(found["access_logs.s3.bucket"])
    assert "true" == found["routing.http.drop_invalid_header_fields.enabled"]
    assert "strictest" == found["routing.http.desync_mitigation_mode"]


def test_N5_the_log_bucket_admits_the_load_balancer(synthesized: Synthesized) -> None:
    """Without that the load balancer could not be created."""
    storage = synthesized("generator-platform", "prod")["storage"]
    written = [json.dumps(s["Resource"]) for _, s in statements(storage) if "s3:PutObject" in actions(s)]
    assert any("/load-balancer/AWSLogs/123456789012/*" in resource for resource in written)


@pytest.mark.parametrize(
    ("env", "expected"), [("prod", "true"), ("staging", "true"), ("dev", "false"), ("preview", "false")]
)
def test_N5_deletion_protection_where_the_spec_protects(synthesized: Synthesized, env: str, expected: str) -> None:
    """A load balancer in production is not deleted by one call."""
    template = synthesized("generator-platform", env)["services"]
    found = attributes(only(template, LOAD_BALANCER))
    assert expected == found["deletion_protection.enabled"]


def test_N5_an_unknown_host_reaches_no_service(production: Template) -> None:
    """Every rule names its host, and the default answer is the load balancer's own 404."""
    for listener in properties(production, LISTENER):
        assert [("fixed-response", "404")] == [
            (action["Type"], action["FixedResponseConfig"]["StatusCode"]) for action in listener["DefaultActions"]
        ]
    for rule in traffic_rules(production):
        assert "host-header" in {condition["Field"] for condition in rule["Conditions"]}


def test_N5_paths_reach_their_services_from_outside(production: Template) -> None:
    """`/api/*` before `/*`, both under the application's domain alone; generator is not public."""
    found = rules(production)
    api, web = found[DOMAIN, "/api/*"], found[DOMAIN, "/*"]
    assert api < web
    assert api[1].startswith("api")
    assert web[1].startswith("web")
    assert 2 == len([host for host, _ in found if host == DOMAIN])


def test_N5_a_public_load_balancer_redirects_to_https(public: Template) -> None:
    """Port 80 answers 301 and nothing else."""
    assert "internet-facing" == only(public, LOAD_BALANCER)["Scheme"]
    (http,) = [one for one in properties(public, LISTENER) if one["Port"] == 80]
    (action,) = http["DefaultActions"]
    assert {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"} == action["RedirectConfig"]


def test_N5_calls_between_services_stay_private_behind_a_public_entry() -> None:
    """A public load balancer would answer anybody who sends a private service's name as Host."""

    def change(data: dict[str, Any]) -> None:
        data["edge"] |= {"entry": "load_balancer", "static_paths": []}
        data["services"]["api"]["release"]["engine"] = "ecs"

    template = templates(varied("generator-platform", "prod", change))["services"]
    schemes = {one["Name"]: one["Scheme"] for one in properties(template, LOAD_BALANCER)}
    assert {"generator-platform-prod-alb": "internet-facing", "generator-platform-prod-int": "internal"} == schemes
    for rule in traffic_rules(template):
        internal = "internal.app.example.com" in json.dumps(rule["Conditions"])
        assert internal == rule["ListenerArn"]["Ref"].startswith("InternalLoadBalancer")
    records = json.dumps(properties(template, "AWS::Route53::RecordSet"))
    assert "InternalLoadBalancer" in records
    web, api, generator = (len(service["LoadBalancers"]) for service in properties(template, SERVICE))
    assert (1, 2, 1) == (web, api, generator)


def test_N6_the_certificate_names_the_site_and_its_services(production: Template) -> None:
    """Validated in the zone of the spec, so that ACM can renew it without anybody."""
    certificate = only(production, "AWS::CertificateManager::Certificate")
    assert DOMAIN == certificate["DomainName"]
    assert [f"*.internal.{DOMAIN}"] == certificate["SubjectAlternativeNames"]
    assert "DNS" == certificate["ValidationMethod"]
    assert {"Z0123456789ABCDEFGHIJ"} == {one["HostedZoneId"] for one in certificate["DomainValidationOptions"]}


def test_N9_services_find_each_other_in_the_private_zone(production: Template) -> None:
    """Each service that another depends on, and no other."""
    zone = only(production, "AWS::Route53::HostedZone")
    assert f"internal.{DOMAIN}" == zone["Name"]
    assert 1 == len(zone["VPCs"])
    names = {
        record["Name"]: record["AliasTarget"]["DNSName"] for record in properties(production, "AWS::Route53::RecordSet")
    }
    assert {f"api.internal.{DOMAIN}", f"generator.internal.{DOMAIN}"} == set(names)
    assert all("LoadBalancer" in json.dumps(target) for target in names.values())
    hosts = {host for host, _ in rules(production)}
    assert set(names) == hosts - {DOMAIN}


def test_N9_no_private_zone_without_anyone_to_call(bare: Template) -> None:
    """A zone costs by the month."""
    assert not resources(bare, "AWS::Route53::HostedZone")
