"""The services stack."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from template import ROOT, Properties, Template, actions, only, properties, resources, statements
from variant import templates, varied

from spec import load

Synthesized = Callable[[str, str], dict[str, Template]]
ENVIRONMENTS = ("dev", "staging", "prod", "preview")

DOMAIN = "app.example.com"
TASK = "AWS::ECS::TaskDefinition"
SERVICE = "AWS::ECS::Service"
LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
ROLE_POLICY = "AWS::IAM::ManagedPolicy"
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
SCALABLE = "AWS::ApplicationAutoScaling::ScalableTarget"


@pytest.fixture(scope="module")
def production(synthesized: Synthesized) -> Template:
    """The generator platform's production."""
    return synthesized("generator-platform", "prod")["services"]


@pytest.fixture(scope="module")
def bare() -> Template:
    """One public service with an image of its own, and a worker that nobody calls; no store of any kind."""

    def change(data: dict[str, Any]) -> None:
        for part in ("database", "cache"):
            data.pop(part)
            for overlay in data["environments"].values():
                overlay.pop(part, None)
        web = data["services"]["web"]
        web.pop("build")
        web |= {"image": f"public.ecr.aws/example/web@sha256:{'a' * 64}", "dependencies": [], "scaling": None}
        image = f"123456789012.dkr.ecr.us-west-2.amazonaws.com/team/worker@sha256:{'b' * 64}"
        data["services"]["worker"] = {
            "image": image,
            "port": 4000,
            "vcpu": 0.25,
            "memory_gib": 0.5,
            "protocol": "https",
        }
        data["storage"] = {"data": None, "backups": None}

    return templates(varied("storefront", "dev", change))["services"]


@pytest.fixture(scope="module")
def public() -> Template:
    """Production without a CDN."""

    def change(data: dict[str, Any]) -> None:
        data["edge"] |= {"entry": "load_balancer", "static_paths": []}

    return templates(varied("storefront", "prod", change))["services"]


@pytest.fixture(scope="module")
def unreleased() -> Template:
    """Production before its first release."""
    deployment = load(ROOT / "apps/storefront.yaml").for_environment("prod")
    return templates(deployment.model_copy(update={"images": {}}))["services"]


def container(template: Template, name: str) -> Properties:
    """The container of the service `name`."""
    (found,) = [
        definition
        for task in properties(template, TASK)
        for definition in task["ContainerDefinitions"]
        if definition["Name"] == name
    ]
    return found  # type: ignore[no-any-return]


def task(template: Template, name: str) -> Properties:
    """The task definition of the service `name`."""
    (found,) = [one for one in properties(template, TASK) if one["Family"].endswith(f"-{name}")]
    return found


def variables(template: Template, name: str) -> dict[str, Any]:
    """Environment variables of the service `name`."""
    return {variable["Name"]: variable["Value"] for variable in container(template, name)["Environment"]}


def attributes(load_balancer: Properties) -> dict[str, Any]:
    """Attributes of a load balancer by name."""
    return {attribute["Key"]: attribute["Value"] for attribute in load_balancer["LoadBalancerAttributes"]}


# --- N5: load balancer --------------------------------------------------------------------------------------------


def test_N5_one_https_listener_with_tls_1_3(production: Template) -> None:
    """TLS 1.3, 1.2 for CloudFront alone, and nothing on port 80."""
    listener = only(production, "AWS::ElasticLoadBalancingV2::Listener")
    assert (443, "HTTPS") == (listener["Port"], listener["Protocol"])
    assert "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09" == listener["SslPolicy"]


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
    data = synthesized("generator-platform", "prod")["data"]
    written = [json.dumps(s["Resource"]) for _, s in statements(data) if "s3:PutObject" in actions(s)]
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
    listener = only(production, "AWS::ElasticLoadBalancingV2::Listener")
    assert [("fixed-response", "404")] == [
        (action["Type"], action["FixedResponseConfig"]["StatusCode"]) for action in listener["DefaultActions"]
    ]
    for rule in properties(production, RULE):
        assert "host-header" in {condition["Field"] for condition in rule["Conditions"]}


def rules(template: Template) -> dict[tuple[str, str], tuple[int, str]]:
    """Priority and target group of each rule, by host and path."""
    found = {}
    for rule in properties(template, RULE):
        by_field = {condition["Field"]: condition for condition in rule["Conditions"]}
        (host,) = by_field["host-header"]["HostHeaderConfig"]["Values"]
        paths = by_field.get("path-pattern", {"PathPatternConfig": {"Values": ["*"]}})["PathPatternConfig"]["Values"]
        (action,) = rule["Actions"]
        found[host, paths[0]] = (rule["Priority"], action["TargetGroupArn"]["Ref"])
    return found


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
    (http,) = [one for one in properties(public, "AWS::ElasticLoadBalancingV2::Listener") if one["Port"] == 80]
    (action,) = http["DefaultActions"]
    assert {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"} == action["RedirectConfig"]


def test_N5_calls_between_services_stay_private_behind_a_public_entry() -> None:
    """A public load balancer would answer anybody who sends a private service's name as Host."""

    def change(data: dict[str, Any]) -> None:
        data["edge"] |= {"entry": "load_balancer", "static_paths": []}

    template = templates(varied("generator-platform", "prod", change))["services"]
    schemes = {one["Name"]: one["Scheme"] for one in properties(template, LOAD_BALANCER)}
    assert {"generator-platform-prod-alb": "internet-facing", "generator-platform-prod-int": "internal"} == schemes
    for rule in properties(template, RULE):
        internal = "internal.app.example.com" in json.dumps(rule["Conditions"])
        assert internal == rule["ListenerArn"]["Ref"].startswith("InternalLoadBalancer")
    records = json.dumps(properties(template, "AWS::Route53::RecordSet"))
    assert "InternalLoadBalancer" in records
    web, api, generator = (len(service["LoadBalancers"]) for service in properties(template, SERVICE))
    assert (1, 2, 1) == (web, api, generator)


# --- N6, N9: certificate, names among services --------------------------------------------------------------------


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


# --- C1: cluster --------------------------------------------------------------------------------------------------


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


# --- C2: sizes ----------------------------------------------------------------------------------------------------


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


def test_C2_before_the_first_release_nothing_runs(unreleased: Template) -> None:
    """There is no image to run; a schedule's minimum must not start tasks either."""
    assert 0 == only(unreleased, SERVICE)["DesiredCount"]
    assert not resources(unreleased, SCALABLE)
    image = json.dumps(only(unreleased, TASK)["ContainerDefinitions"][0]["Image"])
    assert f"@sha256:{'0' * 64}" in image


def test_C2_images_come_by_digest(production: Template, bare: Template) -> None:
    """A tag can change under the same template."""
    for template in (production, bare):
        for found in properties(template, TASK):
            assert re.search(r"@sha256:[0-9a-f]{64}", json.dumps(found["ContainerDefinitions"][0]["Image"]))


# --- C3: health ---------------------------------------------------------------------------------------------------


def test_C3_the_load_balancer_asks_for_readiness(production: Template) -> None:
    """/ready every ten seconds; two answers make a task ready, three failures take it out."""
    for group in properties(production, "AWS::ElasticLoadBalancingV2::TargetGroup"):
        assert ("/ready", 10, 5, 2, 3) == (
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


def test_C3_a_release_that_does_not_get_healthy_is_taken_back(production: Template) -> None:
    """The old tasks stay until the new ones are healthy."""
    for service in properties(production, SERVICE):
        deployment = service["DeploymentConfiguration"]
        assert {"Enable": True, "Rollback": True} == deployment["DeploymentCircuitBreaker"]
        assert (100, 200) == (deployment["MinimumHealthyPercent"], deployment["MaximumPercent"])
        assert "ENABLED" == service["AvailabilityZoneRebalancing"]


def test_C3_tasks_start_once_requests_can_reach_them(production: Template) -> None:
    """ECS refuses a target group that no rule leads to, and a task without its permissions fails."""
    names = {name for name, resource in production["Resources"].items() if resource["Type"] == RULE}
    for service in resources(production, SERVICE):
        assert names & set(service["DependsOn"])


def test_C3_a_new_task_has_time_to_start(bare: Template) -> None:
    """The spec's grace holds for the load balancer's check too; ECS refuses one where there is no load balancer."""
    web, worker = properties(bare, SERVICE)
    assert 60 == web["HealthCheckGracePeriodSeconds"]
    assert "HealthCheckGracePeriodSeconds" not in worker


def test_C3_a_worker_that_nobody_calls_has_no_target_group(bare: Template) -> None:
    """The load balancer would never send it a request."""
    group = only(bare, "AWS::ElasticLoadBalancingV2::TargetGroup")
    assert 3000 == group["Port"]
    assert [1, 0] == [len(service.get("LoadBalancers", [])) for service in properties(bare, SERVICE)]


# --- C4: scaling --------------------------------------------------------------------------------------------------


def tracked(template: Template) -> list[dict[str, Any]]:
    """What each policy aims at."""
    found = properties(template, "AWS::ApplicationAutoScaling::ScalingPolicy")
    return [policy["TargetTrackingScalingPolicyConfiguration"] for policy in found]


def test_C4_cpu_memory_and_requests_are_tracked(production: Template) -> None:
    """With the spec's targets; requests for the two services that the spec scales by them."""
    found = sorted(
        (one["PredefinedMetricSpecification"]["PredefinedMetricType"], one["TargetValue"])
        for one in tracked(production)
        if "PredefinedMetricSpecification" in one
    )
    expected = [("ALBRequestCountPerTarget", 1200)] * 2
    expected += [("ECSServiceAverageCPUUtilization", target) for target in (60, 60, 70)]
    expected += [("ECSServiceAverageMemoryUtilization", target) for target in (70, 70, 75)]
    assert expected == found


def test_C4_generator_follows_its_queue(production: Template) -> None:
    """Five waiting messages for each running task."""
    (policy,) = [one for one in tracked(production) if "CustomizedMetricSpecification" in one]
    queries = {query["Id"]: query for query in policy["CustomizedMetricSpecification"]["Metrics"]}
    messages = queries["messages"]["MetricStat"]["Metric"]
    assert ("AWS/AmazonMQ", "MessageReadyCount") == (messages["Namespace"], messages["MetricName"])
    assert {"Broker": "generator-platform-prod-queue", "VirtualHost": "/", "Queue": "generate"} == {
        dimension["Name"]: dimension["Value"] for dimension in messages["Dimensions"]
    }
    assert "messages / IF(tasks > 1, tasks, 1)" == queries["depth"]["Expression"]
    assert 5 == policy["TargetValue"]


def test_C4_without_insights_tasks_are_counted_by_samples() -> None:
    """RunningTaskCount does not exist then."""

    def change(data: dict[str, Any]) -> None:
        data["monitoring"]["container_insights"] = "disabled"

    template = templates(varied("generator-platform", "prod", change))["services"]
    (policy,) = [one for one in tracked(template) if "CustomizedMetricSpecification" in one]
    (tasks,) = [q["MetricStat"] for q in policy["CustomizedMetricSpecification"]["Metrics"] if q["Id"] == "tasks"]
    assert ("CPUUtilization", "SampleCount") == (tasks["Metric"]["MetricName"], tasks["Stat"])
    assert not [g for g in properties(template, "AWS::Logs::LogGroup") if "containerinsights" in g["LogGroupName"]]


def test_C4_the_working_day_has_more_tasks(production: Template) -> None:
    """On schedules with a time zone."""
    (scheduled,) = [one["ScheduledActions"] for one in properties(production, SCALABLE) if "ScheduledActions" in one]
    assert [("working-day", 4), ("evening", 2)] == [
        (one["ScheduledActionName"], one["ScalableTargetAction"]["MinCapacity"]) for one in scheduled
    ]
    assert {"America/Los_Angeles"} == {one["Timezone"] for one in scheduled}


def test_C4_a_busy_task_can_protect_itself(production: Template) -> None:
    """Of this cluster's tasks alone, and only for the service that asks for it."""
    (found,) = [s for _, s in statements(production) if "ecs:UpdateTaskProtection" in actions(s)]
    assert "arn:aws:ecs:us-west-2:123456789012:task/generator-platform-prod/*" == found["Resource"]


def test_C4_no_scaling_in_preview(synthesized: Synthesized) -> None:
    """`scaling: null` means a fixed number of tasks."""
    template = synthesized("generator-platform", "preview")["services"]
    assert not resources(template, SCALABLE)
    assert [1, 1, 1] == [service["DesiredCount"] for service in properties(template, SERVICE)]


# --- C6, S7: what a container and its task may do -----------------------------------------------------------------


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_C6_containers_are_locked_down(synthesized: Synthesized, env: str) -> None:
    """Read-only root, no root user, no capability, no privilege, an init process, a log that does not block."""
    for found in properties(synthesized("generator-platform", env)["services"], TASK):
        for definition in found["ContainerDefinitions"]:
            assert definition["ReadonlyRootFilesystem"]
            assert re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", definition["User"])
            assert {"Drop": ["ALL"]} == definition["LinuxParameters"]["Capabilities"]
            assert definition["LinuxParameters"]["InitProcessEnabled"]
            assert not definition.get("Privileged")
            assert "awslogs" == definition["LogConfiguration"]["LogDriver"]
            assert "non-blocking" == definition["LogConfiguration"]["Options"]["mode"]


def test_C6_only_named_folders_are_writable(production: Template) -> None:
    """/tmp, and what the agent of ECS Exec needs: it fails on a read-only root file system otherwise."""
    mounts = {mount["ContainerPath"] for mount in container(production, "api")["MountPoints"] if not mount["ReadOnly"]}
    assert {"/tmp", "/managed-agents", "/var/lib/amazon/ssm", "/var/log/amazon/ssm"} == mounts


def test_C6_files_are_mounted_with_tls_and_iam(production: Template) -> None:
    """By the access point, in the one service that depends on files."""
    (volume,) = [
        volume["EFSVolumeConfiguration"]
        for found in properties(production, TASK)
        for volume in found["Volumes"]
        if "EFSVolumeConfiguration" in volume
    ]
    assert "ENABLED" == volume["TransitEncryption"]
    assert "ENABLED" == volume["AuthorizationConfig"]["IAM"]
    assert volume["AuthorizationConfig"]["AccessPointId"]
    assert "/mnt/files" in {mount["ContainerPath"] for mount in container(production, "generator")["MountPoints"]}


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_S7_no_action_is_a_wildcard(synthesized: Synthesized, env: str) -> None:
    """Each permission by its name."""
    for _, statement in statements(synthesized("generator-platform", env)["services"]):
        if statement["Effect"] == "Allow":
            assert not [action for action in actions(statement) if "*" in action]


def test_S7_every_resource_only_where_aws_has_no_finer(production: Template) -> None:
    """A registry's token, the channels of ECS Exec, and the list of log groups."""
    allowed = {
        "ecr:GetAuthorizationToken",
        "logs:DescribeLogGroups",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    }
    found = {a for _, s in statements(production) if s.get("Resource") == "*" for a in actions(s)}
    assert allowed == found


def test_S7_permissions_are_managed_policies_in_place_before_tasks(production: Template) -> None:
    """Named by the role, not attached after it: a task never starts without them."""
    assert not resources(production, "AWS::IAM::Policy")
    policies = {name for name, resource in production["Resources"].items() if resource["Type"] == ROLE_POLICY}
    used = {arn["Ref"] for role in properties(production, "AWS::IAM::Role") for arn in role["ManagedPolicyArns"]}
    assert policies == used


def test_S7_a_task_starts_with_its_own_secrets_alone(production: Template) -> None:
    """Web reads the session key and the cache's login; not the database's."""
    (web,) = [
        policy
        for policy in properties(production, ROLE_POLICY)
        if policy["Description"] == "generator-platform-prod: starts tasks of web"
    ]
    (secrets,) = [s for s in web["PolicyDocument"]["Statement"] if "secretsmanager:GetSecretValue" in actions(s)]
    text = json.dumps(secrets["Resource"])
    assert 2 == len(secrets["Resource"])
    assert "SESSIONSIGNINGKEY" in text
    assert "CacheLogin" in text


def test_S7_only_services_that_depend_on_data_reach_the_bucket(production: Template) -> None:
    """Api and generator do."""
    found = {
        policy["Description"]
        for policy in properties(production, ROLE_POLICY)
        if "s3:GetObject" in json.dumps(policy["PolicyDocument"])
    }
    assert {"generator-platform-prod: tasks of api", "generator-platform-prod: tasks of generator"} == found


def test_S7_roles_trust_ecs_of_this_account_alone(production: Template) -> None:
    """No other account's tasks can make ECS use them."""
    for role in properties(production, "AWS::IAM::Role"):
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert {"Service": "ecs-tasks.amazonaws.com"} == statement["Principal"]
        assert "123456789012" == statement["Condition"]["StringEquals"]["aws:SourceAccount"]


def test_S7_a_foreign_image_asks_for_no_registry(bare: Template) -> None:
    """A public image needs no AWS permission; one of an ECR of somebody else names that repository."""
    pulls = [s for _, s in statements(bare) if "ecr:BatchGetImage" in actions(s)]
    assert ["arn:aws:ecr:us-west-2:123456789012:repository/team/worker"] == [s["Resource"] for s in pulls]


def test_S7_the_stack_adds_no_rule_to_security_groups(production: Template) -> None:
    """All of them stand in the network stack, beside their reasons."""
    assert not [r for r in production["Resources"].values() if r["Type"].startswith("AWS::EC2::SecurityGroup")]


# --- S5: in transit -----------------------------------------------------------------------------------------------


def test_S5_stores_are_spoken_to_by_tls(production: Template) -> None:
    """The code is told so, and where services are reached is an https address."""
    api = variables(production, "api")
    assert ("verify-full", "true", "true") == (api["DATABASE_SSL_MODE"], api["CACHE_TLS"], api["QUEUE_TLS"])
    assert f"https://generator.internal.{DOMAIN}" == api["GENERATOR_URL"]


def test_S5_a_container_may_speak_tls_itself() -> None:
    """`protocol: https` reaches the target group and its check."""

    def change(data: dict[str, Any]) -> None:
        data["services"]["web"]["protocol"] = "https"

    group = only(templates(varied("storefront", "dev", change))["services"], "AWS::ElasticLoadBalancingV2::TargetGroup")
    assert ("HTTPS", "HTTPS") == (group["Protocol"], group["HealthCheckProtocol"])


# --- A1, A4: environments and variables ---------------------------------------------------------------------------


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


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_A4_no_value_of_a_secret_in_the_template(synthesized: Synthesized, env: str) -> None:
    """Neither written out nor resolved by CloudFormation, which would show it in the task definition."""
    template = synthesized("generator-platform", env)["services"]
    assert "resolve:secretsmanager" not in json.dumps(template)
    for found in properties(template, TASK):
        names = {v["Name"] for definition in found["ContainerDefinitions"] for v in definition["Environment"]}
        assert not [name for name in names if re.search("PASSWORD|SECRET|KEY|TOKEN", name)]
