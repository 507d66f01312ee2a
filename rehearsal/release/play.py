"""One release from its beginning to its end: deployed, loaded, released, watched, judged, and nothing left of it."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from rehearsal import deployment, embedded_aws
from rehearsal.clock import Clock
from rehearsal.deployment import DEPLOY, Progress, synthesis
from rehearsal.emulator.apis import Apis
from rehearsal.failure import RehearsalError
from rehearsal.ports import free_port
from rehearsal.release.certifying import Certifying
from rehearsal.release.data_plane import DataPlane
from rehearsal.release.load.record import read
from rehearsal.release.metrics import Metrics
from rehearsal.release.outcome import LEAST_REQUESTS, Outcome, count
from rehearsal.release.plan import Plan
from rehearsal.release.prediction import predict
from rehearsal.release.project import APP, ENVIRONMENT, EXPECTED_START_SECONDS, SERVICE, Project
from rehearsal.release.stack_watch import LOOK_SECONDS, StackWatch
from rehearsal.release.stage import Stage
from rehearsal.release.timeline import Event, Timeline
from rehearsal.release.users import Users
from rehearsal.release.versions import new
from rehearsal.release.watching import Watcher
from rehearsal.toolkit import PLACEHOLDER_ACCOUNT, Toolkit
from spec import Deployment

DATA_PLANE_VARIABLE: Final = "UNDERSTUDY_DATA_PLANE"
BEFORE_SECONDS: Final = 6.0
"""Real: load on the old version alone, before the release begins."""

AFTER_SECONDS: Final = 4.0
"""Real: load on whatever is live, once all has settled."""

SETTLE_SECONDS: Final = 60.0
"""Real: how long tasks may take to be healthy at the beginning, or to leave at the end."""

PROCESS_SECONDS: Final = 3.0
"""Virtual: what a container's process takes to answer; the rest of its expected start is the image's pull."""

REASONS_SECONDS: Final = 2.0
"""Real: how long the CDK CLI may look for reasons after a rollback."""


def rehearse(
    original: Path, plan: Plan, *, progress: Progress, tell: Callable[[Event], None], keep: Path | None = None
) -> Outcome:
    """Play a release. Raises RehearsalError and SpecError for what keeps it from being played at all.

    `keep`: where to leave the logs.
    """
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="understudy-project-", ignore_cleanup_errors=True))
        )
        project = Project(original, folder, engine=plan.engine, strategy=plan.strategy, version=plan.version)
        wanted = project.deployment()
        progress.stage("starting database, cache, load balancer")
        clock = Clock.started_now(plan.speed)
        names = [wanted.edge.domain, f"*.{wanted.internal_domain}"]
        stage = stack.enter_context(
            Stage(
                clock,
                pull_seconds=EXPECTED_START_SECONDS - PROCESS_SECONDS,
                names=names,
                migrates_at_start=plan.strategy == "rolling",
            )
        )
        if keep:
            stack.callback(_keep, keep, stage, project)
        data_plane = DataPlane(stage)
        stack.callback(data_plane.stop)
        emulator = _embedded_aws(stack, project, data_plane, clock, progress)
        certifying = Certifying(progress, stage, emulator, wanted)
        deployment.up(project.workspace, app=APP, environment=ENVIRONMENT, port=emulator.port, progress=certifying)
        return _Play(plan, project, wanted, stage, emulator, clock, tell).run(stack, progress)


def _embedded_aws(
    stack: ExitStack, project: Project, data_plane: DataPlane, clock: Clock, progress: Progress
) -> embedded_aws.EmbeddedAws:
    variables = {DATA_PLANE_VARIABLE: data_plane.url, **clock.variable}
    stack.callback(embedded_aws.stop, project.workspace)
    return embedded_aws.ensure(project.workspace, port=free_port(), say=progress.say, variables=variables)


class _Play:
    def __init__(
        self,
        plan: Plan,
        project: Project,
        wanted: Deployment,
        stage: Stage,
        emulator: embedded_aws.EmbeddedAws,
        clock: Clock,
        tell: Callable[[Event], None],
    ) -> None:
        self.plan, self.project, self.wanted, self.stage = plan, project, wanted, stage
        self.emulator, self.clock = emulator, clock
        self.version = new(plan.version)
        self.timeline = Timeline(clock, tell)
        self.apis = Apis(endpoint=emulator.endpoint, account=PLACEHOLDER_ACCOUNT, region=wanted.region)
        self.stack_name = f"{wanted.prefix}-services"

    def run(self, stack: ExitStack, progress: Progress) -> Outcome:
        """Load, release, wait, count."""
        self._wait_for({"old": self.wanted.services[SERVICE].replicas}, "the old version to be healthy")
        progress.stage(f"synthesizing the release of {self.plan.version}")
        self.project.image(self.version)
        toolkit = Toolkit(self.project.workspace, self.emulator)
        toolkit.run(synthesis(self.project.workspace, APP, ENVIRONMENT), doing="synthesis")
        metrics = Metrics(self.stage.accounting, self.stage.balancer, self.clock, self._publish)
        stack.callback(metrics.stop)
        users = Users(self._order(), self.stage.folder)
        stack.callback(users.kill)
        progress.stage("the old version answers")
        time.sleep(BEFORE_SECONDS)
        restarts = self.stage.balancer.restarts
        progress.stage("releasing")
        watcher = Watcher(
            self.stage, self.apis, self.timeline, application=self.wanted.prefix, cluster=self.wanted.prefix
        )
        stack_watch = StackWatch(self.apis, self.stack_name, self.timeline)
        try:
            over = threading.Event()
            threading.Thread(target=self._hurry, args=(stack_watch, over), daemon=True).start()
            self._deploy(toolkit)
            over.set()
            self._wait_until_settled()
        finally:
            stack_watch.stop()
            watcher.stop()
        self._fill_up(users)
        users.stop()
        troubles = [*metrics.failures[:1], *watcher.troubles]
        return self._outcome(users, stack_watch, restarts, troubles)

    def _deploy(self, toolkit: Toolkit) -> None:
        arguments = [argument for argument in DEPLOY if argument != "--all"]
        arguments += ["services", "--exclusively", toolkit.assembly]
        try:
            toolkit.run(arguments, doing="the release", account=PLACEHOLDER_ACCOUNT)
        except RehearsalError as error:
            # A version that is taken back makes the command fail: that is as it should be. The stack's status decides.
            last = error.details.splitlines()[-1:] or [""]
            self.timeline.note("stack", f"cdk deploy: {last[0].strip()[:160]}")

    def _hurry(self, watch: StackWatch, over: threading.Event) -> None:
        """End the command when a stack has been back at rest for a while: it looks for reasons for half a minute more."""
        while not over.wait(LOOK_SECONDS):
            settled = "ROLLBACK" in watch.status and not watch.status.endswith("_IN_PROGRESS")
            if settled and time.time() > watch.ended + REASONS_SECONDS:
                record = self.project.workspace.record()
                if record and record.deploying:
                    record.deploying.stop()
                return

    def _wait_for(self, versions: dict[str, int], what: str) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            healthy = {
                name: sum(state == "healthy" for state in states)
                for name, states in self.stage.health_by_version().items()
            }
            if healthy == versions:
                return
            if time.monotonic() > deadline:
                details = "\n".join(self.stage.described().values())
                raise RehearsalError(f"waited in vain for {what}", remedy="see what stands", details=details)
            time.sleep(0.1)

    def _wait_until_settled(self) -> None:
        """Tasks that leave may still have requests when CloudFormation is done."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while len(self.stage.health_by_version()) != 1 and time.monotonic() < deadline:
            time.sleep(0.1)

    def _fill_up(self, users: Users) -> None:
        time.sleep(AFTER_SECONDS)
        deadline = time.monotonic() + SETTLE_SECONDS
        while users.tally["sent"] < LEAST_REQUESTS + self.plan.rate and time.monotonic() < deadline:
            time.sleep(0.2)

    def _publish(self, data: list[dict[str, Any]]) -> None:
        self.apis.call("cloudwatch", "put_metric_data", {"Namespace": "AWS/ApplicationELB", "MetricData": data})

    def _order(self) -> dict[str, Any]:
        plan = self.plan
        return {
            "port": self.stage.port(443),
            "host": self.wanted.edge.domain,
            "ca_file": str(self.stage.authority.file),
            "rate": plan.rate,
            "users": plan.users,
            "slow_share": plan.slow_share,
            "orders_share": plan.orders_share,
            "timeout_seconds": plan.timeout_seconds,
        }

    def _outcome(self, users: Users, watch: StackWatch, restarts: int, troubles: list[str]) -> Outcome:
        plan, service = self.plan, self.wanted.services[SERVICE]
        served = count(read(users.file), self.version.name, self.stage.places_of(self.version.name))
        verdict = next((event.minutes for event in self.timeline.events if against(event)), None)
        minutes = (watch.ended - watch.began) * plan.speed / 60
        objectives = self.wanted.objectives
        rate_of_a_user = plan.rate / plan.speed / plan.users
        return Outcome(
            engine=plan.engine,
            strategy=plan.strategy,
            version=plan.version,
            speed=plan.speed,
            served=served,
            live=tuple(sorted(self.stage.live_versions())),
            schema=tuple(self.stage.schema_versions()),
            stack_status=watch.status,
            minutes=minutes,
            rollback_minutes=None if verdict is None else max(0.0, minutes - verdict),
            release_objective=objectives.deploy_minutes or 0.0,
            rollback_objective=objectives.rollback_minutes or 0.0,
            exposed_seconds=(served.last_met - served.first_met) * plan.speed,
            predicted=predict(service.release, plan.version, rate_of_a_user),
            restarts=self.stage.balancer.restarts - restarts,
            troubles=tuple(troubles),
        )


def against(event: Event) -> bool:
    """Whether an event is a verdict against the new version."""
    words = {"hook": ("FAILED",), "alarm": ("-release-",), "phase": (": Failed", ": Stopped", "ROLLBACK", "FAILED")}
    calm = event.kind == "alarm" and not event.text.endswith(": ALARM")
    return not calm and any(word in event.text for word in words.get(event.kind, ()))


def _keep(folder: Path, stage: Stage, project: Project) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in [*stage.folder.glob("*.log"), stage.folder / "requests.tsv", stage.folder / "haproxy.cfg"]:
        if file.exists():
            (folder / file.name).write_bytes(file.read_bytes())
    for file in (project.workspace.cdk_log, project.workspace.emulator_log):
        if file.exists():
            (folder / file.name).write_bytes(file.read_bytes())
