"""Every secret of an environment gets new values, or says why a person gives them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from synthesis import templates
from template import ROOT, Properties, Template, actions, properties, resources, statements
from variant import Data, varied

from secret_rotation.engines import engine_for
from secret_rotation.settings import Settings
from secret_rotation.watch import Watched
from spec import load

Synthesized = Callable[[str, str], dict[str, Template]]

SECRET = "AWS::SecretsManager::Secret"
SCHEDULE = "AWS::SecretsManager::RotationSchedule"
PERMISSION = "AWS::Lambda::Permission"
FUNCTION = "AWS::Lambda::Function"
LOGIN = "Custom::Login"

ENVIRONMENTS = [
    *(("generator-platform", env) for env in ("dev", "staging", "prod", "preview")),
    *(("storefront", env) for env in ("dev", "prod")),
]
SECRETS = {
    "database-administrator": ("administrator", []),
    "database": ("application", ["api", "generator"]),
    "cache": ("application", ["web", "api"]),
    "queue-administrator": ("administrator", []),
    "queue": ("application", ["api", "generator"]),
    "SESSION_SIGNING_KEY": ("generated", ["web"]),
}
"""Of the generator platform: kind, and the services that start with it."""


@pytest.fixture(params=ENVIRONMENTS, ids="-".join)
def environment(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Each environment of each application in apps/."""
    found: tuple[str, str] = request.param
    return found


@pytest.fixture
def data(synthesized: Synthesized, environment: tuple[str, str]) -> Template:
    """Its data stack."""
    return synthesized(*environment)["data"]


@pytest.fixture(scope="module")
def production(synthesized: Synthesized) -> Template:
    """The data stack of the generator platform's production."""
    return synthesized("generator-platform", "prod")["data"]


def test_S3_every_secret_is_rotated_within_thirty_days_or_supplied_by_somebody(
    environment: tuple[str, str], data: Template
) -> None:
    """A schedule for each that is made here, in a window, and never while a deployment runs."""
    app, env = environment
    supplied = {
        f"{name}: {secret.description}"
        for name, secret in load(ROOT / "apps" / f"{app}.yaml").for_environment(env).secrets.items()
        if secret.source == "supplied"
    }
    rotated = {}
    for schedule in properties(data, SCHEDULE):
        rotated[schedule["SecretId"]["Ref"]] = schedule
        (days,) = re.findall(r"^rate\((\d+) days\)$", schedule["RotationRules"]["ScheduleExpression"])
        assert int(days) <= 30
        assert ("4h", False) == (schedule["RotationRules"]["Duration"], schedule["RotateImmediatelyOnUpdate"])
    for name, resource in data["Resources"].items():
        if resource["Type"] == SECRET:
            assert (name in rotated) is (resource["Properties"]["Description"] not in supplied)
    assert len(rotated) >= 3


def test_S3_a_secret_that_must_stay_is_not_rotated() -> None:
    """Neither watched nor rotated, and a service gets it alone."""

    def keep(changed: Data) -> None:
        changed["secrets"]["SESSION_SIGNING_KEY"]["unrotated_because"] = "Files are encrypted with it"

    kept = templates(varied("generator-platform", "prod", keep))
    assert "generator-platform-prod/SESSION_SIGNING_KEY" not in json.dumps(kept["data"])
    names = {
        secret["Name"]
        for task in properties(kept["services"], "AWS::ECS::TaskDefinition")
        for container in task["ContainerDefinitions"]
        for secret in container.get("Secrets", [])
    }
    assert "SESSION_SIGNING_KEY" in names
    assert "SESSION_SIGNING_KEY_NEXT" not in names


def test_S3_the_specs_days_reach_the_schedules() -> None:
    """And one day is written in the singular, as Secrets Manager wants it."""

    def change(changed: Data) -> None:
        changed["rotation"] = {"days": 1, "window_hours": 2, "database_users": "single"}

    template = templates(varied("storefront", "dev", change))["data"]
    rules = [schedule["RotationRules"] for schedule in properties(template, SCHEDULE)]
    assert [{"ScheduleExpression": "rate(1 day)", "Duration": "2h"}] * 3 == rules
    assert "single" == _settings(template)["postgresql"].users
    alarm = _alarms(template)["storefront-dev-database-secret-old-warning"]
    assert 6 == alarm["Threshold"]


def test_S3_a_cname_of_the_database_reaches_the_function() -> None:
    """Which writes it into the application's secret, and logs in by it as clients do."""

    def change(changed: Data) -> None:
        changed["database"]["alias"] = "db.shop.example.com"

    settings = _settings(templates(varied("storefront", "dev", change))["data"])["postgresql"]
    application = next(secret for secret in settings.secrets if secret.kind == "application")
    engine = engine_for(settings, application, lambda: iter(()))
    assert "db.shop.example.com" == engine.attributes()["host"]
    assert "db.shop.example.com" != settings.host


def test_S3_every_function_knows_its_server_and_its_secrets(production: Template) -> None:
    """The variable is the whole of what the function decodes: no field is left to a default."""
    found = _settings(production)
    assert {"postgresql", "redis", "rabbitmq", "generated"} == set(found)
    for variable in _variables(production, "ROTATION"):
        assert set(Settings.__struct_fields__) == set(json.loads(variable))
    secrets = {secret.name: secret for settings in found.values() for secret in settings.secrets}
    expected = {f"generator-platform-prod/{name}": told for name, told in SECRETS.items()}
    assert expected == {name: (secret.kind, secret.consumers) for name, secret in secrets.items()}
    assert 64 == secrets["generator-platform-prod/SESSION_SIGNING_KEY"].length
    for settings in found.values():
        assert ("generator-platform-prod", "generator-platform-prod") == (settings.prefix, settings.cluster)
        assert settings.refresh_arn.endswith("123456789012:stateMachine:generator-platform-prod-secret-refresh")


def test_S3_every_server_is_told_by_its_own_name(production: Template) -> None:
    """The endpoint whose certificate is verified, replicas included; the cache's user by its ID."""
    found = _settings(production)
    database, cache, queue = found["postgresql"], found["redis"], found["rabbitmq"]
    assert ("generator", 5432, 1, "alternating") == (
        database.database,
        database.port,
        len(database.readers),
        database.users,
    )
    assert database.host.endswith("Endpoint.Address")
    users = {user["UserName"]: user["UserId"] for user in properties(production, "AWS::ElastiCache::User")}
    assert (users["application"], 6379) == (cache.user_id, cache.port)
    assert (5671, 443, "/") == (queue.port, queue.management_port, queue.virtual_host)


def test_S3_a_server_starts_with_its_administrator_and_services_never_get_it(synthesized: Synthesized) -> None:
    """RDS's and the broker's first user; no task has that secret, and no role beside the function's reads it."""
    stacks = synthesized("generator-platform", "prod")
    (primary,) = [
        one for one in properties(stacks["data"], "AWS::RDS::DBInstance") if "SourceDBInstanceIdentifier" not in one
    ]
    assert "DatabaseAdministrator" in str(primary["MasterUsername"])
    (broker,) = properties(stacks["data"], "AWS::AmazonMQ::Broker")
    (user,) = broker["Users"]
    assert "administrator" == user["Username"]
    assert "QueueAdministrator" in str(user["Password"])
    readable = [
        statement["Resource"]
        for _, statement in statements(stacks["services"])
        if "secretsmanager:GetSecretValue" in actions(statement)
    ]
    assert readable
    assert "Administrator" not in json.dumps([readable, properties(stacks["services"], "AWS::ECS::TaskDefinition")])


def test_S3_a_login_is_valid_before_it_is_rotated_or_used(data: Template) -> None:
    """First the administrator's, which makes the other; then the schedule, whose test needs the login and the permission."""
    logins = {login["Properties"]["SecretId"]["Ref"]: login for login in resources(data, LOGIN)}
    names = {name: resource for name, resource in data["Resources"].items() if resource["Type"] == LOGIN}
    for schedule in resources(data, SCHEDULE):
        secret = schedule["Properties"]["SecretId"]["Ref"]
        awaited = [data["Resources"][name] for name in schedule["DependsOn"]]
        assert logins[secret] in awaited
        (permission,) = [each["Properties"] for each in awaited if each["Type"] == PERMISSION]
        assert {"Ref": secret} == permission["SourceArn"]
        assert logins[secret]["Properties"]["ServiceToken"] == schedule["Properties"]["RotationLambdaARN"]
    (application,) = [name for name in names if name.startswith("DatabaseApplication")]
    (before,) = names[application]["DependsOn"]
    assert before.startswith("DatabaseAdministratorLogin")
    (attached,) = names[before]["DependsOn"]
    assert "AWS::SecretsManager::SecretTargetAttachment" == data["Resources"][attached]["Type"]


def test_S3_a_moved_server_is_an_update_of_its_logins(production: Template) -> None:
    """What a secret says beside the login stands in the resource, so that a change makes CloudFormation ask."""
    for login in properties(production, LOGIN):
        attributes = json.loads(_resolved(login["Attributes"]))
        assert {"host", "alias", "port", "database", "readers", "length"} == set(attributes)
        if not login["SecretId"]["Ref"].startswith("ApplicationSecrets"):
            assert attributes["host"]


def test_S7_secrets_manager_calls_a_function_for_its_own_secrets_alone(data: Template) -> None:
    """By account and ARN: without them anybody's secret could be rotated by it."""
    admitted = [one for one in properties(data, PERMISSION) if one["Principal"] == "secretsmanager.amazonaws.com"]
    assert len(resources(data, SCHEDULE)) == len(admitted)
    for permission in admitted:
        assert "123456789012" == permission["SourceAccount"]
        assert SECRET == data["Resources"][permission["SourceArn"]["Ref"]]["Type"]
        assert "lambda:InvokeFunction" == permission["Action"]
    (hourly,) = [one for one in properties(data, PERMISSION) if one["Principal"] == "events.amazonaws.com"]
    assert "AWS::Events::Rule" == data["Resources"][hourly["SourceArn"]["Fn::GetAtt"][0]]["Type"]


@pytest.mark.parametrize("store", ["database", "cache", "queue", "generated"])
def test_S7_a_function_may_rotate_its_own_secrets_and_nothing_else(production: Template, store: str) -> None:
    """Read and write versions of these, see who still runs with old ones, start the one refresh."""
    expected = {
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "ecs:DescribeTasks",
        "ecs:ListTasks",
        "states:StartExecution",
        *(["elasticache:DescribeUsers", "elasticache:ModifyUser"] if store == "cache" else []),
    }
    policy = _policy(production, f"rotate-{store}")
    of_every_function = {"Log", "Trace", "Environment", "Interfaces", "InterfaceLists"}
    allowed = {sid: statement for sid, statement in policy.items() if sid not in of_every_function}
    assert expected == {action for sid, one in allowed.items() if one["Effect"] == "Allow" for action in actions(one)}
    told = _environment(_function(production, f"rotate-{store}"))["ROTATION"]
    own = [secret["arn"] for secret in json.loads(_resolved(told))["secrets"]]
    assert own == [resource["Ref"] for resource in allowed["Secrets"]["Resource"]]
    via = {"StringEquals": {"kms:ViaService": "secretsmanager.us-west-2.amazonaws.com"}}
    assert via == allowed["SecretsKey"]["Condition"]
    assert re.search("KeysSecrets.*Arn", str(allowed["SecretsKey"]["Resource"]))
    assert ["arn:aws:states:us-west-2:123456789012:stateMachine:generator-platform-prod-secret-refresh"] == (
        allowed["Refresh"]["Resource"]
    )
    if store == "cache":
        assert ["arn:aws:elasticache:us-west-2:123456789012:user:generator-platform-prod-app"] == (
            allowed["Users"]["Resource"]
        )


def test_S7_the_watch_reads_no_value_and_writes_its_own_numbers(production: Template) -> None:
    """Descriptions of every secret, and one namespace."""
    policy = _policy(production, "secret-watch")
    assert ["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"] == actions(policy["Secrets"])
    assert len(resources(production, SECRET)) == len(policy["Secrets"]["Resource"])
    assert {"StringEquals": {"cloudwatch:namespace": "Understudy/Secrets"}} == policy["Numbers"]["Condition"]
    assert ["cloudwatch:PutMetricData"] == actions(policy["Numbers"])


def test_N3_functions_that_log_in_stand_in_the_vpc_each_in_its_own_group(synthesized: Synthesized) -> None:
    """In private subnets, which have a way to AWS; what asks AWS alone stands outside."""
    stacks = synthesized("generator-platform", "prod")
    groups = {}
    for store in ("database", "cache", "queue"):
        placed = _function(stacks["data"], f"rotate-{store}")["VpcConfig"]
        (group,) = placed["SecurityGroupIds"]
        groups[store] = group["Fn::GetStackOutput"]["OutputName"]
        assert f"rotation{store}" in groups[store]
        assert 3 == len(placed["SubnetIds"])
        assert all("privateSubnet" in str(subnet) for subnet in placed["SubnetIds"])
    assert 3 == len(set(groups.values()))
    for name in ("rotate-generated", "secret-watch"):
        assert "VpcConfig" not in _function(stacks["data"], name)


def test_S3_functions_have_time_for_bounded_polling(production: Template) -> None:
    """ElastiCache takes minutes for a user; CloudFormation waits for three tries."""
    found = {name: _function(production, f"rotate-{name}")["Timeout"] for name in ("database", "cache", "queue")}
    assert {"database": 600, "cache": 900, "queue": 600} == found
    (login,) = [each for each in properties(production, LOGIN) if each["SecretId"]["Ref"].startswith("Cache")]
    assert 3 * 900 < login["ServiceTimeout"] <= 3600


def test_M2_each_rotated_secret_rings_when_it_is_old_pending_or_overdue(
    environment: tuple[str, str], data: Template
) -> None:
    """On the environment's topic, with the runbook; an hour without a number changes nothing."""
    prefix = "-".join(environment)
    expected = {"old": ("AgeDays", 35, 1), "pending": ("PendingMinutes", 60, 1), "overdue": ("OverdueDays", 0, 2)}
    alarms = _alarms(data)
    rotated = [secret.name for settings in _settings(data).values() for secret in settings.secrets]
    assert len(resources(data, SCHEDULE)) == len(rotated)
    for full_name in rotated:
        for what, (metric, threshold, periods) in expected.items():
            alarm = alarms[f"{prefix}-{full_name.removeprefix(f'{prefix}/')}-secret-{what}-warning"]
            assert ("Understudy/Secrets", metric) == (alarm["Namespace"], alarm["MetricName"])
            assert [{"Name": "Secret", "Value": full_name}] == alarm["Dimensions"]
            assert ("GreaterThanThreshold", threshold, periods, 3600, "ignore") == (
                alarm["ComparisonOperator"],
                alarm["Threshold"],
                alarm["EvaluationPeriods"],
                alarm["Period"],
                alarm["TreatMissingData"],
            )
            assert "docs/runbooks/mend-a-rotation.md" in alarm["AlarmDescription"]
            assert f"{prefix}-security" == alarm["AlarmActions"][0]["Fn::GetStackOutput"]["StackName"]


def test_M2_a_supplied_secret_rings_when_a_person_has_to_replace_it(production: Template) -> None:
    """After the spec's days; it is never pending nor overdue."""
    found = {name: one for name, one in _alarms(production).items() if "MODEL_API_KEY" in name}
    ((name, alarm),) = found.items()
    assert ("generator-platform-prod-MODEL_API_KEY-secret-old-warning", 90) == (name, alarm["Threshold"])
    assert "supplied" in alarm["AlarmDescription"]


def test_M2_a_rotation_that_fails_rings_and_says_that_the_current_value_works(production: Template) -> None:
    """The alarm on the function's errors, with the runbook and nothing about releases."""
    alarms = _alarms(production)
    for store in ("database", "cache", "queue", "generated"):
        text = alarms[f"generator-platform-prod-rotate-{store}-errors-warning"]["AlarmDescription"]
        assert "the current value still works; docs/runbooks/mend-a-rotation.md" in text
        assert "release" not in text


def test_M2_somebody_looks_every_hour_and_is_missed(production: Template) -> None:
    """At every secret, the supplied ones too; one alarm rings when for three hours nobody has."""
    (rule,) = properties(production, "AWS::Events::Rule")
    assert "rate(1 hour)" == rule["ScheduleExpression"]
    (target,) = rule["Targets"]
    assert (
        "secret_rotation.watch.handler"
        == (production["Resources"][target["Arn"]["Fn::GetAtt"][0]]["Properties"]["Handler"])
    )
    (variable,) = _variables(production, "SECRETS")
    watched = {secret.name for secret in msgspec.json.decode(variable, type=list[Watched])}
    assert {f"generator-platform-prod/{name}" for name in (*SECRETS, "MODEL_API_KEY")} == watched
    silent = _alarms(production)["generator-platform-prod-secret-watch-silent-warning"]
    assert ("SampleCount", "LessThanThreshold", 1, "breaching", 3) == (
        silent["Statistic"],
        silent["ComparisonOperator"],
        silent["Threshold"],
        silent["TreatMissingData"],
        silent["EvaluationPeriods"],
    )
    assert silent["Dimensions"][0]["Value"] in watched


def test_S3_many_secrets_are_shared_out_over_functions() -> None:
    """What a function is told fits into its variables, however many secrets an application has."""

    def change(changed: Data) -> None:
        changed["secrets"] = {
            f"KEY_{number:02}_{'X' * 57}": {"description": "A key", "source": "generated"} for number in range(20)
        }
        changed["services"]["web"]["secrets"] = list(changed["secrets"])

    template = templates(varied("storefront", "prod", change))["data"]
    told = [*_variables(template, "ROTATION"), *_variables(template, "SECRETS")]
    assert [8, 8, 4] == [len(json.loads(each)["secrets"]) for each in told if '"generated"' in each]
    # In place of each reference, which _resolved writes out by its name, the longest ARN of that name.
    assert [] == [len(each) for each in told if len(each) + 90 * each.count('"arn"') > 4096 - 400]


def test_S3_an_application_without_secrets_has_no_rotation() -> None:
    """Nor anything else that would stand in the stack of data: it is not there."""

    def change(changed: Data) -> None:
        for part in ("database", "cache"):
            changed.pop(part)
            for overlay in changed["environments"].values():
                overlay.pop(part, None)
        changed["services"]["web"]["dependencies"] = []

    assert "data" not in templates(varied("storefront", "dev", change))


def _settings(template: Template) -> dict[str, Settings]:
    """What the functions are told, by engine."""
    found = [msgspec.json.decode(variable, type=Settings) for variable in _variables(template, "ROTATION")]
    return {settings.engine: settings for settings in found}


def _variables(template: Template, name: str) -> list[str]:
    environments = [_environment(function) for function in properties(template, FUNCTION)]
    return [_resolved(variables[name]) for variables in environments if name in variables]


def _environment(function: Properties) -> dict[str, Any]:
    found: dict[str, Any] = function.get("Environment", {}).get("Variables", {})
    return found


def _function(template: Template, name: str) -> Properties:
    (found,) = [
        each for each in properties(template, FUNCTION) if _environment(each).get("POWERTOOLS_SERVICE_NAME") == name
    ]
    return found


def _policy(template: Template, function: str) -> dict[str, dict[str, Any]]:
    """Statements of a function's one policy, by their names."""
    role = template["Resources"][_function(template, function)["Role"]["Fn::GetAtt"][0]]
    (policy,) = role["Properties"]["ManagedPolicyArns"]
    document = template["Resources"][policy["Ref"]]["Properties"]["PolicyDocument"]
    return {statement["Sid"]: statement for statement in document["Statement"]}


def _alarms(template: Template) -> dict[str, Properties]:
    return {alarm["AlarmName"]: alarm for alarm in properties(template, "AWS::CloudWatch::Alarm")}


def _resolved(value: Any) -> str:
    """A text with its references written out by their names, as CloudFormation writes out their values."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        return str(argument[0]).join(_resolved(part) for part in argument[1])
    if function == "Ref":
        return str(argument)
    return ".".join(argument) if function == "Fn::GetAtt" else function
