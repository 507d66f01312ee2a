"""What decides about releases beside the engines: hooks, a watcher, the keeper of listener rules, and their ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from spec import Deployment
from spec.release import Engine, HookName
from understudy.keys import Keys
from understudy.polling_workflow import PollingWorkflow
from understudy.python_handler import HandlerSettings, PythonHandler
from understudy.release_functions import ReleaseSettings, deployment_start, hooks, traffic
from understudy.release_ledger import ReleaseLedger
from understudy.release_permissions import Place, codedeploy_groups, pass_roles
from understudy.release_plan import release_plan
from understudy.release_watch import ReleaseWatch, going_back
from understudy.release_workflows import hook_workflow
from understudy.removal import removal_policy
from understudy.service import Service
from understudy.service_environment import Backends, readable_secrets


class ReleaseControl(Construct):
    """The control plane of an environment's releases. One for each environment.

    Made before the services, which take `hooks` and `traffic_token` from it; after each of them `add_plan`. The hooks'
    functions of an engine are made when a service asks for them first, so an environment without has none.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        vpc: ec2.IVpc,
        hook_security_group: ec2.ISecurityGroup | None,
        keys: Keys,
        topic_arn: str,
        backends: Backends,
    ) -> None:
        """`hook_security_group`: None where no service has hooks."""
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        removal = removal_policy(deployment.protection)
        self._deployment = deployment
        self._backends = backends
        self._settings = ReleaseSettings(
            deployment=deployment,
            place=Place.of(stack, deployment.prefix),
            handlers=HandlerSettings.of(self, deployment, logs_key=keys.logs, topic_arn=topic_arn),
            ledger=ReleaseLedger(
                self,
                "Ledger",
                key=keys.data,
                deletion_protection=deployment.protection.deletion_protection,
                removal_policy=removal,
            ),
            topic_arn=topic_arn,
            secret_arns={engine: _secrets(deployment, engine, backends) for engine in get_args(Engine)},
            subnet_ids=[subnet.subnet_id for subnet in vpc.private_subnets] if hook_security_group else [],
            security_group_ids=[hook_security_group.security_group_id] if hook_security_group else [],
        )
        self._hooks: dict[Engine, dict[HookName, PythonHandler]] = {}
        self._functions: dict[Engine, dict[HookName, lambda_.IFunction]] = {}
        self._traffic: PythonHandler | None = None
        self._start: PythonHandler | None = None
        self._may_invoke: iam.CfnManagedPolicy | None = None
        self._watch = ReleaseWatch(self, "Watch", settings=self._settings)

    @property
    def settings(self) -> ReleaseSettings:
        """What functions that deploy have in common."""
        return self._settings

    def hooks(self, engine: Engine) -> Mapping[HookName, lambda_.IFunction]:
        """The five functions that `engine` calls in each release. Whoever calls them needs a role that may."""
        if engine not in self._functions:
            workflow = self._hook_workflow() if engine == "codedeploy" else None
            made = hooks(self, self._settings, engine, workflow_arn=workflow.arn if workflow else None)
            if workflow is not None:
                self._may_invoke = workflow.invoke([handler.arn for handler in made.values()])
            self._hooks[engine] = made
            self._functions[engine] = {hook: handler.function for hook, handler in made.items()}
        return self._functions[engine]

    @property
    def traffic_token(self) -> str:
        """`ServiceToken` of Custom::ServiceTraffic."""
        if self._traffic is None:
            self._traffic = traffic(self, self._settings)
        return self._traffic.arn

    @property
    def deployment_start(self) -> PythonHandler:
        """Stands before the provider of CodeDeploy's deployments."""
        if self._start is None:
            self._start = deployment_start(self, self._settings)
        return self._start

    def add_plan(self, service: Service) -> ssm.CfnParameter:
        """Write the plan of a service. Its deployments have to depend on the parameter: hooks read it,
        and the functions may do what the service needs once it is there.
        """
        plan = ssm.CfnParameter(
            self,
            f"plan-{service.name}",
            name=f"/{self._deployment.prefix}/release/{service.name}",
            type="String",
            tier="Intelligent-Tiering",
            description=f"How releases of {service.name} are examined",
            value=Stack.of(self).to_json_string(release_plan(self._deployment, service, self._backends)),
        )
        engine = service.spec.release.engine
        if service.name in self._settings.migrating(engine):
            roles = [pass_roles(service.name, [service.roles.execution.role_arn, service.roles.task.role_arn])]
            self._hooks[engine]["before_install"].allow(roles)
            if service.name in going_back(self._deployment):
                self._watch.handler.allow(roles)
        if engine == "codedeploy" and self._may_invoke is not None:
            plan.add_resource_dependency(self._may_invoke)
        return plan

    def _hook_workflow(self) -> PollingWorkflow:
        """Polls CodeDeploy's hooks. ECS polls its own."""
        handlers = self._settings.handlers
        return PollingWorkflow(
            self,
            "Hooks",
            settings=handlers,
            name="release-hooks",
            definition=hook_workflow(),
            statements=[
                codedeploy_groups(self._settings.place, "Answer", "codedeploy:PutLifecycleEventHookExecutionStatus")
            ],
        )


def _secrets(deployment: Deployment, engine: Engine, backends: Backends) -> list[str]:
    """ARNs of what services whose hooks `engine` calls start with, each once."""
    found = {
        secret.secret_arn: None
        for name, service in deployment.services.items()
        if service.release.shifts and service.release.engine == engine
        for secret in readable_secrets(deployment, name, backends)
    }
    return list(found)
