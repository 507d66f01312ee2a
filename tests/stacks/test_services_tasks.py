"""Services and their tasks: cluster, sizes, health, what containers may do and are told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from service_template import (
    DOMAIN,
    SCALABLE,
    SERVICE,
    TARGET_GROUP,
    TASK,
    TRAFFIC,
    container,
    task,
    variables,
)
from synthesis import templates
from template import ROOT, Template, only, properties, resources
from variant import varied

from spec import load

Synthesized = Callable[[str, str], dict[str, Template]]
ENVIRONMENTS = ("dev", "staging", "prod", "preview")


def test_C1_a_fargate_cluster_with_insights(production: Template) -> None:
    """And FARGATE for whatever is started without a choice."""
    cluster = only(production, "AWS::ECS::Cluster")
    assert [{"Name": "containerInsights", "Value": "enhanced"}] == cluster["ClusterSettings"]
    assert [{"CapacityProvider": "FARGATE", "Weight": 1}] == cluster["DefaultCapacityProviderStrategy"]


def test_C1_shells_into_tasks_are_recorded(production: Template) -> None:
    """ECS Exec writes to an encrypted log group, and encrypts the session."""
    settings = only(production, "AWS::ECS::Cluster")["Configuration"]["ExecuteCommandConfiguration"]
    assert "KeysLogs" in json.dumps(settings["KmsKeyId"])
    assert "OVERRIDE" == settings["Logging"]
    assert settings["LogConfiguration"]["CloudWatchEncryptionEnabled"]
    assert all(service["EnableExecuteCommand"] for service in properties(production, SERVICE))


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_S4_every_log_group_has_a_key_and_an_end(synthesized: Synthesized, env: str) -> None:
    """One for each service, one for shells, one for insights."""
    groups = properties(synthesized("generator-platform", env)["services"], "AWS::Logs::LogGroup")
    prefix = f"/generator-platform-{env}"
    expected = {f"{prefix}-exec", *(f"{prefix}/{name}" for name in ("web", "api", "generator"))}
    assert expected <= {group["LogGroupName"] for group in groups}
    assert all(group["KmsKeyId"] and group["RetentionInDays"] for group in groups)


@pytest.mark.parametrize(
    ("name", "cpu", "memory", "storage"),
    [("web", "2048", "4096", None), ("api", "2048", "4096", None), ("generator", "4096", "8192", 40)],
)
def test_C2_production_has_the_sizes_of_the_specification(
    production: Template, name: str, cpu: str, memory: str, storage: int | None
) -> None:
    """20 GB is what every task has, and the property takes no less than 21."""
    found = task(production, name)
    assert (cpu, memory) == (found["Cpu"], found["Memory"])
    assert storage == found.get("EphemeralStorage", {}).get("SizeInGiB")


def test_C2_two_replicas_of_each_at_least(production: Template) -> None:
    """Scaling never goes below, and owns the number: no deployment sets it back."""
    assert [2, 2, 2] == [target["MinCapacity"] for target in properties(production, SCALABLE)]
    assert not any("DesiredCount" in service for service in properties(production, SERVICE))


def test_C2_a_service_without_scaling_has_its_number(bare: Template) -> None:
    """Which is one in development."""
    assert [1, 1] == [service["DesiredCount"] for service in properties(bare, SERVICE)]


def test_C2_before_the_first_release_nothing_runs(unreleased: Callable[[str], Template]) -> None:
    """There is no image to run; a schedule's minimum must not start tasks either."""
    template = unreleased("dev")
    assert 0 == only(template, SERVICE)["DesiredCount"]
    assert not resources(template, SCALABLE)
    image = json.dumps(only(template, TASK)["ContainerDefinitions"][0]["Image"])
    assert f"@sha256:{'0' * 64}" in image


def test_C2_images_come_by_digest(production: Template, bare: Template) -> None:
    """A tag can change under the same template."""
    for template in (production, bare):
        for found in properties(template, TASK):
            assert re.search(r"@sha256:[0-9a-f]{64}", json.dumps(found["ContainerDefinitions"][0]["Image"]))


@pytest.mark.parametrize("port", [3000, 4000, 8000])
def test_C3_the_load_balancer_asks_for_readiness(production: Template, port: int) -> None:
    """As the spec says, and the same for the version that is being released as for the one that is live."""
    services = load(ROOT / "apps/generator-platform.yaml").for_environment("prod").services.values()
    (ready,) = [service.health.readiness for service in services if service.port == port]
    groups = [one for one in properties(production, TARGET_GROUP) if one["Port"] == port]
    assert 2 == len(groups)
    for group in groups:
        assert (
            ready.path,
            ready.interval_seconds,
            ready.timeout_seconds,
            ready.healthy_threshold,
            ready.unhealthy_threshold,
        ) == (
            group["HealthCheckPath"],
            group["HealthCheckIntervalSeconds"],
            group["HealthCheckTimeoutSeconds"],
            group["HealthyThresholdCount"],
            group["UnhealthyThresholdCount"],
        )


def test_C3_the_container_asks_itself_for_liveness(production: Template) -> None:
    """With a start-up time in which failures do not count, and the application's own checks after it."""
    api = container(production, "api")["HealthCheck"]
    assert 60 == api["StartPeriod"]
    command = api["Command"][1]
    assert command.index("node healthcheck.js") < command.index("http://127.0.0.1:4000/health/queue")
    assert "/health" in container(production, "generator")["HealthCheck"]["Command"][1]


def test_C3_a_rolling_release_that_does_not_get_healthy_is_taken_back(bare: Template) -> None:
    """The old tasks stay until the new ones are healthy."""
    for service in properties(bare, SERVICE):
        deployment = service["DeploymentConfiguration"]
        assert "ROLLING" == deployment["Strategy"]
        assert {"Enable": True, "Rollback": True} == deployment["DeploymentCircuitBreaker"]
        assert (100, 200) == (deployment["MinimumHealthyPercent"], deployment["MaximumPercent"])
        assert "ENABLED" == service["AvailabilityZoneRebalancing"]


def test_C3_tasks_start_once_requests_can_reach_them(production: Template) -> None:
    """ECS refuses a target group that no rule leads to."""
    traffic = {name for name, resource in production["Resources"].items() if resource["Type"] == TRAFFIC}
    for service in resources(production, SERVICE):
        assert traffic & set(service["DependsOn"])


def test_C3_a_new_task_has_time_to_start(bare: Template) -> None:
    """The spec's grace holds for the load balancer's check too; ECS refuses one where there is no load balancer."""
    web, worker = properties(bare, SERVICE)
    assert 60 == web["HealthCheckGracePeriodSeconds"]
    assert "HealthCheckGracePeriodSeconds" not in worker


def test_C3_a_worker_that_nobody_calls_has_no_target_group(bare: Template) -> None:
    """The load balancer would never send it a request."""
    group = only(bare, TARGET_GROUP)
    assert 3000 == group["Port"]
    assert [1, 0] == [len(service.get("LoadBalancers", [])) for service in properties(bare, SERVICE)]


@pytest.mark.parametrize(
    ("env", "level", "node_env"), [("dev", "debug", "development"), ("prod", "info", "production")]
)
def test_A1_development_logs_in_detail(synthesized: Synthesized, env: str, level: str, node_env: str) -> None:
    """Production does not."""
    found = variables(synthesized("generator-platform", env)["services"], "web")
    assert (level, node_env) == (found["LOG_LEVEL"], found["NODE_ENV"])


def test_A1_preview_leaves_no_logs_behind(synthesized: Synthesized) -> None:
    """Production keeps them when the stack goes."""
    expected = {"preview": {"Delete"}, "prod": {"Delete", "RetainExceptOnCreate"}}
    for env, policies in expected.items():
        groups = resources(synthesized("generator-platform", env)["services"], "AWS::Logs::LogGroup")
        assert policies == {group["DeletionPolicy"] for group in groups}


def test_A4_what_a_service_is_told(production: Template) -> None:
    """Exactly the contract of what api depends on, and the application's variables."""
    expected = {
        "NODE_ENV", "PORT", "LOG_LEVEL", "GENERATOR_URL", "DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME",
        "DATABASE_READER_HOSTS", "DATABASE_SSL_MODE", "CACHE_HOST", "CACHE_PORT", "CACHE_TLS", "QUEUE_HOST",
        "QUEUE_PORT", "QUEUE_TLS", "DATA_BUCKET",
    }  # fmt: skip
    found = variables(production, "api")
    assert expected == set(found)
    assert ("4000", "5432", "generator", "5671") == tuple(
        found[name] for name in ("PORT", "DATABASE_PORT", "DATABASE_NAME", "QUEUE_PORT")
    )


def test_A4_without_replicas_reading_goes_to_the_primary(synthesized: Synthesized) -> None:
    """So code may always read there."""
    found = variables(synthesized("generator-platform", "dev")["services"], "api")
    assert found["DATABASE_HOST"] == found["DATABASE_READER_HOSTS"]


def test_A4_credentials_are_references(production: Template) -> None:
    """ECS reads them when a task starts; only the name of each stands here."""
    secrets = {
        secret["Name"]: json.dumps(secret["ValueFrom"]) for secret in container(production, "generator")["Secrets"]
    }
    expected = {"DATABASE_USERNAME", "DATABASE_PASSWORD", "QUEUE_USERNAME", "QUEUE_PASSWORD", "MODEL_API_KEY"}
    assert expected == set(secrets)
    assert ":password::" in secrets["DATABASE_PASSWORD"]
    assert "Administrator" not in str(secrets)


def test_A4_a_rotated_secret_brings_the_values_that_a_service_accepts_beside_it(production: Template) -> None:
    """The one it uses, the one that comes, the one that was; a supplied secret has its name alone."""
    secrets = {secret["Name"]: json.dumps(secret["ValueFrom"]) for secret in container(production, "web")["Secrets"]}
    fields = {"": "value", "_NEXT": "next", "_PREVIOUS": "previous"}
    for suffix, field in fields.items():
        assert f":{field}::" in secrets[f"SESSION_SIGNING_KEY{suffix}"]
    (supplied,) = [one for one in container(production, "generator")["Secrets"] if one["Name"].startswith("MODEL")]
    assert "MODEL_API_KEY" == supplied["Name"]
    assert "Fn::Join" not in supplied["ValueFrom"]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_A4_no_value_of_a_secret_in_the_template(synthesized: Synthesized, env: str) -> None:
    """Neither written out nor resolved by CloudFormation, which would show it in the task definition."""
    template = synthesized("generator-platform", env)["services"]
    assert "resolve:secretsmanager" not in json.dumps(template)
    for found in properties(template, TASK):
        names = {v["Name"] for definition in found["ContainerDefinitions"] for v in definition["Environment"]}
        assert not [name for name in names if re.search("PASSWORD|SECRET|KEY|TOKEN", name)]


def test_S5_stores_are_spoken_to_by_tls(production: Template) -> None:
    """The code is told so, and where services are reached is an https address."""
    api = variables(production, "api")
    assert ("verify-full", "true", "true") == (api["DATABASE_SSL_MODE"], api["CACHE_TLS"], api["QUEUE_TLS"])
    assert f"https://generator.internal.{DOMAIN}" == api["GENERATOR_URL"]


def test_S5_a_container_may_speak_tls_itself() -> None:
    """`protocol: https` reaches the target group and its check."""

    def change(data: dict[str, Any]) -> None:
        data["services"]["web"]["protocol"] = "https"

    group = only(templates(varied("storefront", "dev", change))["services"], TARGET_GROUP)
    assert ("HTTPS", "HTTPS") == (group["Protocol"], group["HealthCheckProtocol"])
