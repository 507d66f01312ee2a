"""Drills of a failover: a state machine, its functions, and the clock that begins them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from spec.assessment import Term
from understudy import drill_permissions as permissions
from understudy.acknowledgement import acknowledge
from understudy.drill_alarms import RUNBOOK, SUBJECT, held_alarm, late_alarm, left_alarm
from understudy.drill_permissions import DrillSettings
from understudy.drill_plan import Surroundings, drill_plan, parameter_name
from understudy.drill_tasks import DrillTasks
from understudy.drill_workflow import Where, drill_workflow
from understudy.failover_permissions import FailoverSettings
from understudy.polling_workflow import PollingWorkflow
from understudy.python_handler import PythonHandler
from understudy.region_guard import GuardedDatabase
from understudy.regular_call import call_regularly
from understudy.removal import removal_policy
from understudy.secrets import APPLICATION, PASSWORD_LENGTH, UNROTATED
from understudy.service_environment import Backends
from understudy.statement import Statement

CONTROL_SECONDS: Final = 110
"""As a failover's: less than the workflow waits (failover_workflow.py)."""
INSIDE_SECONDS: Final = 110
CLOCK_SECONDS: Final = 110
UNROTATED_REASON: Final = (
    "Each drill puts another password, which is valid in a copy of the database for hours and nowhere else: no server that lives "
    "on could be told a new one."
)


class Drills(Construct):
    """A state machine `<prefix>-drill`, by whose executions a failover to the site of `failover` is drilled.

    It stands in both sites, as the failover's does, so that what one has left is removed whichever is active; the active one's
    refuses. The clock calls a function each hour, which removes what no drill at work has made, and once a day at the time for
    drills. `terms`: of the recovery time; none where nothing takes over at present.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        failover: FailoverSettings,
        guarded: GuardedDatabase,
        backends: Backends,
        copy_group: ec2.ISecurityGroup,
        task_group: ec2.ISecurityGroup,
        terms: Sequence[Term],
    ) -> None:
        super().__init__(scope, construct_id)
        stack, site, handlers = Stack.of(self), failover.deployment, failover.handlers
        login = secretsmanager.Secret(
            self,
            "Login",
            description=f"{site.prefix}: login of a drill's tasks to their copy of the database",
            encryption_key=guarded.secrets_key,
            removal_policy=removal_policy(site.protection),
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({"username": APPLICATION}),
                generate_string_key="password",
                password_length=PASSWORD_LENGTH,
                exclude_punctuation=True,
            ),
        )
        acknowledge(login, dict.fromkeys(UNROTATED, UNROTATED_REASON))
        tasks = DrillTasks(
            self,
            "Tasks",
            deployment=site,
            backends=backends,
            login=login,
            secrets_key=guarded.secrets_key,
            logs_key=handlers.logs_key,
        )
        around = Surroundings(
            database=guarded.database,
            copy_group=copy_group.security_group_id,
            task_group=task_group.security_group_id,
            subnet_ids=guarded.subnet_ids,
            secrets_key_arn=guarded.secrets_key.key_arn,
            login_arn=login.secret_arn,
            families=tasks.families,
        )
        plan = ssm.CfnParameter(
            self,
            "Plan",
            name=parameter_name(site.prefix),
            type="String",
            tier="Intelligent-Tiering",
            description="What a drill of a failover to this region has to know",
            value=stack.to_json_string(drill_plan(site, around, terms)),
        )
        self._settings = DrillSettings(failover, guarded, guarded.secrets_key, login.secret_arn, tasks)
        functions = {"control": self._control(), "inside": self._inside()}
        arns: dict[Where, str] = {"control": functions["control"].arn, "inside": functions["inside"].arn}
        self.workflow = PollingWorkflow(
            self,
            "Workflow",
            settings=handlers,
            name=SUBJECT,
            machine_name=f"{handlers.prefix}-{SUBJECT}",
            definition=drill_workflow(arns),
            statements=[Statement("Ask", ("lambda:InvokeFunction",), tuple(arns.values()))],
        )
        self.workflow.node.add_dependency(plan)
        self._clock(plan)
        handlers.alarms.add([left_alarm(handlers.prefix)])
        if site.following and not site.active:
            handlers.alarms.add([held_alarm(handlers.prefix)])
            if site.recovery.drill_days is not None:
                handlers.alarms.add([late_alarm(handlers.prefix, site.recovery.drill_days)])

    def _control(self) -> PythonHandler:
        settings, failover = self._settings, self._settings.failover
        return PythonHandler(
            self,
            "Control",
            settings=failover.handlers,
            name=f"{SUBJECT}-control",
            description=f"{failover.handlers.prefix}: steps of a drill that AWS's APIs do",
            package="failover",
            entry="failover.drill.control.handler",
            environment={
                **failover.variables,
                "TOPIC_ARN": failover.topic_arn,
                "RECORDS_BUCKET": failover.records.bucket_name,
            },
            statements=permissions.control(settings, settings.guarded.database),
            timeout_seconds=CONTROL_SECONDS,
            if_it_fails=f"the workflow asks again, and the clock removes what is left; {RUNBOOK}",
        )

    def _inside(self) -> PythonHandler:
        settings, handlers = self._settings, self._settings.failover.handlers
        return PythonHandler(
            self,
            "Inside",
            settings=handlers,
            name=f"{SUBJECT}-inside",
            description=f"{handlers.prefix}: steps of a drill that ask databases and tasks",
            package="failover",
            entry="failover.drill.inside.handler",
            environment=settings.failover.variables,
            statements=permissions.inside(settings, Stack.of(self)),
            timeout_seconds=INSIDE_SECONDS,
            subnet_ids=settings.guarded.subnet_ids,
            security_group_ids=[settings.guarded.security_group_id],
            if_it_fails=f"the workflow asks again, and the clock removes what is left; {RUNBOOK}",
        )

    def _clock(self, plan: Construct) -> None:
        settings, failover = self._settings, self._settings.failover
        prefix, site = failover.handlers.prefix, failover.deployment
        handler = PythonHandler(
            self,
            "Clock",
            settings=failover.handlers,
            name=f"{SUBJECT}-clock",
            description=f"{prefix}: begins drills that are due, and removes what one has left",
            package="failover",
            entry="failover.drill.clock_call.handler",
            environment={
                "PREFIX": prefix,
                "PEER_REGION": site.peer_region,
                "STATE_MACHINE_ARN": settings.machine_arn,
            },
            statements=permissions.clock(settings),
            timeout_seconds=CLOCK_SECONDS,
            if_it_fails=f"the next call comes within the hour; {RUNBOOK}",
        )
        handler.node.add_dependency(plan)
        call_regularly(
            Construct(self, "Hourly"),
            "Rule",
            function=handler,
            every="1 hour",
            description=f"{prefix}: removes what a drill has left",
            target="Clock",
            event='{"scheduled":true}',
        )
        hours, minutes = site.recovery.drill_time.split(":")
        call_regularly(
            Construct(self, "Daily"),
            "Rule",
            function=handler,
            cron=f"{int(minutes)} {int(hours)} * * ? *",
            description=f"{prefix}: begins a drill that is due",
            target="Clock",
            event='{"hold":true}',
        )
