"""What keeps an environment's data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from template import Resource, Template, actions, only, properties, resources, statements

Synthesized = Callable[[str, str], dict[str, Template]]

ENVIRONMENTS = [
    *(("generator-platform", env) for env in ("dev", "staging", "prod", "preview")),
    *(("storefront", env) for env in ("dev", "prod")),
]
LOGINS = {'{"username": "application"}', '{"username": "administrator"}'}


@pytest.fixture(params=ENVIRONMENTS, ids="-".join)
def data(synthesized: Synthesized, request: pytest.FixtureRequest) -> Template:
    """The data stack of each application and environment."""
    app, env = request.param
    return synthesized(app, env)["data"]


@pytest.fixture
def production(synthesized: Synthesized) -> Template:
    """The data stack of production."""
    return synthesized("generator-platform", "prod")["data"]


@pytest.fixture
def preview(synthesized: Synthesized) -> Template:
    """The data stack of a preview."""
    return synthesized("generator-platform", "preview")["data"]


def test_T1_production_has_the_specifications_database(production: Template) -> None:
    """PostgreSQL 15 over two zones, 4 vCPU and at least 8 GB (db.m7g.xlarge has 16), 100 GB growing to 500."""
    database, _ = _databases(production)
    expected = {
        "Engine": "postgres",
        "DBInstanceIdentifier": "generator-platform-prod-db",
        "DBInstanceClass": "db.m7g.xlarge",
        "DBName": "generator",
        "MultiAZ": True,
        "AllocatedStorage": "100",
        "MaxAllocatedStorage": 500,
        "StorageType": "gp3",
        "Port": "5432",
        "BackupRetentionPeriod": 30,
        "PreferredBackupWindow": "04:00-05:00",
        "PreferredMaintenanceWindow": "sun:02:00-sun:03:00",
        "DeletionProtection": True,
        "DeleteAutomatedBackups": False,
    }
    assert expected == {name: database[name] for name in expected}
    assert re.fullmatch(r"15\.\d+", database["EngineVersion"])


def test_T1_no_database_is_public_or_plain(data: Template) -> None:
    """Encrypted with the key of data, reachable by security group only, by password or IAM."""
    database, *_ = _databases(data)
    assert (True, False, True) == (
        database["StorageEncrypted"],
        database["PubliclyAccessible"],
        database["EnableIAMDatabaseAuthentication"],
    )
    assert re.search("KeysData.*Arn", str(database["KmsKeyId"]))
    assert 1 == len(database["VPCSecurityGroups"])


def test_T1_the_database_stands_in_isolated_subnets(data: Template) -> None:
    """One of each zone."""
    subnets = only(data, "AWS::RDS::DBSubnetGroup")["SubnetIds"]
    assert 3 == len(subnets)
    assert all("isolatedSubnet" in str(subnet) for subnet in subnets)


def test_S5_the_database_forces_tls(data: Template) -> None:
    """A connection without TLS, or with less than 1.2, is refused by the server."""
    parameters = only(data, "AWS::RDS::DBParameterGroup")["Parameters"]
    assert ("1", "TLSv1.2") == (parameters["rds.force_ssl"], parameters["ssl_min_protocol_version"])


def test_T1_slow_statements_and_connections_are_logged(data: Template) -> None:
    """Whatever takes a second or more; who comes and goes."""
    parameters = only(data, "AWS::RDS::DBParameterGroup")["Parameters"]
    logged = ("log_min_duration_statement", "log_connections", "log_disconnections")
    assert ["1000", "1", "1"] == [parameters[name] for name in logged]
    for database in _databases(data):
        assert ["postgresql", "upgrade"] == database["EnableCloudwatchLogsExports"]


def test_T1_the_databases_logs_are_there_before_it(data: Template) -> None:
    """RDS would create them without key and end."""
    groups = {group["LogGroupName"] for group in properties(data, "AWS::Logs::LogGroup")}
    for resource in resources(data, "AWS::RDS::DBInstance"):
        name = resource["Properties"]["DBInstanceIdentifier"]
        awaited = {data["Resources"][other]["Properties"].get("LogGroupName") for other in resource["DependsOn"]}
        expected = {f"/aws/rds/instance/{name}/{log}" for log in ("postgresql", "upgrade")}
        assert expected <= groups
        assert expected <= awaited


def test_T1_the_database_is_watched_from_inside(data: Template) -> None:
    """The operating system's metrics each minute, and Database Insights under our key."""
    for database in _databases(data):
        assert (60, True, "standard") == (
            database["MonitoringInterval"],
            database["EnablePerformanceInsights"],
            database["DatabaseInsightsMode"],
        )
        assert re.search("KeysData.*Arn", str(database["PerformanceInsightsKMSKeyId"]))


@pytest.mark.parametrize(
    ("env", "removed", "replaced"),
    [
        ("prod", "RetainExceptOnCreate", "Retain"),
        ("staging", "Snapshot", "Snapshot"),
        ("dev", "Snapshot", "Snapshot"),
        ("preview", "Delete", "Delete"),
    ],
)
def test_T1_the_database_leaves_a_snapshot_where_data_is_kept(
    synthesized: Synthesized, env: str, removed: str, replaced: str
) -> None:
    """When it is removed, and when a change replaces it; with a stand-in it stays itself, since another one may have taken over."""
    database, *_ = resources(synthesized("generator-platform", env)["data"], "AWS::RDS::DBInstance")
    assert (removed, replaced) == (database["DeletionPolicy"], database["UpdateReplacePolicy"])


def test_T1_development_has_one_small_database(synthesized: Synthesized) -> None:
    """One zone, no replica, and no protection that a tear-down would meet."""
    (database,) = _databases(synthesized("generator-platform", "dev")["data"])
    assert ("db.t4g.small", False, "20", False) == (
        database["DBInstanceClass"],
        database["MultiAZ"],
        database["AllocatedStorage"],
        database["DeletionProtection"],
    )


def test_T2_replicas_follow_the_database_in_its_region(production: Template) -> None:
    """Named, as large and as watched as their source, and able to grow with it."""
    source, replica = resources(production, "AWS::RDS::DBInstance")
    (name,) = [key for key, value in production["Resources"].items() if value is source]
    assert {"Ref": name} == _reference(replica["Properties"]["SourceDBInstanceIdentifier"])
    same = (
        "DBInstanceClass",
        "MaxAllocatedStorage",
        "StorageType",
        "DBParameterGroupName",
        "VPCSecurityGroups",
        "Port",
    )
    assert {key: source["Properties"][key] for key in same} == {key: replica["Properties"][key] for key in same}
    assert "generator-platform-prod-db-replica-1" == replica["Properties"]["DBInstanceIdentifier"]


@pytest.mark.parametrize(("env", "policy"), [("prod", "RetainExceptOnCreate"), ("staging", "Delete")])
def test_T2_a_replica_is_removed_without_a_snapshot(synthesized: Synthesized, env: str, policy: str) -> None:
    """RDS takes none of a replica; CloudFormation would fail to delete it. With a stand-in it stays, as its source does."""
    _, replica = resources(synthesized("generator-platform", env)["data"], "AWS::RDS::DBInstance")
    assert policy == replica["DeletionPolicy"]


def test_T3_production_has_the_specifications_cache(production: Template) -> None:
    """Redis 7 in cluster mode: three shards, each with a replica in another zone."""
    group = only(production, "AWS::ElastiCache::ReplicationGroup")
    expected = {
        "ReplicationGroupId": "generator-platform-prod-cache",
        "Engine": "redis",
        "EngineVersion": "7.1",
        "ClusterMode": "enabled",
        "NumNodeGroups": 3,
        "ReplicasPerNodeGroup": 1,
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": True,
        "Port": 6379,
        "SnapshotRetentionLimit": 30,
        "SnapshotWindow": "04:00-05:00",
    }
    assert expected == {name: group[name] for name in expected}
    parameters = only(production, "AWS::ElastiCache::ParameterGroup")
    assert ("redis7", "yes") == (parameters["CacheParameterGroupFamily"], parameters["Properties"]["cluster-enabled"])


def test_T3_a_cache_without_replicas_still_has_failover(synthesized: Synthesized) -> None:
    """Cluster mode demands it; more than one zone it cannot have."""
    group = only(synthesized("generator-platform", "dev")["data"], "AWS::ElastiCache::ReplicationGroup")
    assert (0, True, False) == (
        group["ReplicasPerNodeGroup"],
        group["AutomaticFailoverEnabled"],
        group["MultiAZEnabled"],
    )


def test_S5_the_cache_is_encrypted_at_rest_and_speaks_tls_alone(data: Template) -> None:
    """With the key of data; a client without TLS is refused."""
    group = only(data, "AWS::ElastiCache::ReplicationGroup")
    assert (True, True, "required") == (
        group["AtRestEncryptionEnabled"],
        group["TransitEncryptionEnabled"],
        group["TransitEncryptionMode"],
    )
    assert re.search("KeysData.*Arn", str(group["KmsKeyId"]))


def test_T3_the_caches_default_user_can_do_nothing(data: Template) -> None:
    """Whoever comes without a name is that user."""
    users = {user["UserName"]: user["AccessString"] for user in properties(data, "AWS::ElastiCache::User")}
    assert {"application", "default"} == set(users)
    assert "off ~* -@all" == users["default"]


def test_T3_the_applications_user_can_neither_administer_nor_wipe_the_cache(data: Template) -> None:
    """It starts from nothing; what is dangerous is taken away again, and only INFO given back."""
    (access,) = [
        user["AccessString"].split()
        for user in properties(data, "AWS::ElastiCache::User")
        if user["UserName"] == "application"
    ]
    assert access.index("-@all") < access.index("+@read") < access.index("-@dangerous")
    assert "-@admin" in access
    added = [rule for rule in access[access.index("-@dangerous") :] if rule.startswith("+")]
    assert [] == [rule for rule in added if not rule.startswith(("+info", "+cluster|"))]


def test_T3_another_number_of_shards_does_not_replace_the_cache(data: Template) -> None:
    """CloudFormation reshards while it runs."""
    (group,) = resources(data, "AWS::ElastiCache::ReplicationGroup")
    assert {"UseOnlineResharding": True} == group["UpdatePolicy"]


def test_T3_the_caches_logs_are_delivered(data: Template) -> None:
    """Slow commands, and what the engine says, each into an encrypted log group."""
    delivered = only(data, "AWS::ElastiCache::ReplicationGroup")["LogDeliveryConfigurations"]
    assert ["slow-log", "engine-log"] == [log["LogType"] for log in delivered]
    for log in delivered:
        group = log["DestinationDetails"]["CloudWatchLogsDetails"]["LogGroup"]["Ref"]
        assert "KmsKeyId" in data["Resources"][group]["Properties"]


def test_T4_production_has_the_specifications_queue(production: Template) -> None:
    """A RabbitMQ cluster over three zones, private, with logs, in a version that has support."""
    broker = only(production, "AWS::AmazonMQ::Broker")
    expected = {
        "BrokerName": "generator-platform-prod-queue",
        "EngineType": "RABBITMQ",
        "EngineVersion": "4.2",
        "DeploymentMode": "CLUSTER_MULTI_AZ",
        "HostInstanceType": "mq.m7g.large",
        "PubliclyAccessible": False,
        "AutoMinorVersionUpgrade": True,
        "Logs": {"General": True},
        "MaintenanceWindowStartTime": {"DayOfWeek": "SUNDAY", "TimeOfDay": "04:00", "TimeZone": "UTC"},
    }
    assert expected == {name: broker[name] for name in expected}
    assert 3 == len(broker["SubnetIds"])
    assert all("isolatedSubnet" in str(subnet) for subnet in broker["SubnetIds"])
    assert 1 == len(broker["SecurityGroups"])


def test_T4_a_single_broker_stands_in_one_subnet(synthesized: Synthesized) -> None:
    """Amazon MQ takes no more for it."""
    broker = only(synthesized("generator-platform", "dev")["data"], "AWS::AmazonMQ::Broker")
    assert ("SINGLE_INSTANCE", 1) == (broker["DeploymentMode"], len(broker["SubnetIds"]))


def test_S4_the_queue_is_encrypted_with_the_key_of_data(production: Template) -> None:
    """Not with a key that AWS owns."""
    encryption = only(production, "AWS::AmazonMQ::Broker")["EncryptionOptions"]
    assert encryption["UseAwsOwnedKey"] is False
    assert re.search("KeysData.*Arn", str(encryption["KmsKeyId"]))


def test_S4_secrets_are_encrypted_with_their_own_key(data: Template) -> None:
    """Whoever reads data does not thereby read secrets."""
    secrets = properties(data, "AWS::SecretsManager::Secret")
    assert len(secrets) >= 2
    assert all(re.search("KeysSecrets.*Arn", str(secret["KmsKeyId"])) for secret in secrets)


def test_A4_no_value_of_a_secret_is_in_the_template(data: Template) -> None:
    """Secrets Manager makes each; the stores get a reference that CloudFormation resolves."""
    for secret in properties(data, "AWS::SecretsManager::Secret"):
        assert "SecretString" not in secret
        assert secret["GenerateSecretString"].get("SecretStringTemplate") in {None, "{}", *LOGINS}
    for value in _values(data["Resources"], {"MasterUserPassword", "Passwords", "Password", "AuthToken"}):
        assert "{{resolve:secretsmanager:" in json.dumps(value)


def test_A4_passwords_fit_into_every_connection_url(data: Template) -> None:
    """Thirty-two letters and digits: nothing that a URL would have to quote."""
    logins = [
        secret["GenerateSecretString"]
        for secret in properties(data, "AWS::SecretsManager::Secret")
        if secret["GenerateSecretString"].get("SecretStringTemplate") in LOGINS
    ]
    assert {(True, 32, "password")} == {
        (login["ExcludePunctuation"], login["PasswordLength"], login["GenerateStringKey"]) for login in logins
    }


def test_A4_the_applications_secrets_are_there_with_what_they_are_for(production: Template) -> None:
    """Each of the spec, of the length it asks for."""
    expected = {
        "SESSION_SIGNING_KEY: Signs the sessions of web": 64,
        "MODEL_API_KEY: Key for the provider of the language model that generator calls": 32,
    }
    secrets = properties(production, "AWS::SecretsManager::Secret")
    found = {secret["Description"]: secret["GenerateSecretString"]["PasswordLength"] for secret in secrets}
    assert expected == {name: length for name, length in found.items() if name in expected}


def test_A4_the_databases_login_says_where_it_is_valid(data: Template) -> None:
    """RDS adds host, port and name to the administrator's; the function that rotates, to each."""
    assert "AWS::RDS::DBInstance" == only(data, "AWS::SecretsManager::SecretTargetAttachment")["TargetType"]


def test_S4_every_log_group_is_encrypted_and_ends(data: Template) -> None:
    """With the key of logs."""
    groups = properties(data, "AWS::Logs::LogGroup")
    assert len(groups) >= 4
    for group in groups:
        assert re.search("KeysLogs.*Arn", str(group["KmsKeyId"]))
        assert group["RetentionInDays"] in {30, 90, 365}


def test_S7_no_permission_in_the_data_stack_has_a_wildcard_action(data: Template) -> None:
    """Each action that is allowed stands by its name."""
    allowed = [statement for _, statement in statements(data) if statement["Effect"] == "Allow"]
    assert len(allowed) >= 2
    assert [] == [action for statement in allowed for action in actions(statement) if "*" in action]


def test_A6_a_preview_leaves_nothing_behind(synthesized: Synthesized, preview: Template) -> None:
    """No resource of it is retained or leaves a snapshot."""
    kept = [
        name
        for template in synthesized("generator-platform", "preview").values()
        for name, resource in template["Resources"].items()
        if {resource.get(policy, "Delete") for policy in ("DeletionPolicy", "UpdateReplacePolicy")} != {"Delete"}
    ]
    assert [] == kept
    (database,) = _databases(preview)
    assert (True, False) == (database["DeleteAutomatedBackups"], database["DeletionProtection"])


@pytest.mark.parametrize("env", ["prod", "staging", "dev"])
def test_A4_secrets_outlive_their_stack(synthesized: Synthesized, env: str) -> None:
    """Whoever deletes the stack by mistake has not locked everybody out for good."""
    secrets = resources(synthesized("generator-platform", env)["data"], "AWS::SecretsManager::Secret")
    assert ["RetainExceptOnCreate"] * 7 == [secret["DeletionPolicy"] for secret in secrets]


def _databases(template: Template) -> list[dict[str, Any]]:
    """The primary first."""
    found = properties(template, "AWS::RDS::DBInstance")
    return sorted(found, key=lambda instance: "SourceDBInstanceIdentifier" in instance)


def _reference(value: Resource) -> Resource:
    """The one reference inside an ARN that is joined from its parts."""
    (found,) = [part for part in value["Fn::Join"][1] if isinstance(part, dict)]
    return found


def _values(value: object, names: set[str]) -> list[object]:
    """Everything in `value` that stands under one of `names`."""
    if isinstance(value, dict):
        own = [part for name, part in value.items() if name in names]
        return own + [found for part in value.values() for found in _values(part, names)]
    if isinstance(value, list):
        return [found for part in value for found in _values(part, names)]
    return []
