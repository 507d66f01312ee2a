"""What creating, changing and removing a service sets in motion."""

from collections.abc import Mapping
from typing import Any

from rehearsal.emulator.engines import service_state, task_definitions, task_sets, traffic
from rehearsal.emulator.engines.service_deployment import ServiceDeployment
from rehearsal.emulator.engines.service_state import Revision, ServiceState
from rehearsal.emulator.engines.setting import LOG, SETTING

STEADY_SECONDS = 3 * 3600.0
"As in service_deployment: CloudFormation's patience with a service."
DEPLOYS = frozenset(
    {
        "capacityProviderStrategy",
        "loadBalancers",
        "networkConfiguration",
        "platformVersion",
        "serviceConnectConfiguration",
        "serviceRegistries",
        "taskDefinition",
        "volumeConfigurations",
    }
)
"""Changes of these start a deployment (ECS API, UpdateService)."""


FIXED_UNDER_CODEDEPLOY = frozenset({"loadBalancers", "networkConfiguration", "platformVersion", "taskDefinition"})
"""UpdateService refuses these under CODE_DEPLOY: they change with a deployment of CodeDeploy (ECS API, UpdateService)."""


class NotSteady(Exception):  # noqa: N818  # reads as what happened
    """A service did not come to what its template wants; the message says why."""


class Refused(Exception):  # noqa: N818  # reads as what happened
    """An UpdateService that AWS would refuse."""


def created(state: ServiceState, given: Mapping[str, Any]) -> None:
    """Start a new service's tasks."""
    state.given = dict(given)
    revision = state.revision(list(state.service.load_balancers), task_definition=state.service.task_definition)
    revision.given = dict(given)
    if state.controller == "ECS":
        _start(state, revision)
    else:
        # CodeDeploy shifts requests away from this one with its first deployment.
        revision.body.begin()
        state.settle(revision)


def refuse(state: ServiceState, given: Mapping[str, Any]) -> None:
    """Raise Refused for what cannot be updated under the service's deployment controller."""
    if state.controller == "CODE_DEPLOY":
        changed = sorted(
            name for name in FIXED_UNDER_CODEDEPLOY if name in given and given[name] != state.given.get(name)
        )
        if changed:
            raise Refused(
                f"Unable to update {', '.join(changed)} on services with a CODE_DEPLOY deployment controller. "
                "Use AWS CodeDeploy to trigger a new deployment."
            )


def updated(state: ServiceState, given: Mapping[str, Any]) -> None:
    """Deploy what an UpdateService changed, or scale."""
    state.given = {**state.given, **given}
    live = state.live
    count = int(state.service.desired_count or 0)
    if live and live.body.count != count:
        live.body.count = count
        live.body.begin()
    if state.controller != "ECS":
        return
    wanted = state.service.task_definition
    if live:
        # Until the deployment has succeeded the service goes on with what it has.
        state.service.task_definition = live.body.task_definition
    under_way = [deployment for deployment in state.deployments if not deployment.over]
    base = under_way[-1].target if under_way else live
    state.awaited = under_way[-1] if under_way else None
    if base and not given.get("forceNewDeployment") and not _differs(state, base, given, wanted):
        return
    for deployment in under_way:
        # A newer deployment takes the place of one under way.
        deployment.stop_requested = True
    revision = state.revision(_other_groups(state), task_definition=wanted)
    revision.given = dict(given)
    _start(state, revision)


def _start(state: ServiceState, revision: Revision) -> None:
    state.awaited = ServiceDeployment(state, revision)
    state.awaited.start()


def _differs(state: ServiceState, base: Revision, given: Mapping[str, Any], wanted: str) -> bool:
    """Tell whether an UpdateService asks for another revision than the one that is there, or on its way."""
    definition = task_definitions.definition_of(wanted, account=state.account, region=state.region)
    if definition.arn != base.body.task_definition:
        return True
    return any(name in given and given[name] != base.given.get(name) for name in DEPLOYS - {"taskDefinition"})


def _other_groups(state: ServiceState) -> list[dict[str, Any]]:
    """Return the service's load balancers with the target groups that the live revision does not use."""
    used = set(state.live.body.target_groups) if state.live else set()
    chosen = []
    for balancer in state.service.load_balancers:
        advanced = balancer.get("advancedConfiguration") or {}
        alternate = advanced.get("alternateTargetGroupArn")
        if (
            alternate
            and balancer["targetGroupArn"] in used
            and state.configuration.get("strategy", "ROLLING") != "ROLLING"
        ):
            swapped = {**advanced, "alternateTargetGroupArn": balancer["targetGroupArn"]}
            balancer = {**balancer, "targetGroupArn": alternate, "advancedConfiguration": swapped}  # noqa: PLW2901
        chosen.append(balancer)
    return chosen


def await_steady(state: ServiceState) -> None:
    """Wait until a service is what its template wants, as CloudFormation does. Raises NotSteady."""
    deadline = SETTING.clock.epoch() + STEADY_SECONDS
    while SETTING.clock.epoch() < deadline:
        if state.controller == "ECS":
            latest: ServiceDeployment | None = state.awaited
            if latest is None:
                # ECS has what is wanted already: it went back by itself before CloudFormation does.
                return
            if latest.over:
                if latest.status == "SUCCESSFUL":
                    return
                raise NotSteady(f"{latest.reason} ({latest.status})")
        elif state.live is None or state.live.body.steady():
            return
        SETTING.clock.sleep(1)
    raise NotSteady("it did not become steady within three hours")


def attach() -> None:
    """Have everything that stands run on the data plane: an emulator became a rehearsal's after it had been filled."""
    traffic.push()
    for body in task_sets.all_task_sets():
        if body.ended:
            continue
        try:
            body.begin()
        except OSError as error:
            LOG.warning("%s does not run on the data plane: %s", body.name, error)


def removed(state: ServiceState) -> None:
    """End what a service runs."""
    service_state.remove(state)
