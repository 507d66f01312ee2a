"""What containers and their tasks may do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from service_template import (
    ROLE_POLICY,
    TASK,
    container,
)
from template import Properties, Template, actions, properties, statements

Synthesized = Callable[[str, str], dict[str, Template]]
ENVIRONMENTS = ("dev", "staging", "prod", "preview")


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


def task_policies(template: Template) -> list[Properties]:
    """What tasks may do, and ECS to start them."""
    return [
        policy
        for policy in properties(template, ROLE_POLICY)
        if re.search(r": (starts )?tasks of ", policy["Description"])
    ]


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
    found = {
        action
        for policy in task_policies(production)
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Resource"] == "*"
        for action in actions(statement)
    }
    assert allowed == found


def test_S7_permissions_are_managed_policies_in_place_before_tasks(production: Template) -> None:
    """Named by the role, not attached after it: a task never starts without them."""
    attached = {role["Ref"] for policy in properties(production, "AWS::IAM::Policy") for role in policy["Roles"]}
    for definition in properties(production, TASK):
        for role in (definition["TaskRoleArn"], definition["ExecutionRoleArn"]):
            name = role["Fn::GetAtt"][0]
            assert name not in attached
            (policy,) = production["Resources"][name]["Properties"]["ManagedPolicyArns"]
            assert ROLE_POLICY == production["Resources"][policy["Ref"]]["Type"]


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
    assert "CacheApplication" in text


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
    roles = [role for role in properties(production, "AWS::IAM::Role") if "tasks of" in role.get("Description", "")]
    assert 6 == len(roles)
    for role in roles:
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
