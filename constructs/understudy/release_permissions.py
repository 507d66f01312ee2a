"""What each function of a release may do, in the words of AWS's APIs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_kms as kms

from spec import Deployment
from understudy.statement import Statement

NO_RESOURCE: Final = "{action} knows no resource that a statement could name here (Service Authorization Reference)."
LISTED_REASON: Final = (
    "{action} names no more than container instances, of which Fargate has none, or nothing (Service Authorization "
    "Reference); the condition holds it to this environment's cluster."
)
ALARMS_REASON: Final = (
    "The spec may name composite alarms beside this environment's own, and those are shown only to whom DescribeAlarms is "
    "allowed without a scope (CloudWatch API, DescribeAlarms). It reads states and changes nothing."
)
REVISIONS_REASON: Final = "Each release has a task definition of its own; the family is this environment's."
OWN_REASON: Final = "Everything of this environment's cluster: tasks and deployments have IDs that nobody knows before."
PLANS_REASON: Final = "The plans of this environment's services, and nothing else lies under that path."
GROUPS_REASON: Final = "The deployment groups of this environment's one CodeDeploy application."
RULES_REASON: Final = (
    "Listeners and rules of this environment's load balancers, by name: the end of the ARN is AWS's choice, and rules come "
    "and go."
)
STACK_REASON: Final = (
    "The stack that the function stands in, by its name; the ID behind it changes when it is made anew."
)


@dataclass(frozen=True, slots=True)
class Place:
    """What ARNs are made of: the environment, and where it is."""

    partition: str
    region: str
    account: str
    prefix: str
    stack_name: str

    @staticmethod
    def of(stack: Stack, prefix: str) -> Place:
        """Where `stack` is."""
        return Place(stack.partition, stack.region, stack.account, prefix, stack.stack_name)

    def arn(self, service: str, resource: str) -> str:
        """The ARN of `resource` in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    @property
    def cluster(self) -> str:
        """ARN of the cluster, which is named after the environment."""
        return self.arn("ecs", f"cluster/{self.prefix}")


def everywhere(sid: str, *actions: str) -> Statement:
    """Actions for which AWS has no resources."""
    return Statement(sid, actions, ("*",), because=" ".join(NO_RESOURCE.format(action=action) for action in actions))


def keep_ledger(table_arn: str, key: kms.IKey, place: Place) -> list[Statement]:
    """Read and write single entries; never delete one. DynamoDB decrypts the table's own key for the caller."""
    return [
        Statement("Ledger", ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"), (table_arn,)),
        Statement(
            "LedgerKey",
            ("kms:Decrypt",),
            (key.key_arn,),
            conditions={"StringEquals": {"kms:ViaService": f"dynamodb.{place.region}.amazonaws.com"}},
        ),
    ]


def read_plans(place: Place) -> Statement:
    """The plan of each service of the environment."""
    plans = place.arn("ssm", f"parameter/{place.prefix}/release/*")
    return Statement("Plans", ("ssm:GetParameter",), (plans,), because=PLANS_REASON)


def codedeploy_groups(place: Place, sid: str, *actions: str) -> Statement:
    """On the environment's deployment groups."""
    groups = place.arn("codedeploy", f"deploymentgroup:{place.prefix}/{place.prefix}-*")
    return Statement(sid, actions, (groups,), because=GROUPS_REASON)


def describe_services(place: Place, *actions: str) -> Statement:
    """On the cluster's services, or on their deployments and revisions, whichever `actions` are about."""
    kinds = ["service"]
    if "ecs:DescribeServiceDeployments" in actions:
        kinds.append("service-deployment")
    if "ecs:DescribeServiceRevisions" in actions:
        kinds.append("service-revision")
    own = tuple(place.arn("ecs", f"{kind}/{place.prefix}/*") for kind in kinds)
    return Statement("Services", actions, own, because=OWN_REASON)


def list_in_cluster(place: Place, sid: str, action: str) -> Statement:
    """What the cluster has."""
    in_cluster = {"ArnEquals": {"ecs:cluster": place.cluster}}
    return Statement(sid, (action,), ("*",), in_cluster, LISTED_REASON.format(action=action))


def describe_alarms() -> Statement:
    """Whether alarms of releases are red."""
    return Statement("Alarms", ("cloudwatch:DescribeAlarms",), ("*",), because=ALARMS_REASON)


def run_tasks(place: Place, services: Sequence[str]) -> list[Statement]:
    """One-off tasks of `services` in the cluster: start, find, follow, end."""
    in_cluster = {"ArnEquals": {"ecs:cluster": place.cluster}}
    families = tuple(place.arn("ecs", f"task-definition/{place.prefix}-{name}:*") for name in services)
    return [
        Statement("RunTasks", ("ecs:RunTask",), families, in_cluster, REVISIONS_REASON),
        list_in_cluster(place, "ListTasks", "ecs:ListTasks"),
        on_tasks(place, "ecs:DescribeTasks", "ecs:StopTask"),
    ]


def on_tasks(place: Place, *actions: str) -> Statement:
    """On tasks of the cluster."""
    tasks = place.arn("ecs", f"task/{place.prefix}/*")
    return Statement("Tasks", actions, (tasks,), {"ArnEquals": {"ecs:cluster": place.cluster}}, OWN_REASON)


def pass_roles(service: str, role_arns: Sequence[str]) -> Statement:
    """The two roles of the tasks of `service`, to ECS alone."""
    return Statement(
        f"Roles{''.join(part.capitalize() for part in service.split('-'))}",
        ("iam:PassRole",),
        role_arns,
        {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    )


def publish(topic_arn: str, key: kms.IKey, place: Place) -> list[Statement]:
    """On the encrypted topic `topic_arn`."""
    return [
        Statement("Message", ("sns:Publish",), (topic_arn,)),
        Statement(
            "MessageKey",
            ("kms:Decrypt", "kms:GenerateDataKey"),
            (key.key_arn,),
            {"StringEquals": {"kms:ViaService": f"sns.{place.region}.amazonaws.com"}},
        ),
    ]


def change_rules(deployment: Deployment, place: Place) -> list[Statement]:
    """Rules of the environment's load balancers: one, or beside a public one another for calls between services."""
    balancers = [f"{place.prefix}-alb"]
    if deployment.edge.entry == "load_balancer" and any(map(deployment.dependents, deployment.services)):
        balancers.append(f"{place.prefix}-int")
    listeners = tuple(place.arn("elasticloadbalancing", f"listener/app/{name}/*") for name in balancers)
    rules = tuple(place.arn("elasticloadbalancing", f"listener-rule/app/{name}/*") for name in balancers)
    change = (
        "elasticloadbalancing:DeleteRule",
        "elasticloadbalancing:ModifyRule",
        "elasticloadbalancing:SetRulePriorities",
    )
    return [
        Statement("NewRules", ("elasticloadbalancing:CreateRule",), listeners, because=RULES_REASON),
        Statement("Rules", change, rules, because=RULES_REASON),
        everywhere("ListRules", "elasticloadbalancing:DescribeRules"),
    ]


def own_stack(place: Place) -> Statement:
    """How the stack that the function stands in is doing."""
    stack = place.arn("cloudformation", f"stack/{place.stack_name}/*")
    return Statement("OwnStack", ("cloudformation:DescribeStacks",), (stack,), because=STACK_REASON)
