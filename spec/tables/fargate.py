"""Task sizes that Fargate builds.

Source: Amazon ECS Developer Guide, "Task definition parameters for Fargate", Task size.
"""

from __future__ import annotations

MEMORY_GIB_BY_VCPU: dict[float, tuple[float, ...]] = {
    0.25: (0.5, 1, 2),
    0.5: (1, 2, 3, 4),
    1: tuple(range(2, 9)),
    2: tuple(range(4, 17)),
    4: tuple(range(8, 31)),
    8: tuple(range(16, 61, 4)),
    16: tuple(range(32, 121, 8)),
}
"""Memory in GiB that goes with each number of vCPUs."""


def nearest_size(vcpu: float, memory_gib: float) -> tuple[float, float]:
    """The smallest size, as (vCPU, GiB), that has at least what was asked for; the largest if nothing has."""
    for size, memories in MEMORY_GIB_BY_VCPU.items():
        for memory in memories:
            if size >= vcpu and memory >= memory_gib:
                return size, memory
    return 16, 120
