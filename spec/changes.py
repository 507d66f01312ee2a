"""What may change about a service that runs, under which release engine, and about recovery.

| property | codedeploy | ecs | why not |
|---|---|---|---|
| release.engine | no | no | a new service replaces the old one, with tasks in one target group while the rule points at the other |
| between rolling and the others | (no rolling) | no | the service's pair of target groups and its rules begin or end; tried on no account |
| port, protocol | no | no | CloudFormation would make new target groups, and take those away that get the requests |
| first path or caller, last path or caller | no | no | the target group appears or goes, and with it the service's load balancer settings |
| everything else | by a release | yes | |

Under CodeDeploy, CloudFormation can change neither network nor load balancer nor task definition of a service (ECS API,
UpdateService: "For services using the blue/green (CODE_DEPLOY) deployment controller, only the desired count, deployment
configuration, health check grace period, task placement constraints ... can be updated"): sizes, variables, image and the
like reach it by the task definition of a release.

What may change about recovery, in each case with `cdk deploy --all` after it:

| change | may be | how, or why not |
|---|---|---|
| none or backup_restore → one that stands in | yes | the replica takes half an hour; an earlier stand-in's database goes first |
| pilot_light ↔ warm_standby, warm_percent | yes | tasks of the waiting region |
| one that stands in → none or backup_restore | while home is active | stacks and database stay until they are deleted |
| region | while it waits | a second stand-in is created; stacks and database of the first stay until they are deleted |
| witness_region | yes | leases are renewed in the stand-in meanwhile |
| active | after a failover or a failback, to what its report says | it tells the templates what has been moved; else a hook refuses it |
| generation | by one, for a replica in the abandoned region | its old database stays; a lower number would bring an old one back |
| heartbeat, lease, probes | yes | with the next beat |

The custom resource that guards a service's traffic gets these values with each deploy and compares them with the last
ones, before anything else about the service changes.
"""

from __future__ import annotations

from typing import Final

from spec.deployment import Deployment

BESIDE: Final = "Add a second service beside it with the new value, move the paths there in one deploy, and remove the old one in the next"

REMEDIES: Final = {
    "release.engine": BESIDE,
    "release.strategy": BESIDE,
    "port": BESIDE,
    "protocol": BESIDE,
    "reached": BESIDE,
}
"""What would be right instead, by property."""


def fixed(deployment: Deployment, name: str) -> dict[str, str]:
    """Values of the service `name` that no deploy changes in place, by property."""
    service = deployment.services[name]
    reached = {"from outside": bool(service.public), "by other services": bool(deployment.dependents(name))}
    return {
        "release.engine": service.release.engine,
        "release.strategy": "shifts traffic" if service.release.shifts else "rolling",
        "port": str(service.port),
        "protocol": service.protocol,
        "reached": " and ".join(how for how, true in reached.items() if true) or "by nobody",
    }


def remedies(deployment: Deployment, name: str) -> dict[str, str]:
    """What to do instead of changing each of `fixed`."""
    return {prop: REMEDIES[prop] for prop in fixed(deployment, name)}
