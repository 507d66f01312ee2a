"""CodeDeploy's life cycle of an ECS deployment.

The order of the events, what a stopped one leaves behind (status Stopped, ALARM_ACTIVE, the rest of the events
Skipped), the rollback as a deployment of its own (creator codeDeployRollback, ECSAllAtOnce, no new task set) and the
statuses of the task sets are as recorded on AWS by others in 2026; from an alarm to weights that are back took less
than 23 seconds there, of which the alarm's being noticed is the most: it is asked for every ten seconds here. The
hooks of that second deployment are not run: nothing is installed by it. Hooks are invoked asynchronously and have an
hour (CodeDeploy User Guide, AppSpec "hooks" section for an Amazon ECS deployment); so has Install (Troubleshooting).
"""

import secrets
import string
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rehearsal.emulator.engines import alarms, event_bus, function_runner, task_sets, traffic
from rehearsal.emulator.engines.codedeploy_plan import Plan
from rehearsal.emulator.engines.service_state import Revision
from rehearsal.emulator.engines.setting import LOG, SETTING, in_background
from rehearsal.emulator.engines.waiting import LOOK_SECONDS, wait

EVENTS = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)
ALARM_SECONDS = 10.0
HOUR = 3600.0
FINAL = frozenset({"Succeeded", "Failed", "Stopped"})
ON_FAILURE, ON_ALARM, ON_REQUEST = "DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"


class Ended(Exception):  # noqa: N818  # it says what became of the deployment
    """A deployment that cannot go on: its status, error code and message, and what kind of rollback may follow."""

    def __init__(self, status: str, code: str, message: str, event: str) -> None:
        super().__init__(message)
        self.status, self.code, self.event = status, code, event


def new_id() -> str:
    """Return an ID of the form that CodeDeploy's have."""
    return "d-" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(9))


class Deployment:
    """One deployment of a deployment group."""

    def __init__(
        self, plan: Plan, *, group: dict[str, Any], config: str, revision: dict[str, Any], account: str, region: str
    ) -> None:
        self.plan, self.group, self.config, self.revision = plan, group, config, revision
        self.account, self.region = account, region
        self.id = new_id()
        self.status, self.creator, self.description = "Created", "user", ""
        self.created = SETTING.clock.now()
        self.started: datetime | None = None
        self.completed: datetime | None = None
        self.error: dict[str, str] = {}
        self.rollback: dict[str, str] = {}
        self.terminating = False
        self.production_share = 0
        self.replacement: Revision | None = None
        self.events: dict[str, dict[str, Any]] = {
            name: {"lifecycleEventName": name, "status": "Pending"} for name in EVENTS
        }
        self.hook_answers: dict[str, str] = {}
        self.pending_hooks: set[str] = set()
        self.stop_wanted: bool | None = None
        "Whether a person's stop asks for a rollback too; None when nobody stopped it."
        self._next_alarm_look = 0.0

    @property
    def over(self) -> bool:
        """Whether it has come to an end."""
        return self.status in FINAL

    def start(self, deployments: dict[str, "Deployment"]) -> None:
        """Have it happen: beside the request when it is played, at once when not."""
        deployments[self.id] = self
        if SETTING.played:
            in_background(f"deployment {self.id}", self._run, deployments)
        else:
            self._at_once()

    def answer(self, execution: str, status: str) -> None:
        """Take a hook's verdict. Raises KeyError when no such hook is waited for."""
        if execution not in self.pending_hooks and execution not in self.hook_answers:
            raise KeyError(execution)
        # The first answer counts.
        self.hook_answers.setdefault(execution, status)

    def _run(self, deployments: dict[str, "Deployment"]) -> None:
        self.status, self.started = "InProgress", SETTING.clock.now()
        self._publish("START")
        try:
            self._forward()
        except Ended as ended:
            self._back_or_broken(ended, deployments)
        except Exception as error:  # noqa: BLE001  # a fault here must not leave a release half-way
            LOG.exception("deployment %s broke", self.id)
            self._back_or_broken(Ended("Failed", "INTERNAL_ERROR", str(error), ON_FAILURE), deployments)

    def _forward(self) -> None:
        self._hook("BeforeInstall")
        with self._event("Install"):
            self._install()
        self._hook("AfterInstall")
        with self._event("AllowTestTraffic"):
            self._shift(self.plan.test_listeners, 100)
        self._hook("AfterAllowTestTraffic")
        self._hook("BeforeAllowTraffic")
        with self._event("AllowTraffic"):
            for share, minutes in self.plan.steps:
                self._shift(self.plan.listeners, share)
                self.production_share = share
                self._wait(60 * minutes)
            self.plan.state.settle(self._installed())
        self._hook("AfterAllowTraffic")
        self.terminating = True
        self._wait(60 * self.plan.termination_minutes)
        if self.plan.original is not self.replacement:
            self.plan.original.body.end()
        self._end("Succeeded", "SUCCESS")

    def _install(self) -> None:
        self.replacement = self._new_revision()
        self.replacement.body.begin()
        deadline = SETTING.clock.epoch() + HOUR
        while not self.replacement.body.steady():
            if SETTING.clock.epoch() > deadline:
                message = (
                    "The deployment timed out while waiting for the replacement task set to become healthy. "
                    "This time out period is 60 minutes."
                )
                raise Ended("Failed", "TIMEOUT", message, ON_FAILURE)
            self._wait(LOOK_SECONDS)

    def _installed(self) -> Revision:
        if self.replacement is None:
            raise RuntimeError("nothing was installed")
        return self.replacement

    def _new_revision(self) -> Revision:
        plan = self.plan
        return plan.state.revision([plan.load_balancer], task_definition=plan.task_definition, external_id=self.id)

    def _back_or_broken(self, ended: Ended, deployments: dict[str, "Deployment"]) -> None:
        try:
            self._back(ended, deployments)
        except Exception as error:  # noqa: BLE001  # whoever waits for the deployment must not wait for ever
            LOG.exception("the way back of %s broke", self.id)
            self.error = {"code": "INTERNAL_ERROR", "message": str(error)}
            self._end("Failed", "FAILURE")

    def _back(self, ended: Ended, deployments: dict[str, "Deployment"]) -> None:
        for event in self.events.values():
            if event["status"] == "InProgress":
                event.update(status="Failed", endTime=SETTING.clock.now())
            elif event["status"] == "Pending":
                event["status"] = "Skipped"
        self.error = {"code": ended.code, "message": str(ended)}
        if ended.event not in self.plan.rollback_events and not self.stop_wanted:
            self._end(ended.status, "STOP" if ended.status == "Stopped" else "FAILURE")
            return
        rollback = self._rollback()
        deployments[rollback.id] = rollback
        self.rollback = {
            "rollbackDeploymentId": rollback.id,
            "rollbackMessage": f"Deployment {self.id} terminated. Automatic rollback is triggered with a DeploymentId {rollback.id}.",
        }
        self._end(ended.status, "STOP" if ended.status == "Stopped" else "FAILURE")
        rollback.restore(self)

    def _rollback(self) -> "Deployment":
        rollback = Deployment(
            self.plan,
            group=self.group,
            config="CodeDeployDefault.ECSAllAtOnce",
            revision=self.group.get("targetRevision") or self.revision,
            account=self.account,
            region=self.region,
        )
        rollback.creator = "codeDeployRollback"
        rollback.rollback = {
            "rollbackTriggeringDeploymentId": self.id,
            "rollbackMessage": f"Deployment {rollback.id} is triggered to roll back deployment {self.id}.",
        }
        return rollback

    def restore(self, failed: "Deployment") -> None:
        """Give all requests back to the version that had them, and end the other one."""
        self.status, self.started = "InProgress", SETTING.clock.now()
        self._publish("START")
        # It has the failed one's plan: nothing of it is lost by shifting from here.
        self._shift((*self.plan.listeners, *self.plan.test_listeners), 0)
        failed.production_share = 0
        self.plan.state.settle(self.plan.original)
        if failed.replacement:
            failed.replacement.body.end()
        for event in self.events.values():
            event.update(status="Succeeded", startTime=self.started, endTime=SETTING.clock.now())
        self._end("Succeeded", "SUCCESS")

    def _at_once(self) -> None:
        self.status, self.started = "InProgress", self.created
        plan = self.plan
        self.replacement = self._new_revision()
        self.replacement.body.begin()
        self._shift((*plan.test_listeners, *plan.listeners), 100)
        self.production_share = 100
        plan.state.settle(self.replacement)
        plan.original.body.end()
        task_sets.forget(plan.original.body)
        plan.state.revisions.remove(plan.original)
        for event in self.events.values():
            event.update(status="Succeeded", startTime=self.created, endTime=self.created)
        self._end("Succeeded", "SUCCESS")

    def _shift(self, listeners: tuple[str, ...], share: int) -> None:
        if listeners:
            found = traffic.rules(self.account, self.region, listeners=listeners)
            weights = {self.plan.original_group: 100 - share, self.plan.replacement_group: share}
            traffic.shift(self.account, self.region, found, weights)

    def _hook(self, name: str) -> None:
        with self._event(name):
            arn = self.plan.hooks.get(name)
            if arn:
                self._ask(name, arn)

    def _ask(self, name: str, arn: str) -> None:
        function = function_runner.function_of(arn, account=self.account, region=self.region)
        if function is None:
            raise Ended("Failed", "INVALID_LAMBDA_FUNCTION", f"{name}: there is no function {arn}", ON_FAILURE)
        execution = uuid.uuid4().hex
        self.pending_hooks.add(execution)
        function_runner.invoke_later(function, {"DeploymentId": self.id, "LifecycleEventHookExecutionId": execution})
        deadline = SETTING.clock.epoch() + HOUR
        while execution not in self.hook_answers:
            if SETTING.clock.epoch() > deadline:
                message = f"{name}: the hook did not answer within one hour"
                raise Ended("Failed", "HOOK_EXECUTION_FAILURE", message, ON_FAILURE)
            self._wait(LOOK_SECONDS)
        if self.hook_answers[execution] != "Succeeded":
            self.events[name]["diagnostics"] = {"errorCode": "ScriptFailed", "scriptName": arn, "message": "Failed"}
            message = f"The deployment failed because the lifecycle event hook {name} failed."
            raise Ended("Failed", "HOOK_EXECUTION_FAILURE", message, ON_FAILURE)

    @contextmanager
    def _event(self, name: str) -> Iterator[None]:
        event = self.events[name]
        event.update(status="InProgress", startTime=SETTING.clock.now())
        self._watch()
        yield
        event.update(status="Succeeded", endTime=SETTING.clock.now())

    def _wait(self, seconds: float) -> None:
        wait(seconds, self._watch)

    def _watch(self) -> None:
        """Raise Ended when an alarm is red or a person has stopped it."""
        if self.stop_wanted is not None:
            raise Ended("Stopped", "MANUAL_STOP", "The deployment was stopped by a person.", ON_REQUEST)
        now = SETTING.clock.epoch()
        if now < self._next_alarm_look:
            return
        self._next_alarm_look = now + ALARM_SECONDS
        red = alarms.in_alarm(self.account, self.region, list(self.plan.alarms))
        if red:
            message = (
                "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the "
                f"affected deployments have been stopped. Activated alarms: {' '.join(f'<{name}>' for name in red)}"
            )
            raise Ended("Stopped", "ALARM_ACTIVE", message, ON_ALARM)

    def _end(self, status: str, event: str) -> None:
        if status == "Succeeded":
            self.group["targetRevision"] = self.revision
        self.completed = SETTING.clock.now()
        self.status = status
        self._publish(event)

    def _publish(self, state: str) -> None:
        place = f"arn:aws:codedeploy:{self.region}:{self.account}"
        application, group = self.group["applicationName"], self.group["deploymentGroupName"]
        event_bus.publish(
            account=self.account,
            region=self.region,
            source="aws.codedeploy",
            detail_type="CodeDeploy Deployment State-change Notification",
            resources=[f"{place}:application:{application}", f"{place}:deploymentgroup:{application}/{group}"],
            detail={
                "region": self.region,
                "deploymentId": self.id,
                "instanceGroupId": self.group["deploymentGroupId"],
                "deploymentGroup": group,
                "application": application,
                "state": state,
            },
        )
