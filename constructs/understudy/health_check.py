"""The command by which a container finds out whether its process is still of use."""

from __future__ import annotations

import shlex

from spec.services import Service


def container_check(service: Service) -> list[str]:
    """Liveness, then every custom check; the container is healthy if all succeed.

    Paths are asked by `wget`, which BusyBox has too. 127.0.0.1 and not `localhost`: BusyBox asks only the first address
    of a name, and that is ::1, where many servers do not listen. A certificate of the container's own names no host.
    """
    health = service.health
    paths = [custom.path for custom in health.custom]
    commands = []
    if health.liveness.command:
        if not paths:
            return ["CMD", *health.liveness.command]
        commands.append(shlex.join(health.liveness.command))
    else:
        paths.insert(0, health.liveness.path)
    insecure = " --no-check-certificate" if service.protocol == "https" else ""
    commands += [
        f"wget -q -T {health.liveness.timeout_seconds}{insecure} -O /dev/null "
        f"{shlex.quote(f'{service.protocol}://127.0.0.1:{service.port}{path}')}"
        for path in paths
    ]
    return ["CMD-SHELL", " && ".join(commands)]
