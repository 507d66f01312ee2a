"""The real application through the real CDK CLI: up, look, change the YAML, up again, interrupted, down.

In the order of the file, for each process that runs some of it: the last test stops the emulator.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.embedded_aws import access_key
from rehearsal.ports import free_port
from rehearsal.workspace import Workspace
from spec import Deployment
from tests.rehearsal.project_under_test import APP, BIN, ENV, Project
from tests.rehearsal.under_test import ACCOUNT, EDGE_REGION

ROOT = Path(__file__).parents[2]
# Development's figures, told from preview's by what stands before them.
SMALL = """scaling: {max_replicas: 2}}
    database: {instance_class: db.t4g.small, storage_gib: 20, max_storage_gib: 100"""
BIGGER = """scaling: {max_replicas: 2}}
    database: {instance_class: db.t4g.medium, storage_gib: 30, max_storage_gib: 100"""
WEB_OF_ONE = "web: {replicas: 1, vcpu: 0.25, memory_gib: 0.5, scaling: {max_replicas: 2}}"
WEB_OF_TWO = "web: {replicas: 2, vcpu: 0.5, memory_gib: 1, scaling: {max_replicas: 3}}"
API_OF_ONE = (
    "api: {replicas: 1, vcpu: 0.25, memory_gib: 0.5, scaling: {max_replicas: 2, schedules: []}, migration: null}"
)
API_OF_TWO = (
    "api: {replicas: 2, vcpu: 0.25, memory_gib: 0.5, scaling: {max_replicas: 3, schedules: []}, migration: null}"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The project with links to all that is not changed."""
    folder = tmp_path_factory.mktemp("project")
    for path in ROOT.iterdir():
        if path.name not in ("apps", ".rehearsal", "cdk.out", ".git", "tests"):
            (folder / path.name).symlink_to(path)
    shutil.copytree(ROOT / "apps", folder / "apps")
    made = Project(folder, free_port())
    yield made
    made.run("down")


@pytest.fixture(scope="module")
def printed(project: Project) -> str:
    """What the first `up` printed."""
    return project.up()


def test_up_ends_with_a_table_and_with_commands_that_work(project: Project, printed: str) -> None:
    """Every stack has its row, and the printed command for the database shows the database."""
    for stack in ("network", "security", "storage", "data", "services", "edge", "observability"):
        assert re.search(rf"{APP}-{ENV}-{stack} .*CREATE_COMPLETE", printed)
    command = next(line for line in printed.splitlines() if "rds describe-db-instances" in line).split()
    given = dict(pair.split("=") for pair in re.findall(r"AWS_\w+=\S+", printed))
    shown = subprocess.run(
        command, cwd=project.folder, env={**os.environ, **given}, capture_output=True, text=True, check=True
    )
    assert [project.spec.database.instance_class] == [  # type: ignore[union-attr]
        one["DBInstanceClass"] for one in json.loads(shown.stdout)["DBInstances"]
    ]


def test_the_database_is_the_yamls(project: Project, printed: str) -> None:
    """Class, storage, version and zones are those of the file; the password is a generated one."""
    del printed
    wanted = project.spec.database
    assert wanted is not None
    found = project.call("rds", "describe_db_instances")["DBInstances"][0]
    assert (wanted.instance_class, wanted.storage_gib, wanted.engine_version, wanted.multi_az, True) == (
        found["DBInstanceClass"],
        found["AllocatedStorage"],
        found["EngineVersion"],
        found["MultiAZ"],
        found["StorageEncrypted"],
    )


def test_secrets_have_values(project: Project, printed: str) -> None:
    """Every generated secret has a value, and none of them was printed."""
    secrets = project.call("secretsmanager", "list_secrets")["SecretList"]
    values = [
        project.call("secretsmanager", "get_secret_value", SecretId=one["ARN"])["SecretString"] for one in secrets
    ]
    assert len(values) >= 3
    assert [] == [value for value in values if value in printed]


def test_cache_and_queue_are_the_yamls(project: Project, printed: str) -> None:
    """Shards, nodes and versions are those of the file."""
    del printed
    cache, queue = project.spec.cache, project.spec.queue
    assert cache is not None
    assert queue is not None
    group = project.call("elasticache", "describe_replication_groups")["ReplicationGroups"][0]
    nodes = [len(shard["NodeGroupMembers"]) for shard in group["NodeGroups"]]
    assert (cache.node_type, [1 + cache.replicas_per_shard] * cache.shards) == (group["CacheNodeType"], nodes)
    assert group["TransitEncryptionEnabled"]
    broker = project.call("mq", "list_brokers")["BrokerSummaries"][0]
    assert queue.instance_type == broker["HostInstanceType"]


def services(project: Project) -> dict[str, tuple[int, str, str]]:
    """Return desired count, CPU and memory by container name."""
    cluster = project.call("ecs", "list_clusters")["clusterArns"][0]
    names = project.call("ecs", "list_services", cluster=cluster)["serviceArns"]
    found = {}
    for service in project.call("ecs", "describe_services", cluster=cluster, services=names)["services"]:
        arn = service["taskDefinition"]
        task = project.call("ecs", "describe_task_definition", taskDefinition=arn)["taskDefinition"]
        name = next(one["name"] for one in task["containerDefinitions"] if one["name"] in project.spec.services)
        found[name] = (service["desiredCount"], task["cpu"], task["memory"])
    return found


def wanted_services(deployment: Deployment) -> dict[str, tuple[int, str, str]]:
    """Return the same from the file."""
    return {
        name: (service.replicas, str(int(service.vcpu * 1024)), str(int(service.memory_gib * 1024)))
        for name, service in deployment.services.items()
    }


def test_services_are_the_yamls(project: Project, printed: str) -> None:
    """Each service runs as many tasks of the size that the file says."""
    del printed
    assert wanted_services(project.spec) == services(project)


def test_the_edge_is_there(project: Project, printed: str) -> None:
    """The distribution answers for the domain, a record points at it, and a web ACL stands before it."""
    del printed
    listed = project.call("cloudfront", "list_distributions", EDGE_REGION)["DistributionList"]["Items"]
    domain = project.spec.edge.domain
    assert [[domain]] == [one["Aliases"]["Items"] for one in listed]
    zone = project.spec.edge.hosted_zone.id
    records = project.call("route53", "list_resource_record_sets", HostedZoneId=zone)["ResourceRecordSets"]
    aliases = {one["AliasTarget"]["DNSName"].rstrip(".") for one in records if one["Name"].rstrip(".") == domain}
    assert {listed[0]["DomainName"]} == aliases
    acls = project.call("wafv2", "list_web_acls", EDGE_REGION, Scope="CLOUDFRONT")["WebACLs"]
    assert [listed[0]["WebACLId"]] == [one["ARN"] for one in acls]


def test_the_rest_is_there(project: Project, printed: str) -> None:
    """Network, load balancer, buckets, keys, alarms, log groups and roles are in their APIs."""
    del printed
    network = project.spec.network
    vpcs = project.call("ec2", "describe_vpcs")["Vpcs"]
    assert str(network.cidr) in [vpc["CidrBlock"] for vpc in vpcs]
    assert len(project.call("elbv2", "describe_load_balancers")["LoadBalancers"]) == 1
    assert len(project.call("elbv2", "describe_target_groups")["TargetGroups"]) == len(project.spec.services)
    for bucket in project.call("s3", "list_buckets", Prefix=APP)["Buckets"]:
        assert project.call("s3", "get_bucket_encryption", Bucket=bucket["Name"])
    alarms = project.call("cloudwatch", "describe_alarms")["MetricAlarms"]
    assert len(alarms) >= 10
    groups = project.call("logs", "describe_log_groups")["logGroups"]
    assert [] == [
        one["logGroupName"] for one in groups if APP in one["logGroupName"] and not one.get("retentionInDays")
    ]
    roles = [one["RoleName"] for one in project.call("iam", "list_roles")["Roles"]]
    assert [role for role in roles if role.startswith(APP)]


def test_a_second_up_changes_nothing(project: Project, printed: str) -> None:
    """With the same YAML every stack is as it was."""
    del printed
    project.up()
    log = (project.folder / ".rehearsal" / "cdk.log").read_text()
    assert log.count("(no changes)") == 8


def test_a_change_of_the_yaml_is_shown_and_made(project: Project, printed: str) -> None:
    """`diff` names what would change; `up` changes it, and nothing is left as it was."""
    del printed
    project.change(SMALL, BIGGER)
    project.change(WEB_OF_ONE, WEB_OF_TWO)
    shown = project.run("diff", "--app", APP, "--env", ENV)
    assert shown.returncode == 0, shown.stderr
    assert "db.t4g.medium" in shown.stdout + shown.stderr
    project.up()
    found = project.call("rds", "describe_db_instances")["DBInstances"][0]
    assert ("db.t4g.medium", 30) == (found["DBInstanceClass"], found["AllocatedStorage"])
    assert wanted_services(project.spec) == services(project)


def test_a_killed_up_is_tidied_up_after(project: Project, printed: str) -> None:
    """When `up` is killed while CDK works, the next one says so and ends with everything deployed."""
    del printed
    project.change(API_OF_ONE, API_OF_TWO)
    process = subprocess.Popen(
        [BIN / "understudy", "up", "--app", APP, "--env", ENV],
        cwd=project.folder,
        env=project.environment(),
        stdout=subprocess.DEVNULL,
    )
    workspace, deadline = Workspace(project.folder), time.monotonic() + 60
    while not ((record := workspace.record()) and record.deploying):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert "the last deployment was interrupted" in project.up()
    assert wanted_services(project.spec) == services(project)


def test_an_unknown_environment_is_said(project: Project) -> None:
    """A wrong name ends with what there is, and no traceback."""
    done = project.run("up", "--app", APP, "--env", "nowhere")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "staging" in done.stdout + done.stderr


def test_down_ends_it(project: Project, printed: str) -> None:
    """`down` stops it; then nothing runs, and both `down` and `diff` say so."""
    del printed
    record = Workspace(project.folder).record()
    assert record is not None
    assert "stopped" in project.run("down").stdout
    assert not record.process.alive()
    again, shown = project.run("down"), project.run("diff", "--app", APP, "--env", ENV)
    assert (0, 1) == (again.returncode, shown.returncode)
    assert "was not running" in again.stdout
    assert "is not running" in shown.stderr


def test_credentials_of_the_user_are_never_used() -> None:
    """The key by which CDK reaches the emulator is no real one: it is the account's number in a fixed form."""
    assert access_key(ACCOUNT) == "AKIA0000123456789012"
