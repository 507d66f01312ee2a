"""Application Auto Scaling: a service is brought within its target's limits when these are set."""

import json
from typing import Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.ecs.models import ecs_backends

from rehearsal.emulator.supplied.shelf import supply

_register_of_moto: Any = ApplicationAutoScalingResponse.register_scalable_target


def register_scalable_target(self: ApplicationAutoScalingResponse) -> str:
    """Let moto keep the target, then do what AWS does at once.

    A template under auto scaling leaves the count of tasks open; the service starts with one, and goes to the minimum
    with the activity "minimum capacity was set to".
    """
    answer: str = _register_of_moto(self)
    given = json.loads(self.body)
    kind, cluster, service = [*given["ResourceId"].split("/"), "", ""][:3]
    if kind == "service":
        ecs = ecs_backends[self.current_account][self.region]
        found, _ = ecs.describe_services(cluster, [service])
        for running in found:
            count = running.desired_count
            low, high = given.get("MinCapacity", count), given.get("MaxCapacity", count)
            # Zero tasks is how a service waits for its first release; nothing scales that.
            if count and not low <= count <= high:
                wanted = min(max(count, low), high)
                ecs.update_service({"cluster": cluster, "service": service, "desired_count": wanted})
    return answer


def install() -> None:
    """Answer this operation from now on."""
    supply(ApplicationAutoScalingResponse, register_scalable_target=register_scalable_target)
