"""What makes a waiting region the active one: eyes, a state machine, its functions, and what starts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from spec.services import Service
from understudy import failover_permissions as permissions
from understudy.copy_alarms import database_late
from understudy.express_loop import DormantLoop, ExpressLoop
from understudy.failover_alarms import LOST, SUBJECT, execution_alarms, signal_alarms, watch_alarm
from understudy.failover_permissions import FailoverSettings
from understudy.failover_plan import failover_plan, parameter_name
from understudy.failover_workflow import Where, failover_workflow
from understudy.polling_workflow import PollingWorkflow
from understudy.python_handler import DormantHandler, PythonHandler
from understudy.routing_store import store_arn_kept
from understudy.statement import Statement

WATCH: Final = f"{SUBJECT}-watch"
START: Final = f"{SUBJECT}-start"
RUNBOOK: Final = "docs/runbooks/fail-over.md"
CONTROL_SECONDS: Final = 110
"""Some steps make several calls that may each take 20 seconds; less than the workflow waits (failover_workflow.py)."""
DATABASE_SECONDS: Final = 60
WATCH_SECONDS: Final = 30
START_SECONDS: Final = 90


class Failover(Construct):
    """A state machine `<prefix>-failover`, by whose executions the site of `settings` takes over. A person may start one.

    Where the site waits and follows, it also looks at the active one all the time, and an alarm starts an execution. Its
    functions are two, by what they need: one lies outside the VPC and calls AWS's APIs and the CDN, one lies in it and asks the
    database. `active`: the services with the active site's numbers.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: FailoverSettings, active: Mapping[str, Service]
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        site, handlers = settings.deployment, settings.handlers
        database = settings.guarded.database if settings.guarded else None
        plan = ssm.CfnParameter(
            self,
            "Plan",
            name=parameter_name(handlers.prefix),
            type="String",
            tier="Intelligent-Tiering",
            description="What a failover to this region has to know",
            value=Stack.of(self).to_json_string(failover_plan(site, active, database, settings.files)),
        )
        functions = {"control": self._control(), "database": self._database()}
        arns: dict[Where, str] = {"control": functions["control"].arn, "database": functions["database"].arn}
        self.workflow = PollingWorkflow(
            self,
            "Workflow",
            settings=handlers,
            name=SUBJECT,
            machine_name=f"{handlers.prefix}-{SUBJECT}",
            definition=failover_workflow(arns),
            statements=[Statement("Ask", ("lambda:InvokeFunction",), tuple(arns.values()))],
        )
        self.workflow.node.add_dependency(plan)
        handlers.alarms.add(execution_alarms(self.workflow.arn, handlers.prefix))
        if site.following and not site.active:
            self._watch(plan)
            self._start(self._lost())
        else:
            DormantHandler(self, "Watch", settings=handlers, name=WATCH)
            DormantLoop(self, "Loop", handlers=handlers, name=WATCH)
            DormantHandler(self, "Start", settings=handlers, name=START)

    def _control(self) -> PythonHandler:
        settings = self._settings
        return PythonHandler(
            self,
            "Control",
            settings=settings.handlers,
            name=f"{SUBJECT}-control",
            description=f"{settings.handlers.prefix}: steps of a failover that AWS's APIs do",
            package="failover",
            entry="failover.control.handler",
            environment={
                **settings.variables,
                "TOPIC_ARN": settings.topic_arn,
                "RECORDS_BUCKET": settings.records.bucket_name,
                "KEY_VALUE_STORE_ARN": store_arn_kept(settings.handlers.prefix),
            },
            statements=permissions.control(settings, Stack.of(self)),
            timeout_seconds=CONTROL_SECONDS,
            signs_for_every_region=True,
            if_it_fails=f"the workflow asks again; {RUNBOOK} goes on from here",
        )

    def _database(self) -> PythonHandler:
        settings, guarded = self._settings, self._settings.guarded
        stack = Stack.of(self)
        return PythonHandler(
            self,
            "Database",
            settings=settings.handlers,
            name=f"{SUBJECT}-database",
            description=f"{settings.handlers.prefix}: steps of a failover that ask the database",
            package="failover",
            entry="failover.database.handler",
            environment=settings.variables,
            statements=permissions.database(settings, stack, guarded) if guarded else settings.common,
            timeout_seconds=DATABASE_SECONDS,
            subnet_ids=guarded.subnet_ids if guarded else (),
            security_group_ids=[guarded.security_group_id] if guarded else (),
            if_it_fails=f"the workflow asks again; {RUNBOOK} goes on from here",
        )

    def _watch(self, plan: Construct) -> None:
        settings, guarded = self._settings, self._settings.guarded
        handler = PythonHandler(
            self,
            "Watch",
            settings=settings.handlers,
            name=WATCH,
            description=f"{settings.handlers.prefix}: looks whether the active region is at work",
            package="failover",
            entry="failover.watch.handler",
            environment=settings.variables,
            statements=permissions.watch(settings, Stack.of(self)),
            timeout_seconds=WATCH_SECONDS,
            subnet_ids=guarded.subnet_ids if guarded else (),
            security_group_ids=[guarded.security_group_id] if guarded else (),
            if_it_fails="the next look comes by itself; while none does, nothing takes over by itself",
        )
        loop = ExpressLoop(
            self,
            "Loop",
            handlers=settings.handlers,
            handler=handler,
            name=WATCH,
            what="the active region is looked at",
            pause_seconds=settings.deployment.recovery.probe_seconds,
        )
        loop.node.add_dependency(plan)
        settings.handlers.alarms.add([watch_alarm(settings.handlers.prefix)])
        if guarded is not None:
            settings.handlers.alarms.add([database_late(settings.handlers.prefix, settings.deployment.recovery)])

    def _lost(self) -> cloudwatch.CfnCompositeAlarm:
        """Rings while one of the signals says that the active region is lost; an execution then looks closer."""
        settings = self._settings
        prefix = settings.handlers.prefix
        names = [f"{prefix}-{alarm.name}" for alarm in signal_alarms(prefix)]
        settings.handlers.alarms.add(signal_alarms(prefix))
        alarm = cloudwatch.CfnCompositeAlarm(
            self,
            "Lost",
            alarm_name=f"{prefix}-{LOST}",
            alarm_description=(
                "CRITICAL: The active region may be lost: a failover looks closer, and asks or takes over. First look: "
                f"`understudy failover status`; {RUNBOOK}."
            ),
            alarm_rule=" OR ".join(f'ALARM("{name}")' for name in names),
            ok_actions=[settings.topic_arn],
        )
        alarm.node.add_dependency(settings.handlers.alarms)
        return alarm

    def _start(self, alarm: cloudwatch.CfnCompositeAlarm) -> None:
        """By the alarm, and by the clock as long as it rings."""
        settings = self._settings
        prefix, stack = settings.handlers.prefix, Stack.of(self)
        alarm_name = f"{prefix}-{LOST}"
        handler = PythonHandler(
            self,
            "Start",
            settings=settings.handlers,
            name=START,
            description=f"{prefix}: starts a failover when the alarm rings",
            package="failover",
            entry="failover.start.handler",
            environment={
                "PREFIX": prefix,
                "STATE_MACHINE_ARN": self.workflow.arn,
                "ALARM_NAME": alarm_name,
            },
            statements=permissions.start(settings, alarm_name),
            timeout_seconds=START_SECONDS,
            if_it_fails=f"nothing takes over by itself; start it by hand: {RUNBOOK}",
        )
        alarm.alarm_actions = [settings.topic_arn, handler.arn]
        alarm_arn = settings.place.arn("cloudwatch", f"alarm:{alarm_name}")
        rule = events.CfnRule(
            self,
            "EveryMinute",
            description=f"{prefix}: starts a failover again while the alarm rings",
            schedule_expression="rate(1 minute)",
            targets=[events.CfnRule.TargetProperty(id="Start", arn=handler.arn, input='{"scheduled":true}')],
        )
        for name, principal, source in (
            ("Alarm", "lambda.alarms.cloudwatch.amazonaws.com", alarm_arn),
            ("Clock", "events.amazonaws.com", rule.attr_arn),
        ):
            lambda_.CfnPermission(
                self,
                f"{name}Invokes",
                action="lambda:InvokeFunction",
                function_name=handler.arn,
                principal=principal,
                source_account=stack.account,
                source_arn=source,
            )
