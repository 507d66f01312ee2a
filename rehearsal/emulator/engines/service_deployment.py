"""ECS's own engine: a service deployment from its first stage to its end, or back.

Stages and traffic: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html,
canary-deployment.html and deployment-type-linear.html there; PRE_PRODUCTION_TRAFFIC_SHIFT and PRODUCTION_TRAFFIC_SHIFT
recur at each step, and TEST_TRAFFIC_SHIFT and PRODUCTION_TRAFFIC_SHIFT alone run again on a rollback
(deployment-lifecycle-hooks.html). Alarms that are red at the start are not watched (deployment-alarm-failure.html).
The circuit breaker counts tasks that failed: half of the desired ones, at least 3 and at most 200
(deployment-circuit-breaker.html).
"""

import math
import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from rehearsal.emulator.engines import alarms, event_bus, lifecycle_hooks, task_sets, traffic
from rehearsal.emulator.engines.service_state import Revision, ServiceState
from rehearsal.emulator.engines.setting import LOG, SETTING, in_background
from rehearsal.emulator.engines.waiting import LOOK_SECONDS, wait

ALARM_SECONDS = 10.0
"How often the alarms are asked for. AWS does not say; ten seconds is what the emulator's alarms take to change."
LATE_SECONDS = 60.0
"From the end of a minute to its numbers, as the rehearsal's load balancer delivers them."
PATIENCE_SECONDS = 3 * 3600.0
"When CloudFormation gives a service up that does not become steady (AWS::ECS::Service: three hours)."


class DeploymentFailed(Exception):  # noqa: N818  # reads as what happened
    """Why a deployment cannot go on; `rolls_back` is false where the service does not want that."""

    def __init__(self, reason: str, *, rolls_back: bool = True) -> None:
        super().__init__(reason)
        self.rolls_back = rolls_back


class ServiceDeployment:
    """One deployment of a service."""

    def __init__(self, state: ServiceState, target: Revision) -> None:
        self.state = state
        self.target = target
        self.source = state.live
        place = state.service.arn.replace(":service/", ":service-deployment/")
        self.arn = f"{place}/{uuid.uuid4().hex[:21]}"
        self.id = f"ecs-svc/{uuid.uuid4().int % 10**19:019d}"
        self.status, self.stage, self.reason = "PENDING", "RECONCILE_SERVICE", ""
        self.created = self.updated = SETTING.clock.now()
        self.finished: datetime | None = None
        self.test_share = self.production_share = 0.0
        self.failed_tasks: set[str] = set()
        self.triggered: list[str] = []
        self.stop_requested = False
        self._next_alarm_look = 0.0
        config = state.configuration
        self.strategy: str = config.get("strategy") or "ROLLING"
        watched = config.get("alarms") or {}
        names = watched.get("alarmNames") or [] if watched.get("enable") else []
        red = alarms.in_alarm(state.account, state.region, names)
        self.alarm_names: list[str] = [] if red else list(names)
        self.alarms_status = "DISABLED" if red or not names else "MONITORING"

    @property
    def over(self) -> bool:
        """Whether it has come to an end."""
        return self.finished is not None

    @property
    def rollout_state(self) -> str:
        """The state that DescribeServices shows."""
        return {"SUCCESSFUL": "COMPLETED"}.get(
            self.status, "FAILED" if self.status.startswith("ROLLBACK") else "IN_PROGRESS"
        )

    def start(self) -> None:
        """Have it happen: beside the request when it is played, at once when not."""
        self.state.deployments.append(self)
        if SETTING.played:
            in_background(f"deployment of {self.state.service.name}", self.run)
        else:
            self._at_once()

    def run(self) -> None:
        """Go through all stages; back again when one fails."""
        self._publish("SERVICE_DEPLOYMENT_IN_PROGRESS", f"ECS deployment {self.id} in progress.")
        try:
            self._forward()
        except (DeploymentFailed, lifecycle_hooks.HookFailed) as failure:
            self._back_or_broken(str(failure), rolls_back=getattr(failure, "rolls_back", True))
        except Exception as error:  # noqa: BLE001  # a fault here must not leave a release half-way
            LOG.exception("the deployment of %s broke", self.state.service.name)
            self._back_or_broken(f"internal error: {error}", rolls_back=True)

    def _forward(self) -> None:
        self._say("IN_PROGRESS")
        shifting = self.strategy != "ROLLING"
        if shifting:
            self._enter("RECONCILE_SERVICE")
            self._enter("PRE_SCALE_UP")
        self._enter("SCALE_UP", hooks=False)
        self.target.body.begin()
        self._until_steady()
        if shifting:
            self._enter("POST_SCALE_UP")
            self.test_share = 100.0
            self._shift("testListenerRule", 100.0)
            self._enter("TEST_TRAFFIC_SHIFT")
            self._enter("POST_TEST_TRAFFIC_SHIFT")
            for share, bake_minutes in self._steps():
                self._enter("PRE_PRODUCTION_TRAFFIC_SHIFT")
                self.production_share = share
                self._shift("productionListenerRule", share)
                self._enter("PRODUCTION_TRAFFIC_SHIFT")
                self._wait(60 * bake_minutes)
            self._enter("POST_PRODUCTION_TRAFFIC_SHIFT")
        self.production_share = 100.0
        if not shifting:
            self._go_over()
            self._until_scaled_in()
        self._enter("BAKE_TIME", hooks=False)
        self._wait(self._bake_seconds())
        self._enter("CLEAN_UP", hooks=False)
        if shifting:
            self._go_over()
        self._end("SUCCESSFUL", "")
        self._publish("SERVICE_DEPLOYMENT_COMPLETED", f"ECS deployment {self.id} completed.")

    def _go_over(self) -> None:
        self.state.settle(self.target)
        if self.source:
            self.source.body.end()

    def _bake_seconds(self) -> float:
        """As configured; in a rolling deployment ECS computes it from the alarms, and does not say how
        (deployment-alarm-failure.html): taken for as long as they look back, and a minute in which the numbers arrive.
        """
        if self.strategy != "ROLLING":
            return 60 * float(self.state.configuration.get("bakeTimeInMinutes") or 0)
        if not self.alarm_names:
            return 0.0
        return alarms.span_seconds(self.state.account, self.state.region, self.alarm_names) + LATE_SECONDS

    def _bring_back(self, source: Revision) -> None:
        """Start tasks of the old version again, which has gone already."""
        source.body = replace(
            source.body,
            id=f"ecs-svc/{uuid.uuid4().int % 10**19:019d}",
            count=self.target.body.count,
            status="ACTIVE",
            begun=False,
            ended=False,
        )
        source.body.begin()
        while not source.body.steady():
            SETTING.clock.sleep(LOOK_SECONDS)

    def _back_or_broken(self, reason: str, *, rolls_back: bool) -> None:
        try:
            self._back(reason, rolls_back=rolls_back)
        except Exception as error:  # noqa: BLE001  # whoever waits for the deployment must not wait for ever
            LOG.exception("the way back of %s broke", self.state.service.name)
            self._end("ROLLBACK_FAILED", f"{reason}; internal error: {error}")

    def _back(self, reason: str, *, rolls_back: bool) -> None:
        LOG.warning("the deployment of %s failed: %s", self.state.service.name, reason)
        self.reason = reason
        self._publish("SERVICE_DEPLOYMENT_FAILED", reason, kind="ERROR")
        if self.source is None or not rolls_back:
            if self.source is None:
                self.target.body.end()
            self._end("STOPPED" if self.source else "ROLLBACK_FAILED", reason)
            return
        self._say("ROLLBACK_IN_PROGRESS")
        status = "ROLLBACK_SUCCESSFUL"
        self._shift("productionListenerRule", 0.0)
        self._shift("testListenerRule", 0.0)
        shifted, self.production_share, self.test_share = self.production_share, 0.0, 0.0
        try:
            if shifted:
                self._enter("PRODUCTION_TRAFFIC_SHIFT", watched=False)
                self._enter("TEST_TRAFFIC_SHIFT", watched=False)
        except lifecycle_hooks.HookFailed as failure:
            status, reason = "ROLLBACK_FAILED", f"{reason}; on the way back: {failure}"
        if self.source.body.ended:
            self._bring_back(self.source)
        self.state.settle(self.source)
        self.target.body.end()
        self._end(status, reason)

    def _at_once(self) -> None:
        self.target.body.begin()
        if self.strategy != "ROLLING":
            self._shift("testListenerRule", 100.0)
            self._shift("productionListenerRule", 100.0)
        self.production_share = 100.0
        self.state.settle(self.target)
        if self.source:
            self.source.body.end()
            task_sets.forget(self.source.body)
            self.state.revisions.remove(self.source)
        self._end("SUCCESSFUL", "")

    def _steps(self) -> list[tuple[float, float]]:
        """Return the shares of production traffic in percent, each with the minutes that follow it."""
        config = self.state.configuration
        if self.strategy == "CANARY":
            canary = config.get("canaryConfiguration") or {}
            return [(float(canary.get("canaryPercent", 5)), float(canary.get("canaryBakeTimeInMinutes", 10))), (100, 0)]
        if self.strategy == "LINEAR":
            linear = config.get("linearConfiguration") or {}
            step, minutes = float(linear.get("stepPercent", 10)), float(linear.get("stepBakeTimeInMinutes", 6))
            count = math.ceil(100 / step - 1e-9)
            return [(min(100.0, step * n), minutes if n < count else 0.0) for n in range(1, count + 1)]
        return [(100.0, 0.0)]

    def _shift(self, rule: str, share: float) -> None:
        """Forward a share of the requests at each named rule to the new revision, the rest to the old one."""
        old = self.source.body.target_groups if self.source else ()
        for index, balancer in enumerate(self.target.body.load_balancers):
            arn = (balancer.get("advancedConfiguration") or {}).get(rule)
            if not arn:
                continue
            found = traffic.rules(self.state.account, self.state.region, arns=[arn])
            new_group = balancer["targetGroupArn"]
            old_group = old[index] if index < len(old) else balancer["advancedConfiguration"]["alternateTargetGroupArn"]
            new_share = round(share) if self.source else 100
            traffic.shift(
                self.state.account, self.state.region, found, {old_group: 100 - new_share, new_group: new_share}
            )

    def _enter(self, stage: str, *, hooks: bool = True, watched: bool = True) -> None:
        self.stage, self.updated = stage, SETTING.clock.now()
        if not hooks:
            return
        for hook in self.state.configuration.get("lifecycleHooks") or []:
            if stage in (hook.get("lifecycleStages") or []) and hook.get("targetType", "AWS_LAMBDA") == "AWS_LAMBDA":
                lifecycle_hooks.ask(
                    hook,
                    stage,
                    deployment=self.arn,
                    details=self._details(),
                    account=self.state.account,
                    region=self.state.region,
                    waiting=self._wait if watched else SETTING.clock.sleep,
                )
                if watched:
                    self._watch()

    def _details(self) -> dict[str, Any]:
        def weights(share: float) -> dict[str, float]:
            old = {self.source.arn: 100 - share} if self.source else {}
            return {**old, self.target.arn: share}

        return {
            "serviceArn": self.state.service.arn,
            "targetServiceRevisionArn": self.target.arn,
            "testTrafficWeights": weights(self.test_share),
            "productionTrafficWeights": weights(self.production_share),
        }

    def _until_steady(self) -> None:
        breaker = self.state.configuration.get("deploymentCircuitBreaker") or {}
        threshold = min(max(3, math.ceil(self.target.body.count / 2)), 200)
        deadline = SETTING.clock.epoch() + PATIENCE_SECONDS
        while not self.target.body.steady():
            self.failed_tasks |= self.target.body.failed()
            if breaker.get("enable") and len(self.failed_tasks) >= threshold:
                reason = f"ECS deployment circuit breaker: tasks failed to start ({len(self.failed_tasks)} of them)."
                raise DeploymentFailed(reason, rolls_back=bool(breaker.get("rollback")))
            if SETTING.clock.epoch() > deadline:
                raise DeploymentFailed("the new tasks did not become steady")
            self._wait(LOOK_SECONDS)

    def _until_scaled_in(self) -> None:
        """A rolling deployment's alarms are watched on once the old tasks are gone (deployment-alarm-failure.html)."""
        while self.source and any(task.status != "STOPPED" for task in self.source.body.tasks()):
            self._wait(LOOK_SECONDS)

    def _wait(self, seconds: float) -> None:
        wait(seconds, self._watch)

    def _watch(self) -> None:
        """Raise DeploymentFailed when an alarm is red or somebody wants it to stop."""
        if self.stop_requested:
            raise DeploymentFailed("the deployment was stopped by a person")
        now = SETTING.clock.epoch()
        if now < self._next_alarm_look:
            return
        self._next_alarm_look = now + ALARM_SECONDS
        self.triggered = alarms.in_alarm(self.state.account, self.state.region, self.alarm_names)
        if self.triggered:
            self.alarms_status = "TRIGGERED"
            config = self.state.configuration["alarms"]
            reason = f"ECS deployment failed: alarm(s) detected: {', '.join(self.triggered)}"
            raise DeploymentFailed(reason, rolls_back=bool(config.get("rollback")))

    def _say(self, status: str) -> None:
        self.status, self.updated = status, SETTING.clock.now()

    def _end(self, status: str, reason: str) -> None:
        self.reason = reason
        self._say(status)
        self.finished = SETTING.clock.now()

    def _publish(self, name: str, reason: str, *, kind: str = "INFO") -> None:
        event_bus.publish(
            account=self.state.account,
            region=self.state.region,
            source="aws.ecs",
            detail_type="ECS Deployment State Change",
            resources=[self.state.service.arn],
            detail={
                "eventType": kind,
                "eventName": name,
                "deploymentId": self.id,
                "updatedAt": SETTING.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
                "reason": reason,
            },
        )
